// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@testable import FakeProviders

private let headers = [("x-api-key", "k"), ("anthropic-version", "2023-06-01")]

/// A Messages request with `rest` after its first members.
private func ask(
  _ messages: String, _ rest: String = "", path: String = "/v1/messages"
) -> ProviderExchange {
  let limit = path.hasSuffix("count_tokens") ? "" : #","max_tokens":1000"#
  let body = #"{"model":"claude-x"\#(limit),"messages":\#(messages)\#(rest)}"#
  return ProviderExchange(ScriptedProvider { 0 }, path, body, headers: headers)
}

private func user(_ text: String) -> String { #"[{"role":"user","content":"\#(text)"}]"# }

private func message(_ answer: ProviderExchange) -> String? {
  answer.json["error"]?["message"]?.stringValue
}

private let tools = #"""
  ,"tools":[{"name":"get_weather","input_schema":{"type":"object","required":["city"],
  "properties":{"city":{"type":"string"}}}},
  {"name":"get_time","input_schema":{"type":"object"}}]
  """#

@Suite struct AnthropicTests {
  @Test func aMessageHasAllItsMembers() {
    let answer = ask(user("[[script:text=Hello there.,cached_tokens=2,cache_write_tokens=1]]"))
    #expect(answer.status == 200)
    #expect(answer.headers["request-id"]?.hasPrefix("req_") == true)
    #expect(answer.json["type"] == "message")
    #expect(answer.json["role"] == "assistant")
    #expect(answer.json["content"] == [["text": "Hello there.", "type": "text"]])
    #expect(answer.json["stop_reason"] == "end_turn")
    #expect(answer.json["stop_sequence"] == .null)
    let usage = answer.json["usage"]
    #expect(usage?["cache_read_input_tokens"] == 2)
    #expect(usage?["cache_creation_input_tokens"] == 1)
    #expect(usage?["output_tokens"] == 3)
    let count = ask(
      user("[[script:text=Hello there.,cached_tokens=2,cache_write_tokens=1]]"),
      path: "/v1/messages/count_tokens")
    let input = usage?["input_tokens"]?.integerValue ?? 0
    #expect(count.json["input_tokens"]?.integerValue == input + 3)
  }

  @Test func endings() {
    #expect(ask(user("[[script:tokens=2000]]")).json["stop_reason"] == "max_tokens")
    let stopped = ask(user("[[script:text=one two three]]"), #","stop_sequences":[" three"]"#)
    #expect(stopped.json["stop_reason"] == "stop_sequence")
    #expect(stopped.json["stop_sequence"] == " three")
    #expect(stopped.json["content"]?[0]?["text"] == "one two")
    #expect(ask(user("[[script:refusal]]")).json["stop_reason"] == "refusal")
    #expect(ask(user("[[script:finish=pause]]")).json["stop_reason"] == "pause_turn")
    #expect(ask(user("[[script:native_finish=new_one]]")).json["stop_reason"] == "new_one")
  }

  @Test func theStreamHasItsEventsInOrder() {
    let script = "[[script:reasoning=I think.,before=Let me see,call=get_time,chunk_tokens=9]]"
    let stream = ask(user(script), #","stream":true"#)
    #expect(
      stream.namedEvents.map(\.name) == [
        "message_start", "content_block_start", "ping", "content_block_delta",
        "content_block_delta", "content_block_stop", "content_block_start", "content_block_delta",
        "content_block_stop", "content_block_start", "content_block_delta", "content_block_stop",
        "message_delta", "message_stop",
      ])
    #expect(stream.namedEvents.allSatisfy { $0.data["type"]?.stringValue == $0.name })
    let start = stream.namedEvents[0].data["message"]
    #expect(start?["content"] == [])
    #expect(start?["stop_reason"] == .null)
    #expect(start?["usage"]?["output_tokens"] == 1)
    let deltas = stream.namedEvents.compactMap { $0.data["delta"]?["type"]?.stringValue }
    #expect(deltas == ["thinking_delta", "signature_delta", "text_delta", "input_json_delta"])
    let last = stream.namedEvents[12].data
    #expect(last["delta"]?["stop_reason"] == "tool_use")
    let whole = ask(user(script)).json
    #expect(last["usage"]?["output_tokens"] == whole["usage"]?["output_tokens"])
    #expect(last["usage"]?["input_tokens"] == whole["usage"]?["input_tokens"])
    #expect(whole["content"]?[2]?["input"] == [:])
  }

  @Test func argumentsComeInFragmentsTheFirstEmpty() {
    let stream = ask(user("get weather in Rome"), tools + #","stream":true"#)
    let fragments = stream.namedEvents.compactMap { $0.data["delta"]?["partial_json"]?.stringValue }
    #expect(fragments.first == "")
    #expect(fragments.count > 5)
    #expect(fragments.joined() == #"{"city":"get weather in Rome"}"#)
  }

  @Test func toolsAreCalledInParallelUnlessForbidden() {
    let both = user("get_weather and get_time")
    let calls = ask(both, tools).json["content"]?.arrayValue ?? []
    #expect(calls.map { $0["name"] } == ["get_weather", "get_time"])
    #expect(Set(calls.compactMap { $0["id"]?.stringValue }).count == 2)
    let one = ask(both, tools + #","tool_choice":{"type":"any","disable_parallel_tool_use":true}"#)
    #expect(one.json["content"]?.arrayValue?.count == 1)
    let named = ask(user("x"), tools + #","tool_choice":{"type":"tool","name":"get_time"}"#)
    #expect(named.json["content"]?[0]?["name"] == "get_time")
    let none = ask(both, tools + #","tool_choice":{"type":"none"}"#)
    #expect(none.json["content"]?[0]?["type"] == "text")
  }

  @Test func headersAreRequired() {
    func status(_ headers: [(String, String)]) -> (Int, String?) {
      let body = #"{"model":"m","max_tokens":1,"messages":\#(user("x"))}"#
      let named = headers.map { (name: $0.0, value: $0.1) }
      let answer = ProviderExchange(
        ScriptedProvider(.init(acceptedKeys: ["good"])) { 0 }, "/v1/messages", body, headers: named)
      return (answer.status, answer.json["error"]?["type"]?.stringValue)
    }
    let version = ("anthropic-version", "2023-06-01")
    #expect(status([version]) == (401, "authentication_error"))
    #expect(status([version, ("x-api-key", "bad")]) == (401, "authentication_error"))
    #expect(status([("x-api-key", "good")]) == (400, "invalid_request_error"))
    #expect(status([version, ("x-api-key", "good")]) == (200, nil))
    #expect(status([version, ("authorization", "Bearer good")]) == (200, nil))
  }

  @Test func modelsAreListedInPages() {
    let provider = ScriptedProvider(.init(models: ["a", "b", "c"])) { 0 }
    let page = ProviderExchange(provider, "/v1/models?limit=2", headers: headers)
    #expect(page.json["data"]?.arrayValue?.map { $0["id"] } == ["a", "b"])
    #expect(page.json["has_more"] == true)
    let next = ProviderExchange(provider, "/v1/models?after_id=b", headers: headers)
    #expect(next.json["last_id"] == "c")
    #expect(next.json["has_more"] == false)
    #expect(ProviderExchange(provider, "/v1/models/c", headers: headers).json["id"] == "c")
    #expect(ProviderExchange(provider, "/v1/models/d", headers: headers).status == 404)
  }

  @Test(arguments: [
    ("rate_limit", 429, "rate_limit_error"), ("overloaded", 529, "overloaded_error"),
    ("server", 500, "api_error"), ("authentication", 401, "authentication_error"),
    ("permission", 403, "permission_error"), ("not_found", 404, "not_found_error"),
    ("too_large", 413, "request_too_large"), ("context_length", 400, "invalid_request_error"),
    ("billing", 402, "billing_error"), ("timeout", 504, "timeout_error"),
  ])
  func errorsOfEachClass(kind: String, status: Int, type: String) {
    let answer = ask(user("[[script:error=\(kind)]]"))
    #expect(answer.status == status)
    #expect(answer.json["type"] == "error")
    #expect(answer.json["error"]?["type"]?.stringValue == type)
    #expect(answer.json["request_id"] != nil)
  }

  @Test func errorsWithinAStream() {
    let stream = ask(
      user("[[script:error_at_chunk=4,error=overloaded]]"), #","stream":true"#)
    #expect(stream.status == 200)
    #expect(stream.namedEvents.count == 5)
    #expect(stream.namedEvents.last?.name == "error")
    #expect(stream.namedEvents.last?.data["error"]?["type"] == "overloaded_error")
    let cut = ask(user("[[script:no_done]]"), #","stream":true"#)
    #expect(cut.namedEvents.last?.name == "message_delta")
    let early = ask(user("[[script:no_finish]]"), #","stream":true"#)
    #expect(early.namedEvents.last?.name == "content_block_stop")
  }

  @Test func structuredOutputFollowsTheSchema() {
    let format = #"""
      ,"output_config":{"format":{"type":"json_schema","schema":{"type":"object",
      "properties":{"count":{"type":"integer"}},"required":["count"]}}}
      """#
    #expect(ask(user("how many"), format).json["content"]?[0]?["text"] == #"{"count":1}"#)
    #expect(message(ask(user("x"), #","output_config":{"format":{"type":"x"}}"#)) != nil)
  }
}
