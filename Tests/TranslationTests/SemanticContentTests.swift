// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Translation

/// What spans say of prompts and answers, by the API that the client speaks.
struct SemanticContentTests {
  private struct Content: Equatable {
    var system: String?
    var input: String
    var tools: String?
  }

  private func content(_ body: String, _ client: any ClientWire.Type) throws -> Content {
    let request = try client.readContent(try JSONTree().parse(Array(body.utf8)[...]))
    func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
    return Content(
      system: text(SemanticContent.systemInstructions(of: request)),
      input: text(SemanticContent.inputMessages(of: request)) ?? "",
      tools: text(SemanticContent.toolDefinitions(of: request)))
  }

  private let system = #"[{"type":"text","content":"Be brief."}]"#
  private let tools =
    #"[{"type":"function","name":"f","description":"d","parameters":{"type":"object"}}]"#
  private let conversation =
    #"[{"role":"user","parts":[{"type":"text","content":"Hi"},"#
    + #"{"type":"blob","modality":"image","mime_type":"image/png","content":"AA=="}]},"#
    + #"{"role":"assistant","parts":["#
    + #"{"type":"tool_call","id":"c1","name":"f","arguments":{"a":1}}]},"#
    + #"{"role":"tool","parts":[{"type":"tool_call_response","id":"c1","response":"ok"}]},"#
    + #"{"role":"user","parts":[{"type":"text","content":"Go on"}]}]"#

