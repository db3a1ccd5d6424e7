// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@testable import FakeProviders

private let tools = #"""
  "tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object",
  "required":["location"],"properties":{"location":{"type":"string"}}}}},
  {"type":"function","function":{"name":"send_mail"}},
  {"type":"custom","custom":{"name":"run_code"}}]
  """#

private func ask(_ content: String, _ rest: String) -> ProviderExchange {
  ProviderExchange(
    "/v1/chat/completions",
    #"{"model":"m","messages":[{"role":"user","content":"\#(content)"}],\#(tools)\#(rest)}"#)
}

private func names(_ answer: ProviderExchange) -> [String] {
  (answer.json["choices"]?[0]?["message"]?["tool_calls"]?.arrayValue ?? []).compactMap {
    ($0["function"] ?? $0["custom"])?["name"]?.stringValue
  }
}

@Suite struct ChatToolTests {
  @Test func requiredCallsTheFirstTool() throws {
    let answer = ask("Paris", #","tool_choice":"required""#)
    let choice = answer.json["choices"]?[0]
    #expect(choice?["finish_reason"] == "tool_calls")
    #expect(choice?["message"]?["content"] == .null)
    let call = try #require(choice?["message"]?["tool_calls"]?[0])
    #expect(call["type"] == "function")
    #expect(call["id"]?.stringValue?.hasPrefix("call_") == true)
    #expect(call["function"]?["arguments"] == #"{"location":"Paris"}"#)
  }

  @Test func theNamedToolIsCalled() {
    let named = #","tool_choice":{"type":"function","function":{"name":"send_mail"}}"#
    #expect(names(ask("x", named)) == ["send_mail"])
    let custom = ask("x = 1", #","tool_choice":{"type":"custom","custom":{"name":"run_code"}}"#)
    #expect(names(custom) == ["run_code"])
    let call = custom.json["choices"]?[0]?["message"]?["tool_calls"]?[0]
    #expect(call?["custom"]?["input"] == "x = 1")
    let unknown = #","tool_choice":{"type":"function","function":{"name":"fly"}}"#
    #expect(ask("x", unknown).status == 400)
  }

  @Test func automaticCallsWhatTheMessageNames() {
    #expect(names(ask("hello", "")) == [])
    #expect(names(ask("please get weather in Rome", "")) == ["get_weather"])
    let both = "get_weather, then send_mail"
    #expect(names(ask(both, "")) == ["get_weather", "send_mail"])
    #expect(names(ask(both, #","parallel_tool_calls":false"#)) == ["get_weather"])
    #expect(names(ask(both, #","tool_choice":"none""#)) == [])
  }

  @Test func aToolResultIsAnsweredInWords() {
    let answer = ProviderExchange(
      "/v1/chat/completions",
      #"""
      {"model":"m",\#(tools),"messages":[{"role":"user","content":"get_weather"},
      {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function",
      "function":{"name":"get_weather","arguments":"{}"}}]},
      {"role":"tool","tool_call_id":"c","content":"18 degrees"}]}
      """#)
    let choice = answer.json["choices"]?[0]
    #expect(choice?["message"]?["content"] == "The tool answered: 18 degrees")
    #expect(choice?["finish_reason"] == "stop")
  }

  @Test func aLimitCutsTheArguments() {
    let choice = ask("Paris", #","tool_choice":"required","max_tokens":5"#).json["choices"]?[0]
    #expect(choice?["finish_reason"] == "length")
    let call = choice?["message"]?["tool_calls"]?[0]
    #expect(call?["function"]?["arguments"] == "{\"")
  }

  @Test func streamedCallsAddUpToTheWholeOnes() {
    let rest = #","tool_choice":"required","stream":true"#
    let deltas = ask("Paris", rest).chunks.compactMap {
      $0["choices"]?[0]?["delta"]?["tool_calls"]?[0]
    }
    #expect(deltas.count > 2)
    #expect(deltas.allSatisfy { $0["index"] == 0 })
    #expect(deltas.filter { $0["id"] != nil }.count == 1)
    #expect(deltas.filter { $0["function"]?["name"] != nil }.count == 1)
    let arguments = deltas.compactMap { $0["function"]?["arguments"]?.stringValue }.joined()
    #expect(arguments == #"{"location":"Paris"}"#)
  }
}
