// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Translation

struct ResponsesTests {
  private func request(_ text: String) throws -> ChatRequest {
    try ResponsesClient.readRequest(try JSONTree().parse(ArraySlice(text.utf8)))
  }

  private func events(_ steps: [StreamEvent], failingWith error: ProviderError? = nil) -> [JSONNode]
  {
    var encoder = ResponsesClient.makeStreamEncoder(Goldens.context)
    var output: [UInt8] = []
    for step in steps { encoder.encode(step, into: &output) }
    if let error { encoder.fail(error, into: &output) }
    return String(decoding: output, as: UTF8.self).split(separator: "\n").compactMap { line in
      guard line.hasPrefix("data: ") else { return nil }
      return try? JSONTree().parse(ArraySlice(line.dropFirst(6).utf8))
    }
  }

  @Test func itemsOfOneTurnBecomeOneMessage() throws {
    let found = try request(
      """
      {"model":"m","input":[{"role":"user","content":"q"},
      {"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":"a"},
      {"type":"summary_text","text":"b"}],"encrypted_content":"signature.s"},
      {"type":"message","role":"assistant","content":"text"},
      {"type":"function_call","call_id":"1","name":"f","arguments":"{"},
      {"type":"function_call","call_id":"2","name":"f"},
      {"type":"function_call_output","call_id":"1","output":"x"},
      {"type":"function_call_output","call_id":"2","output":[{"type":"input_text","text":"y"}]}]}
      """)
    #expect(found.messages.map(\.role) == [.user, .assistant, .user, .user])
    #expect(found.messages[1].blocks.count == 4)
    guard case .reasoning(let thoughts) = found.messages[1].blocks[0].content else {
      Issue.record("no thoughts")
      return
    }
    #expect(thoughts.text == "a\n\nb" && thoughts.signature == "s" && thoughts.encrypted == nil)
  }

  /// What answers carry for a provider comes back to it as it was.
  @Test func thoughtsTravelBothWays() throws {
    let blocks = [
      ReasoningBlock(text: "a\n\nb", signature: "sig="),
      ReasoningBlock(text: .empty, encrypted: "e="),
      ReasoningBlock(text: "open"),
    ]
    var response = ChatResponse()
    response.choices = [
      ChatResponse.Choice(blocks: blocks.map { Block(.reasoning($0)) }, finish: .stop)
    ]
    let written = ResponsesClient.writeResponse(response, Goldens.context)
    let output = try #require(try JSONTree().parse(written[...])["output"]).fragment
    let text = #"{"model":"m","input":\#(String(decoding: output.bytes, as: UTF8.self))}"#
    let read = try request(text).messages.flatMap(\.blocks).map { block in
      guard case .reasoning(let block) = block.content else { return ReasoningBlock(text: "?") }
      return block
    }
    for (one, other) in zip(blocks, read) {
      #expect(one.text == other.text && one.signature == other.signature)
      #expect(one.encrypted == other.encrypted)
    }
    #expect(read.count == blocks.count)
  }

  @Test func answersRepeatTheRequest() throws {
    let body = try JSONTree().parse(
      ArraySlice(
        """
        {"model":"m","input":"q","instructions":"i","temperature":0.5,"max_output_tokens":50,
        "metadata":{"k":"v"},"tools":[{"type":"function","name":"f"}],"tool_choice":"required",
        "reasoning":{"effort":"low"},"text":{"format":{"type":"json_object"}},"store":true}
        """.utf8))
    var context = Goldens.context
    context.echo = ResponsesClient.echo(of: body)
    let answer = try JSONTree().parse(ResponsesClient.writeResponse(ChatResponse(), context)[...])
    func said(_ name: StaticString) -> String {
      answer[name].map { String(decoding: $0.fragment.bytes, as: UTF8.self) } ?? "null"
    }
    #expect(said("instructions") == #""i""# && said("temperature") == "0.5")
    #expect(said("max_output_tokens") == "50" && said("metadata") == #"{"k":"v"}"#)
    #expect(said("tools") == #"[{"type":"function","name":"f","parameters":null,"strict":true}]"#)
    #expect(said("tool_choice") == #""required""# && said("top_p") == "1.0")
    #expect(said("reasoning") == #"{"effort":"low","summary":null}"#)
    #expect(said("text") == #"{"format":{"type":"json_object"}}"# && said("store") == "false")
  }

  /// Two calls whose pieces alternate, a third without arguments, text between and a refusal.
  @Test func itemsAreOpenedAndClosedInOrder() throws {
    let found = events([
      .start(id: "resp_theirs", model: "their-model"), .text(choice: 0, "a"),
      .refusal(choice: 0, "no"),
      .toolCallStart(choice: 0, index: 0, id: "c0", name: "f", signature: nil),
      .toolCallStart(choice: 0, index: 1, id: "c1", name: "g", signature: "gs"),
      .toolCallArguments(choice: 0, index: 0, #"{"x":"#),
      .toolCallArguments(choice: 0, index: 1, "{}"),
      .toolCallArguments(choice: 0, index: 0, "1}"), .text(choice: 1, "another answer's"),
      .toolCallStart(choice: 0, index: 2, id: "c2", name: "h", signature: nil),
      .finish(choice: 0, .toolCalls, native: nil, stopSequence: nil), .end,
    ])
    let types = found.compactMap { $0["type"]?.string }
    #expect(
      types.map { $0.replacing("response.", with: "") } == [
        "created", "in_progress", "output_item.added", "content_part.added", "output_text.delta",
        "output_text.done", "content_part.done", "content_part.added", "refusal.delta",
        "refusal.done", "content_part.done", "output_item.done", "output_item.added",
        "output_item.added", "function_call_arguments.delta", "function_call_arguments.delta",
        "function_call_arguments.delta", "output_item.added", "function_call_arguments.done",
        "output_item.done", "function_call_arguments.done", "output_item.done",
        "function_call_arguments.done", "output_item.done", "completed",
      ])
    #expect(found.map { $0["sequence_number"]?.integer } == (0..<Int64(found.count)).map { $0 })
    let response = try #require(found.last?["response"])
    #expect(response["id"]?.string == "resp_theirs" && response["model"]?.string == "their-model")
    let calls = try #require(response["output"]).elements.compactMap { $0["arguments"]?.string }
    #expect(calls == [#"{"x":1}"#, "{}", "{}"])
  }

  @Test func whatIsCutIsIncomplete() throws {
    let found = events([
      .start(id: nil, model: nil), .text(choice: 0, "a"),
      .finish(choice: 0, .length, native: nil, stopSequence: nil), .end,
    ])
    let last = try #require(found.last)
    #expect(last["type"]?.string == "response.incomplete")
    #expect(last["response"]?["incomplete_details"]?["reason"]?.string == "max_output_tokens")
    let item = last["response"]?["output"]?.elements.first { _ in true }
    #expect(item?["status"]?.string == "incomplete")
  }

  @Test func aFailureIsNoEnd() {
    let error = ProviderError(.overloaded, "busy")
    let begun = events([.start(id: nil, model: nil), .text(choice: 0, "a")], failingWith: error)
    #expect(begun.suffix(2).map { $0["type"]?.string } == ["response.failed", "error"])
    #expect(begun.last?["error"]?["message"]?.string == "busy")
    #expect(events([], failingWith: error).map { $0["type"]?.string } == ["error"])
  }
}
