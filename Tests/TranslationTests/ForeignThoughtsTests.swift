// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Translation

/// What a body that passes as it came loses of other providers' thoughts, and what it does not.
struct ForeignThoughtsTests {
  private func body(
    _ text: String, _ api: ForeignThoughts.API, _ model: String = "claude-sonnet-4-5",
    limit: Int64 = -1
  ) -> String? {
    let traits = api == .gemini ? Gemini.traits(of: model) : AnthropicMessages.traits(of: model)
    let target = UpstreamModel(name: model, traits: traits)
    let found = Array(text.utf8).withView {
      ForeignThoughts.body($0, of: api, to: target, maximumOutputTokens: limit)
    }
    switch found {
    case .asItCame: return nil
    case .unfit: return "unfit"
    case .changed(let bytes, _): return String(decoding: bytes, as: UTF8.self)
    }
  }

  private func thought(_ signature: String, _ space: String = "") -> String {
    #"{"type":"thinking","thinking":"t","signature"\#(space):\#(space)"\#(signature)"}"#
  }

  private func turns(_ block: String, _ more: String = "") -> String {
    #"{"model":"m","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":["#
      + block + #"{"type":"text","text":"a"}]}\#(more)],"max_tokens":9,"x" : 1e0}"#
  }

  @Test(arguments: [
    #"{"type":"thinking","thinking":"t","signature":"google#c2ln"}"#,
    #"{"type":"redacted_thinking","data":"rs_1|gAAAAB"}"#,
    #"{"type":"redacted_thinking","data":"gAAAAB"}"#,
  ])
  func anthropicsBodiesLoseThem(block: String) {
    for model in ["claude-sonnet-4-5", "kimi-k2"] {
      #expect(
        body(turns(block + ","), .anthropic, model)
          == turns("").replacing(#""model":"m","#, with: "")
          .replacing(#","max_tokens":9,"x" : 1e0}"#, with: #","max_tokens":9,"x":1e0,"#)
          + #""model":"\#(model)"}"#)
    }
    #expect(
      body(turns(block + ","), .anthropic, limit: 5)?
        .hasSuffix(#","x":1e0,"model":"claude-sonnet-4-5","max_tokens":5}"#) == true)
  }

  /// Servers with Anthropic's API that sign nothing take their thoughts back.
  @Test func anEmptySignatureIsNotClaudes() {
    for space in ["", " ", "\n\t "] {
      #expect(body(turns(thought("", space) + ","), .anthropic) != nil)
      #expect(body(turns(thought("", space) + ","), .anthropic, "kimi-k2") == nil)
    }
  }

  @Test func whatIsOnlyLikeAMarkPasses() {
    for text in [
      "google#1", #"say \"google#1\""#, #"\"signature\":\"\""#, "|gAAAA", "gAAAAB", "signature.x",
    ] {
      let block = #"{"type":"text","text":"\#(text)"},"#
      #expect(body(turns(block), .anthropic) == nil, "\(text)")
    }
    #expect(body(turns(thought("c2ln") + ","), .anthropic) == nil)
    #expect(
      body(turns(#"{"type":"tool_use","id":"a","name":"f","input":{"signature":""}},"#), .anthropic)
        == nil)
    #expect(body(#"{"messages":"google#","#, .anthropic) == nil, "left to the provider")
    #expect(body(#"{"input":"signature.x"}"#, .responses, "gpt-5") == nil)
    #expect(
      body(#"{"contents":[{"parts":[{"text":"Z2F0ZXdheSNSWEox"}]}]}"#, .gemini, "gemini-3") == nil)
  }

  /// A model with a budget refuses to go on without its thoughts.
  @Test func anOpenTurnIsTranslated() {
    let thinking = #","thinking":{"type":"enabled","budget_tokens":1024}}"#
    let result =
      #",{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]}"#
    let answer = #",{"role":"user","content":"More"}"#
    let foreign = thought("google#c2ln") + ","
    func found(_ more: String, _ end: String) -> String? {
      body(String(turns(foreign, more).dropLast()) + end, .anthropic)
    }
    #expect(found(result, thinking) == "unfit" && found("", thinking) == "unfit")
    #expect(found(answer, thinking) != "unfit" && found(result + answer, thinking) != "unfit")
    #expect(found(result, "}") != "unfit")
    #expect(found(result, thinking.replacing("enabled", with: "adaptive")) != "unfit")
  }

  @Test func aTurnOfNothingElseIsLeftOut() {
    let text =
      #"{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":["#
      + thought("google#c2ln") + #"]},{"role":"user","content":"More"}]}"#
    #expect(
      body(text, .anthropic)
        == #"{"messages":[{"role":"user","content":"Hi"},{"role":"user","content":"More"}],"#
        + #""model":"claude-sonnet-4-5"}"#)
  }

  @Test func geminisBodiesLoseSignaturesAndThoughts() {
    func text(_ parts: String) -> String {
      #"{"contents":[{"role":"model","parts":[\#(parts)]}],"labels":{"a":"b"}}"#
    }
    let mark = #""thoughtSignature":"Z2F0ZXdheSNSWEox""#
    let call = #"{"functionCall":{"name":"f","args":{}}}"#
    let thoughts = [
      #"{"text":"t","thought":true,\#(mark)}"#, #"{"text":"",\#(mark)}"#,
      #"{"text":"","thought":true,"thought_signature":"ZW5jcnlwdGVkI3JzXzF8Z0FBQUE="}"#,
    ]
    for thought in thoughts {
      #expect(
        body(text(thought + #",{"text":"a"}"#), .gemini, "gemini-2.5-flash")
          == text(#"{"text":"a"}"#))
    }
    #expect(
      body(text(#"{"text":"a",\#(mark)}"#), .gemini, "gemini-2.5-flash") == text(#"{"text":"a"}"#))
    // Gemini 3 wants some signature on the first call of a turn.
    let signed = String(call.dropLast()) + #","thoughtSignature":"\#(skipping)"}"#
    let given = text(thoughts[0] + "," + call + "," + call)
    #expect(body(given, .gemini, "gemini-3-pro") == text(signed + "," + call))
    #expect(body(given, .gemini, "gemini-2.5-flash") == text(call + "," + call))
    #expect(
      body(#"{"contents":{"parts":[\#(thoughts[0])]}}"#, .gemini, "gemini-3-pro") != nil,
      "a single turn need not be in a list")
  }

  @Test func gemini3IsToldThatAnotherModelsCallsHaveNoSignature() throws {
    func text(_ parts: String...) -> String {
      let turns = parts.map { #"{"role":"model","parts":[\#($0)]}"# }.joined(separator: ",")
      return #"{"contents":[{"parts":[{"text":"functionCall"}]},\#(turns)],"labels":{}}"#
    }
    let call = #"{"functionCall":{"id":"call_1","name":"f","args":{}}}"#
    let signed = String(call.dropLast()) + #","thoughtSignature":"\#(skipping)"}"#
    let own = String(call.dropLast()) + #","thoughtSignature":"c2ln"}"#
    let empty = String(call.dropLast()) + #","thoughtSignature":""}"#
    for given in [call, empty] {
      #expect(
        body(text(given + "," + call, own + "," + call), .gemini, "gemini-3-pro")
          == text(signed + "," + call, own + "," + call))
      #expect(body(text(given), .gemini, "gemini-2.5-flash") == nil)
    }
    #expect(body(text(own + "," + call), .gemini, "gemini-3-pro") == nil)
    #expect(body(text(#"{"functionCall":null}"#), .gemini, "gemini-3-pro") == nil)
    // Nothing is lost by it.
    let target = UpstreamModel(name: "gemini-3-pro", traits: Gemini.traits(of: "gemini-3-pro"))
    let passed = try #require(
      PassedRequest.make(
        JSONFragment(validated: Array(text(call).utf8)[...]).parsed, ChatRequest(),
        from: GeminiClient.self, to: Gemini.self, target))
    #expect(passed.losses.headerValue == nil)
    #expect(String(decoding: passed.body, as: UTF8.self) == text(signed))
  }

  private var skipping: String { GeminiSignature.skipping.plain }

  @Test func bedrocksBodiesLoseThem() {
    func text(_ block: String) -> String {
      #"{"messages":[{"role":"assistant","content":[\#(block){"text":"a"}]}],"x":[1]}"#
    }
    func reasoning(_ more: String) -> String {
      #"{"reasoningContent":{"reasoningText":{"text":"t"\#(more)}}},"#
    }
    let claude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
    #expect(body(text(reasoning("")), .bedrock, claude) == text(""))
    #expect(body(text(reasoning(#","signature":"google#a""#)), .bedrock, claude) == text(""))
    #expect(body(text(reasoning(#","signature":"c2ln""#)), .bedrock, claude) == nil)
    #expect(body(text(reasoning("")), .bedrock, "moonshot.kimi-k2-thinking") == nil)
  }

  @Test func responsesLoseItemsThatOpenAIDoesNotKnow() {
    func text(_ item: String, _ start: String = "", _ end: String = #","model":"gpt-5""#) -> String
    {
      #"{\#(start)"input":[\#(item){"role":"user","content":"Hi"}],"store":false\#(end)}"#
    }
    func given(_ item: String) -> String? {
      body(text(item + ",", #""model":"m","#, ""), .responses, "gpt-5")
    }
    let own = "rs_0123456789abcdef012345670"
    for item in [
      #"{"type":"reasoning","summary":[],"encrypted_content":"signature.c2ln"}"#,
      #"{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"rs_2|gAAAAB"}"#,
      #"{"type":"reasoning","id":"\#(own)","summary":[],"encrypted_content":"EmwK"}"#,
      #"{"type":"reasoning","id":"\#(own)","summary":[]}"#,
    ] {
      #expect(given(item) == text(""), "\(item)")
    }
    let call = #"{"type":"function_call","call_id":"c","name":"f","arguments":"{}""#
    #expect(
      given(call + #","extra_content":{"google":{"thought_signature":"R0VN"}}}"#)
        == text(call + "},"))
    let digits = String(repeating: "0123456789abcdef", count: 3)
    for id in ["rs_\(digits)", "rs_0\(digits.prefix(31))", "rs_1", "rs_\(digits.prefix(16))"] {
      #expect(
        given(#"{"type":"reasoning","id":"\#(id)","summary":[],"encrypted_content":"gAAAAB"}"#)
          == nil, "\(id)")
    }
  }
}
