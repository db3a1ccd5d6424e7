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

/// OpenAI's Responses API as upstream.
struct OpenAIResponsesTests {
  @Test func everyParameterHasARule() {
    #expect(OpenAIResponses.parameters.parametersWithoutRule.isEmpty)
  }

  private func written(
    _ model: String, _ change: (inout ChatRequest) -> Void
  ) throws -> (body: String, losses: [String]) {
    var request = ChatRequest()
    request.messages = [Message(.user, [Block(.text("Hi"))])]
    change(&request)
    let target = UpstreamModel(name: model, traits: OpenAIResponses.traits(of: model))
    let translated = try RequestTranslator(
      client: OpenAIChatClient.self, provider: OpenAIResponses.self
    ).translate(request, to: target)
    return (
      String(decoding: translated.body, as: UTF8.self), translated.losses.losses.map(\.parameter)
    )
  }

  /// What OpenAI has encrypted goes back with its id; another provider's thoughts do not go.
  @Test func onlyOpenAIsThoughtsGoBack() throws {
    let found = try written("gpt-5") {
      $0.messages.append(
        Message(
          .assistant,
          [
            Block(.reasoning(ReasoningBlock(text: "a", encrypted: "rs_1|gAAAAABo"))),
            Block(.reasoning(ReasoningBlock(text: "b", signature: "s"))),
            Block(.reasoning(ReasoningBlock(text: .empty, encrypted: "ZGF0YQ=="))),
          ]))
    }
    #expect(
      found.body.contains(
        #"{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"a"}],"#
          + #""encrypted_content":"gAAAAABo"}"#))
    #expect(!found.body.contains(#""s""#) && !found.body.contains("ZGF0YQ"))
    #expect(found.losses == ["reasoning of earlier turns"])
  }

  @Test func thoughtsAreAskedForEncrypted() throws {
    let thinking = try written("gpt-5") { $0.reasoning = Reasoning(budgetTokens: 4_096) }
    #expect(thinking.body.contains(#""include":["reasoning.encrypted_content"]"#))
    #expect(thinking.body.contains(#""reasoning":{"effort":"medium"}"#))
    let plain = try written("gpt-4o") { $0.wantsLogProbabilities = true }
    #expect(plain.body.contains(#""include":["message.output_text.logprobs"]"#))
  }

  @Test func anItemsOwnIDIsKept() {
    let block = ResponsesReasoning.block(text: "t", encryptedContent: "gAAAAABo", id: "rs_7")
    #expect(block.encrypted == "rs_7|gAAAAABo")
    let foreign = ResponsesReasoning.block(text: "t", encryptedContent: "ZGF0YQ==", id: "rs_7")
    #expect(foreign.encrypted == "ZGF0YQ==")
  }
}

/// The older completions, over providers of chat.
struct CompletionsTests {
  private func request(_ text: String) throws -> ChatRequest {
    try CompletionsClient.readRequest(try JSONTree().parse(ArraySlice(text.utf8)))
  }

  @Test func aPromptIsAUsersMessage() throws {
    let found = try request(#"{"model":"m","prompt":["Once"],"echo":true,"messages":[]}"#)
    guard case .text(let text) = found.messages.first?.blocks.first?.content else {
      Issue.record("no text")
      return
    }
    #expect(text == "Once" && found.messages.map(\.role) == [.user])
    #expect(found.maximumOutputTokens == JSONFragment(16))
    #expect(found.others.map(\.name) == ["echo", "messages"] && found.family == nil)
  }

  @Test(arguments: [#"[1,2]"#, #"["a","b"]"#, #"[["a"]]"#, #"{}"#, "null"])
  func otherPromptsAreRefused(prompt: String) {
    #expect(throws: TranslationError.self) {
      try request(#"{"model":"m","prompt":\#(prompt)}"#)
    }
  }
}
