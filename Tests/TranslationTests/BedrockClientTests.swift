// SPDX-License-Identifier: MIT

import Bytes
import JSON
import Testing

@testable import Translation

struct BedrockClientTests {
  private struct Lines: FrameSink {
    var found: [String] = []

    mutating func take(_ frame: StreamFrame) {
      found.append((frame.isException ? "!" : "") + frame.name.string + " " + frame.data.string)
    }
  }

  private func lines(
    _ steps: [StreamEvent], failingWith error: ProviderError? = nil
  ) throws -> [String] {
    var encoder = BedrockClient.makeStreamEncoder(Goldens.context)
    var output: [UInt8] = []
    for step in steps { encoder.encode(step, into: &output) }
    if let error { encoder.fail(error, into: &output) }
    var lines = Lines()
    var reader = FrameReader(.amazonEventStream)
    try output.withView { try reader.feed($0, to: &lines) }
    try reader.end(to: &lines)
    return lines.found
  }

  private func request(_ text: String) throws -> ChatRequest {
    try BedrockClient.readRequest(try JSONTree().parse(ArraySlice(text.utf8)))
  }

  /// A stream's time is that of its last piece.
  @Test func metadataTellsHowLongItTook() {
    var encoder = BedrockClient.makeStreamEncoder(Goldens.context)
    var output: [UInt8] = []
    encoder.note(elapsedMilliseconds: 800)
    encoder.encode(.usage(Usage()), into: &output)
    encoder.note(elapsedMilliseconds: 1_200)
    encoder.encode(.end, into: &output)
    let text = String(decoding: output, as: UTF8.self)
    #expect(text.contains(#""metrics":{"latencyMs":1200}"#))
  }

  @Test func errorsAreNamedInAField() {
    let kinds: [(ProviderError.Kind, String)] = [
      (.rateLimit, "ThrottlingException"), (.overloaded, "ServiceUnavailableException"),
      (.invalidRequest, "ValidationException"), (.notFound, "ResourceNotFoundException"),
      (.timeout, "ModelTimeoutException"), (.server, "InternalServerException"),
    ]
    for (kind, name) in kinds {
      let fields = BedrockClient.errorHeaderFields(for: ProviderError(kind, "m"))
      #expect(fields.map { "\($0.name)=\($0.value)" } == ["x-amzn-errortype=\(name)"])
    }
    #expect(OpenAIChatClient.errorHeaderFields(for: ProviderError(.server, "m")).isEmpty)
  }

