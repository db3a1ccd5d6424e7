// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@testable import FakeProviders

private func exchange(_ body: String) -> ProviderExchange {
  ProviderExchange(
    ScriptedProvider { 0 }, "/v1/messages", body,
    headers: [("x-api-key", "k"), ("anthropic-version", "2023-06-01")])
}

/// The message of the error that a conversation meets; nil when it is answered.
private func refusal(_ messages: String, _ rest: String = "") -> String? {
  let answer = exchange(#"{"model":"m","max_tokens":2000,"messages":[\#(messages)]\#(rest)}"#)
  if answer.status == 200 { return nil }
  #expect(answer.status == 400)
  #expect(answer.json["error"]?["type"] == "invalid_request_error")
  return answer.json["error"]?["message"]?.stringValue ?? ""
}

private func user(_ content: String) -> String { #"{"role":"user","content":\#(content)}"# }
private func model(_ content: String) -> String { #"{"role":"assistant","content":\#(content)}"# }

private let question = user(#""hi""#)
private let call = #"{"type":"tool_use","id":"toolu_1","name":"f","input":{}}"#
private let result = #"{"type":"tool_result","tool_use_id":"toolu_1","content":"42"}"#
private let thinking = #","thinking":{"type":"enabled","budget_tokens":1024}"#

@Suite struct AnthropicStrictnessTests {
  @Test func whatMustBeThere() {
    #expect(
      exchange(#"{"model":"m","messages":[\#(question)]}"#).json["error"]?["message"]
        == "max_tokens: Field required")
    #expect(
      exchange(#"{"max_tokens":1,"messages":[\#(question)]}"#).json["error"]?["message"]
        == "model: Field required")
    #expect(
      exchange(#"{"model":"m","max_tokens":1}"#).json["error"]?["message"]
        == "messages: Field required")
    #expect(refusal("") == "messages: at least one message is required")
    #expect(refusal(question, #","seed":1"#) == "seed: Extra inputs are not permitted")
    #expect(refusal(question) == nil)
  }

  @Test func rolesAndContent() {
    #expect(refusal(model(#""x""#))?.contains("first message must use the \"user\" role") == true)
    #expect(refusal(#"{"role":"tool","content":"x"}"#)?.contains("Unexpected role") == true)
    let system = #"{"role":"system","content":"x"}"#
    #expect(refusal(system + "," + question)?.contains("top-level") == true)
    #expect(refusal(question + "," + question) == nil)
    #expect(refusal(user(#""""#))?.contains("non-empty content") == true)
    #expect(refusal(user("[]"))?.contains("non-empty content") == true)
    let empty = #"[{"type":"text","text":""},{"type":"text","text":"x"}]"#
    #expect(refusal(user(empty)) == "messages: text content blocks must be non-empty")
    #expect(
      refusal(user(#""  ""#)) == "messages: text content blocks must contain non-whitespace text")
    #expect(refusal(question + "," + model(#""He said ""#))?.contains("trailing") == true)
    #expect(refusal(question + "," + model(#""He said""#)) == nil)
    #expect(refusal(user(#"[{"type":"image_url"}]"#))?.contains("Input tag 'image_url'") == true)
  }

  @Test func resultsFollowTheirCallsAtOnce() {
    let start = question + "," + model("[\(call)]")
    #expect(refusal(start + "," + user("[\(result)]")) == nil)
    let text = #"{"type":"text","text":"there"}"#
    #expect(refusal(start + "," + user("[\(result),\(text)]")) == nil)
    let open = "`tool_use` ids were found without `tool_result` blocks immediately after: toolu_1"
    #expect(refusal(start + "," + user("[\(text),\(result)]"))?.contains(open) == true)
    #expect(refusal(start + "," + user(#""no""#))?.contains(open) == true)
    #expect(refusal(start)?.contains(open) == true)
    let second = call.replacing("toolu_1", with: "toolu_2")
    let two = question + "," + model("[\(call),\(second)]")
    #expect(refusal(two + "," + user("[\(result)]"))?.contains("after: toolu_2") == true)
    // Consecutive messages of the user are one turn.
    let other = result.replacing("toolu_1", with: "toolu_2")
    #expect(refusal(two + "," + user("[\(result)]") + "," + user("[\(other)]")) == nil)
    #expect(refusal(user("[\(result)]"))?.contains("unexpected `tool_use_id`") == true)
    let twice = start + "," + user("[\(result),\(result)]")
    #expect(refusal(twice)?.contains("multiple `tool_result`") == true)
  }

  @Test func toolIdentifiersHaveTheirPattern() {
    for bad in ["a.b", "", "call:1", String(repeating: "x", count: 65)] {
      let named = call.replacing("toolu_1", with: bad)
      #expect(
        refusal(question + "," + model("[\(named)]"))?.contains("should match pattern") == true)
    }
  }

  @Test func parametersAreHeldToTheirRanges() {
    #expect(refusal(question, #","temperature":1.5"#)?.hasPrefix("temperature: ") == true)
    let wordy = exchange(#"{"model":"m","max_tokens":"x","messages":[\#(question)]}"#)
    #expect(wordy.json["error"]?["message"] == "max_tokens: Input should be a valid integer")
    #expect(refusal(question, #","stop_sequences":[" "]"#)?.hasPrefix("stop_sequences.0") == true)
    #expect(refusal(question, #","tool_choice":{"type":"auto"}"#)?.contains("tool_choice") == true)
    let nameless = #","tools":[{"name":"a b","input_schema":{"type":"object"}}]"#
    #expect(refusal(question, nameless)?.contains("should match pattern") == true)
    #expect(refusal(question, #","tools":[{"name":"a"}]"#)?.contains("input_schema") == true)
  }

  @Test func thinkingHasItsConditions() {
    #expect(refusal(question, thinking) == nil)
    #expect(refusal(question, thinking + #","temperature":0.5"#)?.contains("temperature") == true)
    let small = #","thinking":{"type":"enabled","budget_tokens":1000}"#
    #expect(refusal(question, small)?.contains("1024") == true)
    let large = #","thinking":{"type":"enabled","budget_tokens":2000}"#
    #expect(refusal(question, large)?.contains("must be greater than") == true)
    let tool = #","tools":[{"name":"f","input_schema":{"type":"object"}}]"#
    let forced = thinking + tool + #","tool_choice":{"type":"any"}"#
    #expect(refusal(question, forced)?.contains("Thinking may not be enabled") == true)
  }

  @Test func thinkingIsReplayedVerbatim() throws {
    let tool = #","tools":[{"name":"f","input_schema":{"type":"object"}}]"#
    let first = exchange(
      #"{"model":"m","max_tokens":2000,"messages":[\#(user(#""[[script:call=f]]""#))]"#
        + thinking + tool + "}")
    let content = try #require(first.json["content"])
    #expect(content[0]?["type"] == "thinking")
    let identifier = try #require(content[1]?["id"]?.stringValue)
    let answer = result.replacing("toolu_1", with: identifier)
    func next(_ content: String) -> String? {
      refusal(
        question + "," + model(content) + "," + user("[\(answer)]"), thinking + tool)
    }
    #expect(next(content.text) == nil)
    let changed = content.text.replacing("I think about it", with: "I think on it")
    #expect(next(changed) == "messages.1.content.0: Invalid `signature` in `thinking` block")
    let bare = try #require(content[1]).text
    #expect(next("[\(bare)]")?.contains("but found `tool_use`") == true)
    let late = "[\(bare),\(try #require(content[0]).text)]"
    #expect(next(late)?.contains("the first block must be `thinking`") == true)
  }

  @Test func redactedThinkingIsReplayedVerbatim() throws {
    let first = exchange(
      #"{"model":"m","max_tokens":99,"messages":[\#(user(#""[[script:hidden_reasoning=7]]""#))]}"#)
    let content = try #require(first.json["content"])
    #expect(content[0]?["type"] == "redacted_thinking")
    #expect(refusal(question + "," + model(content.text) + "," + question) == nil)
    let changed = model(#"[{"type":"redacted_thinking","data":"AAAA"},{"type":"text","text":"x"}]"#)
    #expect(refusal(question + "," + changed + "," + question)?.contains("Invalid `data`") == true)
  }

  @Test func theCurrentVersionTakesLess() {
    func refusal(_ rest: String, _ messages: String = question) -> String? {
      ProviderExchange(
        ScriptedProvider { 0 }, "/v1/messages",
        #"{"model":"m","max_tokens":9,"messages":[\#(messages)]\#(rest)}"#,
        headers: [("Authorization", "Bearer k"), ("anthropic-version", "2026-10-21")]
      ).json["error"]?["message"]?.stringValue
    }
    #expect(refusal("") == nil)
    #expect(refusal(#","temperature":1"#) == "temperature: Extra inputs are not permitted")
    let document = #"{"type":"document","source":{"type":"text","data":"x"}}"#
    #expect(refusal("", question + "," + model("[\(document)]"))?.contains("Input tag") == true)
    let cited = user(#"[{"type":"text","text":"x","citations":[{"type":"char_location"}]}]"#)
    #expect(refusal("", cited)?.contains("citations") == true)
  }

  @Test func newerModelsDecideThemselves() {
    func refusal(_ model: String, _ rest: String, _ messages: String = question) -> String? {
      exchange(#"{"model":"\#(model)","max_tokens":2000,"messages":[\#(messages)]\#(rest)}"#)
        .json["error"]?["message"]?.stringValue
    }
    let warm = #","temperature":0.2"#
    #expect(
      refusal("claude-opus-4-8", warm) == "`temperature` is deprecated for this model.")
    #expect(refusal("claude-sonnet-4-6", warm) == nil)
    #expect(refusal("claude-opus-5-5", thinking)?.contains("not supported") == true)
    #expect(refusal("claude-opus-5-5", #","thinking":{"type":"adaptive"}"#) == nil)
    let prefilled = question + "," + model(#""Well""#)
    #expect(refusal("claude-sonnet-4-6", "", prefilled)?.contains("prefill") == true)
    #expect(refusal("claude-sonnet-4-5", "", prefilled) == nil)
    let note = question + #",{"role":"system","content":"now in French"}"#
    #expect(refusal("claude-sonnet-4-5", "", note)?.contains("\"system\"") == true)
    #expect(refusal("claude-opus-4-8", "", note) == nil)
  }
}
