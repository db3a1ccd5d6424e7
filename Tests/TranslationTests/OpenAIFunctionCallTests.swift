// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Translation

/// Requests with the older `functions` are answered with `function_call`.
struct OpenAIFunctionCallTests {
  private func request(_ more: String) throws -> ChatRequest {
    let text = #"{"model":"m","messages":[{"role":"user","content":"?"}]\#(more)}"#
    return try OpenAIChatClient.readRequest(try JSONTree().parse(Array(text.utf8)[...]))
  }

  private static let functions = #","functions":[{"name":"now"}]"#
  private static let tools = #","tools":[{"type":"function","function":{"name":"now"}}]"#

  private static let response: ChatResponse = {
    var response = ChatResponse()
    response.choices = [
      ChatResponse.Choice(
        blocks: ["a", "b"].map {
          Block(
            .toolCall(ToolCall(id: $0, name: "now", arguments: JSONText(#"{"in":"\#($0.plain)"}"#)))
          )
        }, finish: .toolCalls)
    ]
    return response
  }()

  private func context(_ form: AnswerForm) -> AnswerContext {
    var context = AnswerContext(requestID: "x", createdSeconds: 1, model: "m")
    context.form = form
    return context
  }

  @Test func onlyTheOlderFormAsksForTheOlderAnswer() throws {
    #expect(try request(Self.functions).answerForm == .functionCall)
    #expect(try request(Self.functions).allowsParallelToolCalls == false)
    #expect(try request(Self.functions + Self.tools).answerForm == .usual)
    #expect(try request(Self.tools).answerForm == .usual)
    #expect(try request(#","functions":[]"#).answerForm == .usual)
    #expect(try request(#","function_call":"auto""#).allowsParallelToolCalls == nil)
  }

  @Test func wholeAnswersHaveTheFirstCall() throws {
    let bytes = OpenAIChatClient.writeResponse(Self.response, context(.functionCall))
    let choice = try #require(
      try JSONTree().parse(bytes[...])["choices"]?.elements.first { _ in true })
    #expect(choice["finish_reason"]?.string == "function_call")
    #expect(choice["message"]?["tool_calls"] == nil)
    #expect(choice["message"]?["function_call"]?["name"]?.string == "now")
    #expect(choice["message"]?["function_call"]?["arguments"]?.string == #"{"in":"a"}"#)
  }

  @Test func streamsHaveTheFirstCall() throws {
    var encoder = OpenAIChatClient.makeStreamEncoder(context(.functionCall))
    var output: [UInt8] = []
    for event in Self.response.events { encoder.encode(event, into: &output) }
    let text = String(decoding: output, as: UTF8.self)
    #expect(!text.contains("tool_calls"))
    #expect(text.contains(#""delta":{"function_call":{"name":"now","arguments":""}}"#))
    #expect(text.contains(#""delta":{"function_call":{"arguments":"{\"in\":\"a\"}"}}"#))
    #expect(!text.contains(#"\"b\""#))
    #expect(text.contains(#""finish_reason":"function_call""#))
  }

  /// Who can be told to call one function only is told; no one else is blamed for not being able.
  @Test func oneCallIsAskedForWithoutALoss() throws {
    let request = try request(Self.functions)
    for provider in Wires.providers {
      var target = GoldenTests.target(provider)
      target.unsupported = .refuse
      let written = try RequestTranslator(client: OpenAIChatClient.self, provider: provider)
        .translate(request, to: target)
      let body = String(decoding: written.body, as: UTF8.self)
      let isTold =
        body.contains(#""parallel_tool_calls":false"#)
        || body.contains(#""disable_parallel_tool_use":true"#)
      let takesIt =
        ["openai", "openai-compatible", "azure", "vllm", "xai", "anthropic"]
        .contains("\(provider.name)") || "\(provider.name)" == "openai-responses"
      #expect(isTold == takesIt, "\(provider.name): \(body)")
      #expect(!written.losses.losses.contains { $0.parameter == "parallel_tool_calls" })
    }
  }

  @Test func theOSeriesIsNotToldAndNothingIsLost() throws {
    let request = try request(Self.functions)
    let providers: [any ProviderWire.Type] = [OpenAIChat.self, OpenAIResponses.self]
    for provider in providers {
      let traits = provider.traits(of: "o1-pro")
      let written = try RequestTranslator(client: OpenAIChatClient.self, provider: provider)
        .translate(
          request, to: UpstreamModel(name: "o1-pro", traits: traits, unsupported: .refuse))
      #expect(!String(decoding: written.body, as: UTF8.self).contains("parallel_tool_calls"))
      #expect(written.losses.headerValue == nil)
    }
  }
}