  /// What Bedrock's own errors are read as is what they are written as.
  @Test(arguments: ProviderError.Kind.allCases)
  func errorsGoBothWays(kind: ProviderError.Kind) {
    let same: [ProviderError.Kind] = [.contextLengthExceeded, .contentFilter, .requestTooLarge]
    let headers = ErrorHeaders(amazonErrorType: "\(BedrockErrors.name(of: kind))")
    let body = Array(#"{"message":"m"}"#.utf8)
    let read = body.withView { BedrockErrors.read(status: 400, headers: headers, body: $0) }
    #expect(read.kind == (same.contains(kind) ? .invalidRequest : kind))
  }

  @Test func callsThatAlternateAreToldOneAfterTheOther() throws {
    let found = try lines([
      .start(id: nil, model: nil),
      .toolCallStart(choice: 0, index: 0, id: "a", name: "f", signature: nil),
      .toolCallArguments(choice: 0, index: 0, #"{"s":"}","#),
      .toolCallStart(choice: 0, index: 1, id: "b", name: "g", signature: nil),
      .toolCallArguments(choice: 0, index: 1, "{}"),
      .toolCallArguments(choice: 0, index: 0, #""t":1}"#),
      .finish(choice: 0, .toolCalls, native: nil, stopSequence: nil), .end,
    ])
    #expect(
      found == [
        #"messageStart {"role":"assistant"}"#,
        #"contentBlockStart {"start":{"toolUse":{"toolUseId":"a","name":"f"}},"#
          + #""contentBlockIndex":0}"#,
        #"contentBlockDelta {"delta":{"toolUse":{"input":"{\"s\":\"}\","}},"contentBlockIndex":0}"#,
        #"contentBlockDelta {"delta":{"toolUse":{"input":"\"t\":1}"}},"contentBlockIndex":0}"#,
        #"contentBlockStop {"contentBlockIndex":0}"#,
        #"contentBlockStart {"start":{"toolUse":{"toolUseId":"b","name":"g"}},"#
          + #""contentBlockIndex":1}"#,
        #"contentBlockDelta {"delta":{"toolUse":{"input":"{}"}},"contentBlockIndex":1}"#,
        #"contentBlockStop {"contentBlockIndex":1}"#, #"messageStop {"stopReason":"tool_use"}"#,
      ])
  }

  @Test func aFailureIsAnException() throws {
    let found = try lines(
      [.start(id: nil, model: nil), .text(choice: 0, "a")],
      failingWith: ProviderError(.rateLimit, "slow"))
    #expect(found.last == #"!throttlingException {"message":"slow"}"#)
    #expect(try lines([], failingWith: ProviderError(.timeout, "late")).count == 1)
  }

  /// SDKs decode it and raise where they cannot.
  @Test func onlyBase64IsRedactedContent() throws {
    let found = try lines([
      .encryptedReasoning(choice: 0, "rs_1|gAAAAABo"), .encryptedReasoning(choice: 0, "ZGF0YQ=="),
      .encryptedReasoning(choice: 0, "gAA-"),
    ])
    #expect(found.filter { $0.contains("redactedContent") }.count == 1)
  }

  @Test func theModelsOwnFieldsAreUnderstood() throws {
    let found = try request(
      """
      {"messages":[],"additionalModelRequestFields":{"thinking":{"type":"enabled",
      "budget_tokens":2048},"top_k":5,"strange":1}}
      """)
    #expect(found.reasoning?.budgetTokens == 2_048 && found.sampling.topK == JSONFragment(5))
    #expect(found.others.map(\.value) == [JSONFragment(literal: #"{"strange":1}"#)])
    let nova = try request(
      """
      {"messages":[],"additionalModelRequestFields":{"inferenceConfig":{"topK":7},
      "reasoningConfig":{"type":"enabled","maxReasoningEffort":"low"}}}
      """)
    #expect(nova.sampling.topK == JSONFragment(7) && nova.reasoning?.effort == .low)
    #expect(nova.others.isEmpty)
    // What has no place stays, with what has one beside it.
    let more = try request(
      """
      {"messages":[],"additionalModelRequestFields":{"inferenceConfig":{"topK":7,"x":1},
      "output_config":{"effort":"low","y":2}}}
      """)
    #expect(more.sampling.topK == nil && more.reasoning == nil)
    #expect(
      more.others.map(\.value) == [
        JSONFragment(
          literal: #"{"inferenceConfig":{"topK":7,"x":1},"output_config":{"effort":"low","y":2}}"#)
      ])
  }

  @Test func anHourInTheCacheIsTold() throws {
    var response = ChatResponse()
    response.choices = [ChatResponse.Choice(blocks: [], finish: .stop)]
    response.usage = Usage()
    response.usage?.inputTokens = 20
    response.usage?.cacheWriteTokens = 12
    response.usage?.cacheWriteHourTokens = 5
    let answer = try JSONTree().parse(
      BedrockClient.writeResponse(response, Goldens.context)[...])
    let usage = try #require(answer["usage"])
    #expect(usage["inputTokens"]?.integer == 8)
    #expect(BedrockAnswer.usage(usage) == response.usage)
  }

  @Test func argumentsThatAreNoJSONStayAText() throws {
    var response = ChatResponse()
    let call = ToolCall(id: "1", name: "f", arguments: #"{"a":"#)
    response.choices = [ChatResponse.Choice(blocks: [Block(.toolCall(call))], finish: .toolCalls)]
    let answer = BedrockClient.writeResponse(response, Goldens.context)
    let content = try JSONTree().parse(answer[...])["output"]?["message"]?["content"]
    let use = content?.elements.first { _ in true }?["toolUse"]
    #expect(use?["input"]?.string == #"{"a":"#)
  }
}
