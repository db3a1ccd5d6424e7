// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Translation

struct EmbeddingsTests {
  private func node(_ text: String) throws -> JSONNode {
    try JSONTree().parse(Array(text.utf8)[...])
  }

  private func target(_ dialect: UpstreamModel.Dialect = .plain) -> UpstreamModel {
    UpstreamModel(name: "embedder", dialect: dialect)
  }

  private func request(
    _ body: String, _ client: any EmbeddingsClientWire.Type,
    _ provider: any EmbeddingsProviderWire.Type, _ dialect: UpstreamModel.Dialect = .plain
  ) throws -> (path: String, body: String, dropped: String?) {
    var losses = LossReport()
    let bytes = try provider.writeRequest(
      try client.readRequest(try node(body)), to: target(dialect), losses: &losses)
    return (
      provider.requestPath(to: target(dialect)), String(decoding: bytes, as: UTF8.self),
      losses.headerValue
    )
  }

  private func answer(
    _ body: String, to request: String, _ client: any EmbeddingsClientWire.Type,
    _ provider: any EmbeddingsProviderWire.Type
  ) throws -> String {
    let request = try client.readRequest(try node(request))
    let response = try provider.readResponse(
      try node(body), to: target(), count: request.inputs.count)
    return String(
      decoding: client.writeResponse(response, to: request, Goldens.context), as: UTF8.self)
  }

