// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@testable import FakeProviders

/// Every answer is valid against OpenAI's own schemas. Base64 embeddings are not asked here: the
/// document describes the vector as numbers only.
@Suite(
  .enabled(
    if: SchemaCheck.openAI != nil, "../shared/conformance/openai-openapi-subset.json is absent"))
struct ConformanceTests {
  private func expectValid(_ value: JSONValue, _ schema: String) {
    let problems = SchemaCheck.openAI?.problems(value, schema) ?? ["no schemas"]
    #expect(problems == [], "\(value.text)")
  }

  @Test func theCheckNoticesMistakes() {
    let wrong: JSONValue = ["object": "list", "data": [["id": 7, "object": "model"]]]
    let problems = SchemaCheck.openAI?.problems(wrong, "ListModelsResponse") ?? []
    #expect(problems.count == 3)
  }

  static let chats = [
    "", #","n":3"#, #","max_tokens":2"#, #","logprobs":true,"top_logprobs":3"#,
    #","tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required""#,
    #","response_format":{"type":"json_object"}"#, #","user":"script:finish=content_filter""#,
  ]

  @Test(arguments: chats)
  func chatAnswers(rest: String) {
    let body = #"{"model":"m","messages":[{"role":"user","content":"json"}]\#(rest)"#
    let whole = ProviderExchange("/v1/chat/completions", body + "}")
    #expect(whole.status == 200)
    expectValid(whole.json, "CreateChatCompletionResponse")
    let streams = #","stream":true,"stream_options":{"include_usage":true}}"#
    let chunks = ProviderExchange("/v1/chat/completions", body + streams).chunks
    #expect(chunks.count > 2)
    for chunk in chunks { expectValid(chunk, "CreateChatCompletionStreamResponse") }
  }

  @Test func customToolCalls() {
    let body = #"""
      {"model":"m","messages":[{"role":"user","content":"x"}],"tool_choice":"required",
      "tools":[{"type":"custom","custom":{"name":"f"}}]}
      """#
    expectValid(
      ProviderExchange("/v1/chat/completions", body).json, "CreateChatCompletionResponse")
  }

  @Test(arguments: ["", #","logprobs":2"#, #","echo":true"#])
  func completions(rest: String) {
    let body = #"{"model":"m","prompt":["a","b"]\#(rest)"#
    let whole = ProviderExchange("/v1/completions", body + "}")
    expectValid(whole.json, "CreateCompletionResponse")
  }

  @Test func embeddingsAndModels() {
    let embeddings = ProviderExchange("/v1/embeddings", #"{"model":"e","input":["a","b"]}"#)
    expectValid(embeddings.json, "CreateEmbeddingResponse")
    expectValid(ProviderExchange("/v1/models").json, "ListModelsResponse")
    expectValid(ProviderExchange("/v1/models/gpt-4o").json, "Model")
  }

  @Test(arguments: [400, 401, 403, 404, 408, 409, 418, 429, 500, 502, 503, 504, 529])
  func errors(status: Int) {
    let answer = ProviderExchange(
      "/v1/chat/completions",
      #"{"model":"m","messages":[],"user":"script:status=\#(status),retry_after=7"}"#)
    #expect(answer.status == status)
    #expect(answer.headers["retry-after"] == "7")
    expectValid(answer.json, "ErrorResponse")
  }
}