  @Test func anthropic() throws {
    let body = #"""
      {"model":"m","max_tokens":9,"system":"Be brief.","messages":[
       {"role":"user","content":[{"type":"text","text":"Hi"},{"type":"image",
        "source":{"type":"base64","media_type":"image/png","data":"AA=="}}]},
       {"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"f","input":{"a":1}}]},
       {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"ok"},
        {"type":"text","text":"Go on"}]}],
       "tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}]}
      """#
    #expect(
      try content(body, AnthropicClient.self)
        == Content(system: system, input: conversation, tools: tools))
  }

  @Test func gemini() throws {
    let body = #"""
      {"systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[
       {"role":"user","parts":[{"text":"Hi"},
        {"inlineData":{"mimeType":"image/png","data":"AA=="}}]},
       {"role":"model","parts":[{"functionCall":{"id":"c1","name":"f","args":{"a":1}}}]},
       {"role":"user","parts":[
        {"functionResponse":{"id":"c1","name":"f","response":{"result":"ok"}}},
        {"text":"Go on"}]}],
       "tools":[{"functionDeclarations":[
        {"name":"f","description":"d","parametersJsonSchema":{"type":"object"}}]}]}
      """#
    #expect(
      try content(body, GeminiClient.self)
        == Content(system: system, input: conversation, tools: tools))
  }

  @Test func bedrock() throws {
    let body = #"""
      {"system":[{"text":"Be brief."}],"messages":[
       {"role":"user","content":[{"text":"Hi"},
        {"image":{"format":"png","source":{"bytes":"AA=="}}}]},
       {"role":"assistant","content":[{"toolUse":{"toolUseId":"c1","name":"f","input":{"a":1}}}]},
       {"role":"user","content":[{"toolResult":{"toolUseId":"c1","content":[{"text":"ok"}]}},
        {"text":"Go on"}]}],
       "toolConfig":{"tools":[{"toolSpec":{"name":"f","description":"d",
        "inputSchema":{"json":{"type":"object"}}}}]}}
      """#
    #expect(
      try content(body, BedrockClient.self)
        == Content(system: system, input: conversation, tools: tools))
  }

  @Test func responses() throws {
    let body = #"""
      {"model":"m","instructions":"Be brief.","previous_response_id":"r1","background":true,
       "input":[
       {"role":"user","content":[{"type":"input_text","text":"Hi"},
        {"type":"input_image","image_url":"data:image/png;base64,AA=="}]},
       {"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}"},
       {"type":"function_call_output","call_id":"c1","output":"ok"},
       {"role":"user","content":"Go on"}],
       "tools":[{"type":"web_search"},
        {"type":"function","name":"f","description":"d","parameters":{"type":"object"}}]}
      """#
    #expect(
      try content(body, ResponsesClient.self)
        == Content(system: system, input: conversation, tools: tools))
  }

  @Test func openAIsSystemIsOneOfTheMessages() throws {
    let body = #"""
      {"model":"m","messages":[{"role":"system","content":"Be brief."},
       {"role":"user","content":[{"type":"image_url","image_url":{"url":"https://e.org/a"}},
        {"type":"file","file":{"file_id":"f1"}}]},
       {"role":"assistant","reasoning_content":"Hm.","tool_calls":[
        {"id":"c1","type":"function","function":{"name":"f","arguments":"{broken"}}]}]}
      """#
    #expect(
      try content(body, OpenAIChatClient.self)
        == Content(
          system: nil,
          input: #"[{"role":"system","parts":[{"type":"text","content":"Be brief."}]},"#
            + #"{"role":"user","parts":[{"type":"uri","modality":"image","uri":"https://e.org/a"},"#
            + #"{"type":"file","modality":"document","file_id":"f1"}]},"#
            + #"{"role":"assistant","parts":[{"type":"reasoning","content":"Hm."},"#
            + #"{"type":"tool_call","id":"c1","name":"f","arguments":"{broken"}]}]"#,
          tools: nil))
  }

  // MARK: Answers

  private func answer(_ events: [StreamEvent], most bytes: Int = 10_000) -> String? {
    var answer = SemanticAnswer(bytesMaximum: bytes)
    for event in events { answer.note(event) }
    return answer.messages.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func anAnswerIsPutTogether() {
    let events: [StreamEvent] = [
      .start(id: "x", model: "m"), .reasoning(choice: 0, "Let "), .reasoning(choice: 0, "me."),
      .reasoningSignature(choice: 0, "s"), .text(choice: 0, "He said \""),
      .text(choice: 1, "Other"), .text(choice: 0, "hi\"."),
      .toolCallStart(choice: 0, index: 0, id: "c1", name: "f", signature: nil),
      .toolCallStart(choice: 0, index: 1, id: "c2", name: "g", signature: nil),
      .toolCallArguments(choice: 0, index: 0, "{\"a\""),
      .toolCallArguments(choice: 0, index: 1, "{"),
      .toolCallArguments(choice: 0, index: 0, ":1}"),
      .finish(choice: 0, .toolCalls, native: nil, stopSequence: nil),
      .finish(choice: 1, .length, native: nil, stopSequence: nil), .end,
    ]
    #expect(
      answer(events)
        == #"[{"role":"assistant","parts":[{"type":"reasoning","content":"Let me."},"#
        + #"{"type":"text","content":"He said \"hi\"."},"#
        + #"{"type":"tool_call","id":"c1","name":"f","arguments":{"a":1}},"#
        + #"{"type":"tool_call","id":"c2","name":"g","arguments":"{"}],"#
        + #""finish_reason":"tool_call"},"#
        + #"{"role":"assistant","parts":[{"type":"text","content":"Other"}],"#
        + #""finish_reason":"length"}]"#)
    #expect(answer([.start(id: nil, model: nil), .end]) == nil)
  }

  @Test func whatComesAtTheLimitIsLeftOutWithoutAGap() {
    let pieces: [StreamEvent] = [
      .text(choice: 0, "0123456789"), .text(choice: 0, JSONText(String(repeating: "x", count: 90))),
      .text(choice: 0, "tail"), .text(choice: 1, "another"),
      .finish(choice: 0, .stop, native: nil, stopSequence: nil),
    ]
    #expect(
      answer(pieces, most: 200)
        == #"[{"role":"assistant","parts":[{"type":"text","content":"0123456789"}],"#
        + #""finish_reason":"stop"}]"#)
    for most in stride(from: 0, to: 1_500, by: 7) {
      let many = (0..<40).flatMap { (number: Int) -> [StreamEvent] in
        [
          .text(choice: number % 3, "some words"), .reasoning(choice: 0, "thought"),
          .toolCallStart(choice: 0, index: number, id: "call", name: "f", signature: nil),
          .toolCallArguments(choice: 0, index: number, "{\"a\":1}"),
        ]
      }
      #expect((answer(many, most: most)?.utf8.count ?? 0) <= most)
    }
  }
}