  private let openAI = #"""
    {"model":"m","input":["a \"é\"","b"],"dimensions":256,"encoding_format":"base64","user":"u",
     "task_type":"RETRIEVAL_QUERY","foo":1}
    """#
  private let batch = #"""
    {"requests":[
     {"model":"models/m","content":{"parts":[{"text":"a"},{"text":"b"}]},"output_dimensionality":9,
      "taskType":"CLUSTERING"},
     {"model":"models/m","content":{"parts":[{"text":"c"}]},"outputDimensionality":9,
      "taskType":"CLUSTERING"}]}
    """#

  /// OpenAI's clients are told usage in any case; Google's API says none.
  @Test func usageIsEstimatedWhereTheProviderSaysNone() throws {
    var context = Goldens.context
    context.estimatedInputTokens = 7
    func usage(_ tokens: UInt64?) throws -> Int64? {
      var response = EmbeddingsResponse()
      response.vectors = [JSONFragment(literal: "[1]")]
      response.inputTokens = tokens
      let bytes = OpenAIEmbeddings.writeResponse(response, to: EmbeddingsRequest(), context)
      return try JSONTree().parse(bytes[...])["usage"]?["prompt_tokens"]?.integer
    }
    #expect(try usage(nil) == 7)
    #expect(try usage(0) == 0 && usage(3) == 3)
  }

  @Test func openAIToGemini() throws {
    let written = try request(openAI, OpenAIEmbeddings.self, GeminiEmbeddings.self)
    #expect(written.path == "/models/embedder:batchEmbedContents")
    #expect(
      written.body
        == #"{"requests":[{"model":"models/embedder","content":{"parts":[{"text":"a \"é\""}]},"#
        + #""taskType":"RETRIEVAL_QUERY","outputDimensionality":256},"#
        + #"{"model":"models/embedder","content":{"parts":[{"text":"b"}]},"#
        + #""taskType":"RETRIEVAL_QUERY","outputDimensionality":256}]}"#)
    #expect(written.dropped == "foo,user")
  }

  @Test func openAIToVertex() throws {
    let written = try request(openAI, OpenAIEmbeddings.self, GeminiEmbeddings.self, .vertex)
    #expect(written.path == "/publishers/google/models/embedder:predict")
    #expect(
      written.body
        == #"{"instances":[{"content":"a \"é\"","task_type":"RETRIEVAL_QUERY"},"#
        + #"{"content":"b","task_type":"RETRIEVAL_QUERY"}],"#
        + #""parameters":{"outputDimensionality":256}}"#)
    let text = try answer(
      #"{"predictions":[{"embeddings":{"values":[1],"statistics":{"token_count":2.0}}},"#
        + #"{"embeddings":{"values":[2],"statistics":{"token_count":3}}}]}"#,
      to: #"{"model":"m","input":["a","b"]}"#, OpenAIEmbeddings.self, GeminiEmbeddings.self)
    #expect(text.contains(#""usage":{"prompt_tokens":5,"total_tokens":5}"#))
  }

  @Test func openAIToOllama() throws {
    let written = try request(openAI, OpenAIEmbeddings.self, OllamaEmbeddings.self)
    #expect(written.path == "/api/embed")
    #expect(
      written.body == #"{"model":"embedder","input":["a \"é\"","b"],"dimensions":256}"#)
    #expect(written.dropped == "task_type,foo,user")
  }

  @Test func geminiToOpenAI() throws {
    let written = try request(batch, GeminiEmbeddings.self, OpenAIEmbeddings.self)
    #expect(
      written.body == #"{"model":"embedder","input":["a\nb","c"],"dimensions":9,"#
        + #""encoding_format":"float"}"#)
    #expect(written.dropped == "taskType")
    let data = #"""
      {"data":[{"index":1,"embedding":[ 0.10, 2e0 ]},{"index":0,"embedding":"AACAPwAAIMA="}],
       "model":"x","usage":{"prompt_tokens":7,"total_tokens":7}}
      """#
    #expect(
      try answer(data, to: batch, GeminiEmbeddings.self, OpenAIEmbeddings.self)
        == #"{"embeddings":[{"values":[1.0,-2.5]},{"values":[0.10,2e0]}],"#
        + #""usageMetadata":{"promptTokenCount":7,"totalTokenCount":7}}"#)
    let single = #"{"content":{"parts":[{"text":"a"}]}}"#
    #expect(
      try answer(
        #"{"data":[{"embedding":[1]}]}"#, to: single, GeminiEmbeddings.self, OpenAIEmbeddings.self)
        == #"{"embedding":{"values":[1]}}"#)
  }

  @Test func aTotalAloneIsOfTokensIn() throws {
    let single = #"{"content":{"parts":[{"text":"a"}]}}"#
    #expect(
      try answer(
        #"{"data":[{"embedding":[1]}],"usage":{"total_tokens":5}}"#, to: single,
        GeminiEmbeddings.self, OpenAIEmbeddings.self
      ).contains(#""promptTokenCount":5"#))
  }

  @Test func numbersAndBase64() throws {
    func answered(_ format: String) throws -> String {
      try answer(
        #"{"embeddings":[{"values":[1.0, -2.5, 1e-45]}]}"#,
        to: #"{"model":"m","input":"a","encoding_format":"\#(format)"}"#, OpenAIEmbeddings.self,
        GeminiEmbeddings.self)
    }
    #expect(
      try answered("float")
        == #"{"object":"list","data":[{"object":"embedding","index":0,"#
        + #""embedding":[1.0,-2.5,1e-45]}],"model":"client-model","#
        + #""usage":{"prompt_tokens":0,"total_tokens":0}}"#)
    #expect(try answered("base64").contains(#""embedding":"AACAPwAAIMABAAAA""#))
  }

  @Test func ollamaAnswers() throws {
    let text = try answer(
      #"{"model":"nomic","embeddings":[[0.5,-1]],"prompt_eval_count":3}"#,
      to: #"{"model":"m","input":"a"}"#, OpenAIEmbeddings.self, OllamaEmbeddings.self)
    #expect(text.contains(#""embedding":[0.5,-1]}],"model":"nomic","usage":{"prompt_tokens":3,"#))
  }

  @Test(arguments: [
    #"{"input":"a"}"#, #"{"model":"m"}"#, #"{"model":"m","input":[]}"#,
    #"{"model":"m","input":""}"#, #"{"model":"m","input":["a",""]}"#,
    #"{"model":"m","input":{"a":1}}"#, #"{"model":"m","input":[true]}"#,
    #"{"model":"m","input":"a","encoding_format":"int8"}"#,
  ])
  func requestsThatAreNone(_ body: String) {
    let error = #expect(throws: TranslationError.self) {
      try OpenAIEmbeddings.readRequest(try node(body))
    }
    #expect(error?.kind == .invalidRequest)
  }

  @Test func tokensAndMixturesAreRefused() {
    for body in [#"{"model":"m","input":[1,2]}"#, #"{"model":"m","input":[[1],[2]]}"#] {
      let error = #expect(throws: TranslationError.self) {
        try OpenAIEmbeddings.readRequest(try node(body))
      }
      #expect(error?.kind == .unsupportedParameter)
    }
    let mixed =
      #"{"requests":[{"content":{"parts":[{"text":"a"}]},"outputDimensionality":1},"#
      + #"{"content":{"parts":[{"text":"b"}]}}]}"#
    let error = #expect(throws: TranslationError.self) {
      try GeminiEmbeddings.readRequest(try node(mixed))
    }
    #expect(error?.kind == .unsupportedParameter)
  }

  @Test(arguments: [
    #"{"data":[{"embedding":[1]}]}"#, #"{"data":[{"embedding":[1]},{"embedding":["x"]}]}"#,
    #"{"data":[{"embedding":[1]},{}]}"#, #"{}"#,
    #"{"data":[{"embedding":[1]},{"embedding":"AAAA"}]}"#,
    #"{"data":[{"embedding":[1]},{"embedding":"AACAfw=="}]}"#,
  ])
  func answersThatAreNone(_ body: String) {
    let error = #expect(throws: TranslationError.self) {
      try answer(
        body, to: #"{"model":"m","input":["a","b"]}"#, OpenAIEmbeddings.self,
        OpenAIEmbeddings.self)
    }
    #expect(error?.kind == .malformedAnswer)
  }
}
