// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@testable import FakeProviders

private func ask(_ text: String, _ rest: String = #","stream":false"#) -> ProviderExchange {
  ProviderExchange(
    "/api/chat",
    #"{"model":"llama3","messages":[{"role":"user","content":"\#(text)"}]\#(rest)}"#)
}

extension ProviderExchange {
  /// The objects of newline-delimited JSON.
  fileprivate var lines: [JSONValue] {
    text.split(separator: "\n").compactMap { try? JSONValue(parsing: Array($0.utf8)) }
  }
}

private let tools = #"""
  ,"tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object",
  "properties":{"city":{"type":"string"}}}}},{"type":"function","function":{"name":"get_time"}}]
  """#

@Suite struct OllamaTests {
  @Test func anAnswerHasAllItsMembers() {
    let answer = ask("[[script:text=Hello there.]]")
    #expect(answer.json["message"] == ["content": "Hello there.", "role": "assistant"])
    #expect(answer.json["done"] == true)
    #expect(answer.json["done_reason"] == "stop")
    #expect(answer.json["eval_count"] == 3)
    #expect(answer.json["created_at"] == "2023-11-14T22:13:20.123456789Z")
    #expect((answer.json["prompt_eval_count"]?.integerValue ?? 0) > 0)
  }

  @Test func streamsAreTheDefaultAndLines() {
    let lines = ask("[[script:text=one two three]]", "").lines
    #expect(lines.map { $0["message"]?["content"] } == ["one", " two", " three", ""])
    #expect(lines.map { $0["done"] } == [false, false, false, true])
    #expect(lines[0]["eval_count"] == nil)
    #expect(lines[3]["eval_count"] == 3)
    let headers = ask("hi", "").headers
    #expect(headers["content-type"] == "application/x-ndjson")
  }

  @Test func whatWasCachedWholeHasNoCount() {
    let answer = ask("[[script:cached_tokens=1000]]")
    #expect(answer.json["prompt_eval_count"] == nil)
    #expect(answer.json["eval_count"] != nil)
    #expect(ask("[[script:no_usage]]").json["eval_count"] == nil)
  }

  @Test func callsComeWholeInLinesOfTheirOwn() {
    let lines = ask("get_weather and get_time", tools).lines
    let calls = lines.compactMap { $0["message"]?["tool_calls"] }
    #expect(calls.count == 2)
    #expect(calls[0][0]?["function"]?["arguments"] == ["city": "get_weather and get_time"])
    #expect(calls[1][0]?["function"]?["index"] == 1)
    #expect(calls[0][0]?["id"] == nil)
    #expect(lines.last?["done_reason"] == "stop")
  }

  @Test func thinkingAndLimits() {
    let answer = ask("hi", #","stream":false,"think":true,"options":{"num_predict":5}"#)
    #expect(answer.json["message"]?["thinking"] != nil)
    #expect(answer.json["done_reason"] == "length")
    #expect(ask("hi", #","stream":false,"format":"json""#).text.contains("answer"))
    let schema = #"{"type":"object","properties":{"n":{"type":"integer"}}}"#
    #expect(
      ask("hi", #","stream":false,"format":\#(schema)"#).json["message"]?["content"] == #"{"n":1}"#)
  }

  @Test func errorsAreOneMember() {
    for (kind, status) in [("server", 500), ("overloaded", 503), ("not_found", 404)] {
      let answer = ask("[[script:error=\(kind)]]")
      #expect(answer.status == status)
      #expect(answer.json["error"]?.stringValue != nil)
    }
    let late = ask("[[script:error_at_chunk=2]]", "").lines
    #expect(late.count == 3)
    #expect(late[2]["error"]?.stringValue != nil)
    #expect(ask("[[script:no_done]]", "").lines.last?["done"] == false)
  }

  @Test func wrongTypesAreErrorsOfTheDecoder() {
    func refusal(_ body: String) -> String? {
      ProviderExchange("/api/chat", body).json["error"]?.stringValue
    }
    #expect(refusal("{}") == "model is required")
    let parts = #"{"model":"m","messages":[{"role":"user","content":[]}]}"#
    #expect(refusal(parts)?.contains("ChatRequest.messages.content of type string") == true)
    let call = #"""
      {"model":"m","messages":[{"role":"assistant",
      "tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}]}
      """#
    #expect(refusal(call)?.contains("cannot unmarshal string") == true)
    let role = #"{"model":"m","messages":[{"role":"developer","content":"x"}]}"#
    #expect(refusal(role)?.contains("invalid role") == true)
    let image = #"{"model":"m","messages":[{"role":"user","images":["data:image/png;base64,A"]}]}"#
    #expect(refusal(image)?.contains("illegal base64") == true)
  }

  @Test func otherPaths() {
    let provider = ScriptedProvider(.init(wire: .ollama, models: ["llama3"])) { 0 }
    #expect(ProviderExchange(provider, "/api/tags").json["models"]?[0]?["model"] == "llama3")
    let embed = ProviderExchange(provider, "/api/embed", #"{"model":"e","input":["a","b"]}"#)
    #expect(embed.json["embeddings"]?.arrayValue?.count == 2)
    let load = ProviderExchange(provider, "/api/chat", #"{"model":"m","messages":[]}"#)
    #expect(load.json["done_reason"] == "load")
    let chat = #"{"model":"m","messages":[{"role":"user","content":"x"}]}"#
    let compatible = ProviderExchange(provider, "/v1/chat/completions", chat)
    #expect(compatible.json["object"] == "chat.completion")
  }
}
