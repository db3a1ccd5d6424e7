// SPDX-License-Identifier: MIT

import ControlPlane
import Foundation
import Testing

@testable import FakeProviders

@Suite struct EndpointTests {
  // MARK: Completions

  @Test func completionsCutAtSixteenTokensByDefault() {
    let answer = ProviderExchange("/v1/completions", #"{"model":"m","prompt":"Once"}"#).json
    #expect(answer["choices"]?[0]?["finish_reason"] == "length")
    #expect(answer["usage"]?["completion_tokens"] == 16)
    #expect(answer["usage"]?["prompt_tokens"] == 1)
  }

  @Test func completionsTakeAllFormsOfPrompt() {
    for (prompt, count) in [(#""a b""#, 1), (#"["a","b"]"#, 2), ("[1,2,3]", 1), ("[[1],[2,3]]", 2)]
    {
      let answer = ProviderExchange(
        "/v1/completions", #"{"model":"m","prompt":\#(prompt),"n":2,"max_tokens":4}"#
      ).json
      #expect(answer["choices"]?.arrayValue?.count == 2 * count)
    }
    let empty = ProviderExchange("/v1/completions", #"{"model":"m","prompt":[]}"#)
    #expect(empty.status == 400)
  }

  @Test func streamedCompletionsAddUp() {
    let rest = #""model":"m","prompt":"Once","max_tokens":40,"echo":true"#
    let whole = ProviderExchange("/v1/completions", "{\(rest)}").json
    let answer = ProviderExchange(
      "/v1/completions", #"{\#(rest),"stream":true,"stream_options":{"include_usage":true}}"#)
    #expect(answer.streamedText() == whole["choices"]?[0]?["text"]?.stringValue)
    #expect(answer.streamedText().hasPrefix("Once"))
    #expect(answer.chunks.last?["usage"] == whole["usage"])
  }

  // MARK: Embeddings

  private func vectors(_ rest: String) -> [[Double]] {
    let answer = ProviderExchange("/v1/embeddings", #"{"model":"e",\#(rest)}"#).json
    return (answer["data"]?.arrayValue ?? []).map {
      ($0["embedding"]?.arrayValue ?? []).compactMap(\.numberValue)
    }
  }

  private func dot(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
  }

  @Test func vectorsAreUnitAndNearForLikeTexts() {
    let all = vectors(
      #""input":["the cat sat on the mat","the cat sat on a mat","quarterly tax report"]"#)
    #expect(all.map(\.count) == [1536, 1536, 1536])
    for vector in all { #expect(abs(dot(vector, vector) - 1) < 1e-5) }
    #expect(dot(all[0], all[1]) > 0.7)
    #expect(abs(dot(all[0], all[2])) < 0.3)
    #expect(vectors(#""input":"the cat sat on the mat""#)[0] == all[0])
  }

  @Test func dimensionsAreAHeadOfTheFullVector() {
    let full = vectors(#""input":"x y z""#)[0]
    let head = vectors(#""input":"x y z","dimensions":255"#)[0]
    #expect(head.count == 255)
    #expect(abs(dot(head, head) - 1) < 1e-5)
    #expect(abs(head[0] / full[0] - head[200] / full[200]) < 1e-3)
    let over = ProviderExchange("/v1/embeddings", #"{"model":"e","input":"x","dimensions":9999}"#)
    #expect(over.status == 400)
  }

  @Test func base64IsTheSameVectorInLittleEndianFloats() throws {
    let floats = vectors(#""input":[1,2,3],"dimensions":7"#)[0]
    let answer = ProviderExchange(
      "/v1/embeddings",
      #"{"model":"e","input":[1,2,3],"dimensions":7,"encoding_format":"base64"}"#)
    let text = try #require(answer.json["data"]?[0]?["embedding"]?.stringValue)
    let data = [UInt8](try #require(Data(base64Encoded: text)))
    #expect(data.count == 28)
    let decoded = (0..<7).map { index -> Float in
      let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(data[index * 4 + $1]) << (8 * UInt32($1)) }
      return Float(bitPattern: bits)
    }
    #expect(decoded == floats.map { Float($0) })
    #expect(answer.json["usage"]?["prompt_tokens"] == 3)
  }

  @Test(arguments: [#""""#, "[]", #"["a",""]"#, "[1.5]", #"["a",1]"#, "{}", "null"])
  func badEmbeddingInputIsRefused(input: String) {
    let answer = ProviderExchange("/v1/embeddings", #"{"model":"e","input":\#(input)}"#)
    #expect(answer.status == 400)
    #expect(answer.json["error"]?["param"]?.stringValue?.hasPrefix("input") == true)
  }

  // MARK: Models, keys, paths

  @Test func modelsAreListedAndFound() {
    let provider = ScriptedProvider(.init(models: ["a/b:c", "d"])) { 0 }
    let list = ProviderExchange(provider, "/v1/models").json["data"]?.arrayValue
    #expect(list?.compactMap { $0["id"]?.stringValue } == ["a/b:c", "d"])
    #expect(ProviderExchange(provider, "/v1/models/a%2Fb:c").json["id"] == "a/b:c")
    let unknown = ProviderExchange(provider, "/v1/models/none")
    #expect(unknown.status == 404)
    #expect(unknown.json["error"]?["code"] == "model_not_found")
  }

  @Test func strictProvidersRefuseUnknownModelsAndKeys() {
    let provider = ScriptedProvider(
      .init(models: ["m"], acceptsAnyModel: false, acceptedKeys: ["sk-1"])
    ) { 0 }
    let body = #"{"model":"m","messages":[{"role":"user","content":"x"}]}"#
    let path = "/v1/chat/completions"
    #expect(ProviderExchange(provider, path, body).status == 401)
    let key = [(name: "Authorization", value: "Bearer sk-1")]
    #expect(ProviderExchange(provider, path, body, headers: key).status == 200)
    let azure = [(name: "Api-Key", value: "sk-1")]
    #expect(ProviderExchange(provider, path, body, headers: azure).status == 200)
    let other = body.replacingOccurrences(of: #""m""#, with: #""n""#)
    #expect(ProviderExchange(provider, path, other, headers: key).status == 404)
  }

  @Test func wrongPathsAndMethodsAreErrors() {
    #expect(ProviderExchange("/v1/nothing").status == 404)
    #expect(ProviderExchange("/v1/chat/completions").status == 405)
    #expect(ProviderExchange("/v1/models", "{}").status == 405)
  }
}
