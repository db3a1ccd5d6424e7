// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Translation

/// What clients of OpenAI's chat completions send that is rare, and what becomes of it.
struct OpenAIRequestTests {
  private func read(_ body: String) throws -> ChatRequest {
    try OpenAIChatClient.readRequest(try JSONTree().parse(Array(body.utf8)[...]))
  }

  private func message(_ text: String) -> String {
    #"{"model":"m","messages":[{"role":"user","content":"Hi"},\#(text)]}"#
  }

  private func blocks(_ text: String) throws -> [String] {
    try read(message(text)).messages[1].blocks.map { block in
      switch block.content {
      case .text(let text): "text \(text.plain)"
      case .refusal(let text): "refusal \(text.plain)"
      case .toolCall(let call): "call \(call.id.plain) \(call.name.plain) \(call.arguments.plain)"
      case .reasoning(let thought): "thought \(thought.text.plain)"
      default: "?"
      }
    }
  }

  @Test func refusalsComeInTwoForms() throws {
    #expect(
      try blocks(#"{"role":"assistant","content":null,"refusal":"No."}"#) == ["refusal No."])
    #expect(
      try blocks(
        #"{"role":"assistant","content":[{"type":"text","text":"a"},"#
          + #"{"type":"refusal","refusal":"No."}]}"#) == ["text a", "refusal No."])
  }

  @Test func nothingSaidIsNoText() throws {
    for content in ["", #""content":null,"#, #""content":[],"#] {
      #expect(try blocks(#"{\#(content)"role":"assistant"}"#).isEmpty)
    }
    for content in ["", #","content":null"#, #","content":7"#, #","content":[{}]"#] {
      let error = #expect(throws: TranslationError.self) {
        try read(message(#"{"role":"user"\#(content)}"#))
      }
      #expect(error?.kind == .invalidRequest && error?.parameter?.hasPrefix("messages[1]") == true)
    }
  }

  @Test func theOlderCallsFindTheirResults() throws {
    let body = """
      {"model":"m","functions":[{"name":"f"}],"function_call":{"name":"f"},"messages":[
       {"role":"user","content":"Hi"},
       {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{\\"a\\":1}"}},
       {"role":"function","name":"f","content":"21"}]}
      """
    let request = try read(body)
    guard case .toolCall(let call)? = request.messages[1].blocks.first?.content,
      case .toolResult(let result)? = request.messages[2].blocks.first?.content,
      case .named(let name)? = request.toolChoice
    else {
      Issue.record("not read")
      return
    }
    #expect(call.id == result.id && call.arguments.plain == #"{"a":1}"# && name.plain == "f")
    #expect(request.tools.map(\.name.plain) == ["f"])
  }

  @Test(arguments: [
    (#""tools":[{"type":"custom","custom":{"name":"f"}}]"#, "tools.custom"),
    (
      #""tools":[{"type":"function","function":{"name":"f"}},{"type":"web_search"}]"#,
      "tools.web_search"
    ),
  ])
  func toolsThatAreNoFunctionsAreDroppedByName(_ member: String, _ parameter: String) throws {
    let request = try read(
      #"{"model":"m","messages":[{"role":"user","content":"Hi"}],\#(member)}"#)
    for provider in Wires.providers where provider != XAIChat.self {
      let translator = RequestTranslator(client: OpenAIChatClient.self, provider: provider)
      let dropped = try translator.translate(request, to: UpstreamModel(name: "m"))
      #expect(dropped.losses.headerValue == parameter)
      let error = #expect(throws: TranslationError.self) {
        try translator.translate(request, to: UpstreamModel(name: "m", unsupported: .refuse))
      }
      #expect(error?.kind == .unsupportedParameter && error?.parameter == parameter)
    }
    // Its own among them, and whatever may come.
    let passed = try RequestTranslator(client: OpenAIChatClient.self, provider: XAIChat.self)
      .translate(request, to: UpstreamModel(name: "m"))
    #expect(String(decoding: passed.body, as: UTF8.self).contains(member))
  }

  @Test func ofTwoMembersWithOneNameTheLastCounts() throws {
    let request = try read(
      #"{"model":"m","temperature":0.1,"temperature":0.10,"n":1,"n":2,"#
        + #""messages":[{"role":"user","role":"system","content":"a","content":"b"}]}"#)
    #expect(request.sampling.temperature == JSONFragment(literal: "0.10"))
    #expect(request.choiceCount == 2 && request.messages[0].role == .system)
  }

  /// What a client calls a parameter must not end the header field that names it.
  @Test func namesOfLossesAreHarmless() {
    var losses = LossReport()
    losses.dropped("a\r\nx-evil: 1", "")
    losses.dropped("b,c é\u{0}", "")
    losses.approximated("not named", "")
    losses.dropped(String(repeating: "z", count: 100), "")
    #expect(
      losses.headerValue == "a__x-evil:_1,b_c___," + String(repeating: "z", count: 64))
    var many = LossReport()
    for index in 0..<99 { many.dropped("p\(index)", "") }
    #expect(many.headerValue?.split(separator: ",").count == 32)
    #expect(LossReport().headerValue == nil)
  }
}
