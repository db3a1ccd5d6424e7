// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@testable import FakeProviders

private let key = [(name: "x-goog-api-key", value: "k")]

private func ask(
  _ text: String, _ rest: String = "", model: String = "gemini-2.5-flash",
  method: String = "generateContent"
) -> ProviderExchange {
  let body = #"{"contents":[{"role":"user","parts":[{"text":"\#(text)"}]}]\#(rest)}"#
  return ProviderExchange(
    ScriptedProvider { 0 }, "/v1beta/models/\(model):\(method)", body, headers: key)
}

private func stream(
  _ text: String, _ rest: String = "", model: String = "gemini-2.5-flash"
) -> ProviderExchange {
  ask(text, rest, model: model, method: "streamGenerateContent?alt=sse")
}

extension ProviderExchange {
  /// The responses of a Gemini stream.
  fileprivate var responses: [JSONValue] {
    text.split(separator: "\r\n\r\n").compactMap {
      try? JSONValue(parsing: Array($0.dropFirst(6).utf8))
    }
  }

  fileprivate var candidate: JSONValue? { json["candidates"]?[0] }
}

private let tools = #"""
  ,"tools":[{"functionDeclarations":[
  {"name":"get_weather","parameters":{"type":"OBJECT","properties":{"city":{"type":"STRING"}}}},
  {"name":"get_time","parametersJsonSchema":{"type":"object"}}]}]
  """#

@Suite struct GeminiTests {
  @Test func aResponseHasAllItsMembers() {
    let answer = ask("[[script:text=Hello there.,cached_tokens=2,hidden_reasoning=7]]")
    #expect(answer.candidate?["content"] == ["parts": [["text": "Hello there."]], "role": "model"])
    #expect(answer.candidate?["finishReason"] == "STOP")
    let usage = answer.json["usageMetadata"]
    #expect(usage?["candidatesTokenCount"] == 3)
    #expect(usage?["thoughtsTokenCount"] == 7)
    #expect(usage?["cachedContentTokenCount"] == 2)
    let prompt = usage?["promptTokenCount"]?.integerValue ?? 0
    #expect(usage?["totalTokenCount"]?.integerValue == prompt + 10)
    #expect(answer.json["modelVersion"] == "gemini-2.5-flash")
  }

  @Test func endings() {
    let cases = [
      ("tokens=50", "MAX_TOKENS"), ("refusal", "SAFETY"),
      ("finish=malformed_call", "MALFORMED_FUNCTION_CALL"), ("native_finish=SPII", "SPII"),
    ]
    for (script, reason) in cases {
      let answer = ask(
        "[[script:\(script)]]", #","generationConfig":{"maxOutputTokens":20}"#)
      #expect(answer.candidate?["finishReason"]?.stringValue == reason)
    }
    #expect(ask("[[script:refusal]]").candidate?["content"] == ["role": "model"])
    let blocked = stream("[[script:block_prompt]]").responses
    #expect(blocked.count == 1)
    #expect(blocked[0]["promptFeedback"]?["blockReason"] == "PROHIBITED_CONTENT")
    #expect(blocked[0]["candidates"] == nil)
  }

  @Test func everyChunkOfAStreamHasUsageAndTheLastTheEnd() {
    let responses = stream("[[script:text=one two three]]").responses
    #expect(responses.count == 4)
    #expect(responses.allSatisfy { $0["usageMetadata"]?["promptTokenCount"] != nil })
    let counts = responses.map { $0["usageMetadata"]?["candidatesTokenCount"]?.integerValue }
    #expect(counts == [1, 2, 3, 3])
    let reasons = responses.map { $0["candidates"]?[0]?["finishReason"] }
    #expect(reasons == [nil, nil, nil, "STOP"])
    let raw = stream("[[script:text=x]]").text
    #expect(raw.hasPrefix("data: {"))
    #expect(raw.contains("}\r\n\r\n"))
  }

  @Test func withoutServerSentEventsAStreamIsAnArray() {
    let array = ask("[[script:text=one two]]", method: "streamGenerateContent")
    #expect(array.json.arrayValue?.count == 3)
    #expect(array.headers["content-type"]?.hasPrefix("application/json") == true)
    let refused = ask("[[script:error=overloaded]]", method: "streamGenerateContent")
    #expect(refused.status == 503)
    #expect(refused.json[0]?["error"]?["status"] == "UNAVAILABLE")
    let late = ask("[[script:error_at_chunk=1,error=server]]", method: "streamGenerateContent")
    #expect(late.json[1]?["error"]?["code"] == 500)
    let open = ask("[[script:no_done]]", method: "streamGenerateContent")
    #expect(open.json == .null)
    #expect(open.text.hasPrefix("[{"))
  }

  @Test func functionCallsComeWhole() {
    let responses = stream("get_weather and get_time", tools).responses
    let parts = responses.compactMap { $0["candidates"]?[0]?["content"]?["parts"]?[0] }
    #expect(parts[0]["functionCall"]?["name"] == "get_weather")
    #expect(parts[0]["functionCall"]?["args"] == ["city": "get_weather and get_time"])
    #expect(parts[0]["functionCall"]?["id"] == nil)
    #expect(parts[1]["functionCall"]?["name"] == "get_time")
    #expect(responses.last?["candidates"]?[0]?["finishReason"] == "STOP")
    let only = #""mode":"ANY","allowedFunctionNames":["get_time"]"#
    let forced = ask("x", tools + #","toolConfig":{"functionCallingConfig":{\#(only)}}"#)
    #expect(forced.candidate?["content"]?["parts"]?[0]?["functionCall"]?["name"] == "get_time")
  }

  @Test func thoughtsAreShownWhereAskedFor() {
    let asked = #","generationConfig":{"thinkingConfig":{"includeThoughts":true}}"#
    let parts = ask("hi", asked).candidate?["content"]?["parts"]
    #expect(parts?[0]?["thought"] == true)
    #expect(parts?[1]?["thought"] == nil)
    let usage = ask("hi", asked).json["usageMetadata"]
    #expect((usage?["thoughtsTokenCount"]?.integerValue ?? 0) > 5)
  }

  @Test func theThirdGenerationSigns() {
    let third = "gemini-3-pro-preview"
    let calls = ask("get_weather and get_time", tools, model: third).candidate?["content"]?["parts"]
    #expect(calls?[0]?["thoughtSignature"] != nil)
    #expect(calls?[1]?["thoughtSignature"] == nil)
    #expect(calls?[0]?["functionCall"]?["id"] != nil)
    let responses = stream("[[script:text=hello]]", model: third).responses
    let signed = responses.compactMap { $0["candidates"]?[0]?["content"]?["parts"]?[0] }.first {
      $0["thoughtSignature"] != nil
    }
    #expect(signed?["text"] == "")
  }

  @Test(arguments: [
    ("rate_limit", 429, "RESOURCE_EXHAUSTED"), ("authentication", 400, "INVALID_ARGUMENT"),
    ("permission", 403, "PERMISSION_DENIED"), ("not_found", 404, "NOT_FOUND"),
    ("server", 500, "INTERNAL"), ("overloaded", 503, "UNAVAILABLE"),
    ("timeout", 504, "DEADLINE_EXCEEDED"), ("context_length", 400, "INVALID_ARGUMENT"),
  ])
  func errorsOfEachClass(kind: String, status: Int, name: String) {
    let answer = ask("[[script:error=\(kind)]]")
    #expect(answer.status == status)
    #expect(answer.json["error"]?["code"]?.integerValue == Int64(status))
    #expect(answer.json["error"]?["status"]?.stringValue == name)
  }

  @Test func theDelayBeforeAnotherTryIsADetail() {
    let details = ask("[[script:error=rate_limit,retry_after_ms=1500]]").json["error"]?["details"]
    let retry = details?.arrayValue?.last
    #expect(retry?["@type"] == "type.googleapis.com/google.rpc.RetryInfo")
    #expect(retry?["retryDelay"] == "1.500s")
  }

  @Test func countsAndEmbeddings() {
    let count = ask("Hello!", method: "countTokens").json["totalTokens"]
    #expect(count == ask("Hello!").json["usageMetadata"]?["promptTokenCount"])
    let provider = ScriptedProvider { 0 }
    let path = "/v1beta/models/gemini-embedding-001:"
    let single = ProviderExchange(
      provider, path + "embedContent",
      #"{"content":{"parts":[{"text":"a"}]},"outputDimensionality":8}"#, headers: key)
    #expect(single.json["embedding"]?["values"]?.arrayValue?.count == 8)
    let batch = ProviderExchange(
      provider, path + "batchEmbedContents",
      #"{"requests":[{"content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"b"}]}}]}"#,
      headers: key)
    #expect(batch.json["embeddings"]?.arrayValue?.count == 2)
    #expect(batch.json["embeddings"]?[0]?["values"]?.arrayValue?.count == 3_072)
  }

  @Test func modelsAreListed() {
    let provider = ScriptedProvider(.init(models: ["gemini-x"])) { 0 }
    let list = ProviderExchange(provider, "/v1beta/models", headers: key)
    #expect(list.json["models"]?[0]?["name"] == "models/gemini-x")
    #expect(ProviderExchange(provider, "/v1beta/models/y", headers: key).status == 404)
  }
}
