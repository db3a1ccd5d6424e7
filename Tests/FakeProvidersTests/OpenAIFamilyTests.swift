// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@testable import FakeProviders

private func ask(
  _ wire: Wire, _ text: String, _ rest: String = "", path: String = "/v1/chat/completions",
  model: String = "m"
) -> ProviderExchange {
  ProviderExchange(
    ScriptedProvider(.init(wire: wire)) { 0 }, path,
    #"{"model":"\#(model)","messages":[{"role":"user","content":"\#(text)"}]\#(rest)}"#,
    headers: [("api-key", "k")])
}

private func choice(_ answer: ProviderExchange) -> JSONValue? { answer.json["choices"]?[0] }

private let stream = #","stream":true,"stream_options":{"include_usage":true}"#
private let deployment = "/openai/deployments/gpt/chat/completions?api-version="

@Suite struct OpenAIFamilyTests {
  @Test func reasoningHasEachProvidersName() {
    let script = "[[script:reasoning=I think,text=so]]"
    let names: [(Wire, String?)] = [
      (.openai, nil), (.deepseek, "reasoning_content"), (.xai, "reasoning_content"),
      (.vllm, "reasoning"),
    ]
    for (wire, name) in names {
      let message = choice(ask(wire, script))?["message"]
      for other in ["reasoning_content", "reasoning"] {
        #expect((message?[other] != nil) == (other == name))
      }
      let deltas = ask(wire, script, stream).chunks.compactMap { $0["choices"]?[0]?["delta"] }
      let streamed = deltas.compactMap { delta in name.flatMap { delta[$0]?.stringValue } }
      #expect(streamed.joined() == (name == nil ? "" : "I think"))
    }
  }

  @Test func usageIsEachProvidersArithmetic() {
    let script = "[[script:hidden_reasoning=7,text=a b,cached_tokens=3]]"
    let openai = ask(.openai, script).json["usage"]
    #expect(openai?["completion_tokens"] == 9)
    let xai = ask(.xai, script).json["usage"]
    #expect(xai?["completion_tokens"] == 2)
    #expect(xai?["total_tokens"] == openai?["total_tokens"])
    let deepseek = ask(.deepseek, script).json["usage"]
    #expect(deepseek?["prompt_cache_hit_tokens"] == 3)
    #expect(ask(.vllm, script).json["usage"]?["prompt_tokens_details"] == .null)
  }

  @Test func deepSeekWaitsWithBlanksAndComments() {
    let whole = ask(.deepseek, "hi")
    #expect(whole.body.starts(with: [0x0A, 0x0A, UInt8(ascii: "{")]))
    #expect(choice(whole) != nil)
    #expect(ask(.deepseek, "hi", stream).text.hasPrefix(": keep-alive\n\n"))
    #expect(ask(.deepseek, "[[script:error=billing]]").status == 402)
    #expect(ask(.deepseek, "[[script:error=invalid_request]]").status == 422)
    let schema = #","response_format":{"type":"json_schema","json_schema":{"schema":{}}}"#
    #expect(ask(.deepseek, "hi", schema).status == 400)
  }

  @Test func deepSeekWantsItsReasoningBack() {
    func next(_ message: String) -> Int {
      let body =
        #"{"model":"deepseek-reasoner","messages":[{"role":"user","content":"hi"},"#
        + #"{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","#
        + #""function":{"name":"f","arguments":"{}"}}]\#(message)},"#
        + #"{"role":"tool","tool_call_id":"c","content":"42"}]}"#
      return ProviderExchange(
        ScriptedProvider(.init(wire: .deepseek)) { 0 }, "/chat/completions", body
      ).status
    }
    #expect(next("") == 400)
    #expect(next(#","reasoning_content":"I think""#) == 200)
  }

  @Test func xAILeavesTheReasonOfCallsEmpty() {
    let calls = ask(.xai, "[[script:call=f]]")
    #expect(choice(calls)?["finish_reason"] == "")
    let reasons = ask(.xai, "[[script:call=f]]", stream).chunks.compactMap {
      $0["choices"]?[0]?["finish_reason"]?.stringValue
    }
    #expect(reasons == [""])
    #expect(ask(.xai, "[[script:error=authentication]]").json["error"]?.stringValue != nil)
    #expect(ask(.xai, "hi", #","stop":"x""#, model: "grok-4").status == 400)
    #expect(ask(.xai, "hi", #","stop":"x""#, model: "grok-4-fast-non-reasoning").status == 200)
  }

  @Test(arguments: [
    ("grok-4", 400), ("grok-4-fast-reasoning", 400), ("grok-4.20", 400), ("grok-3", 400),
    ("grok-code-fast-1", 400), ("grok-3-mini", 200), ("grok-4.3", 200),
  ])
  func xAIsModelsWithOneEffortTakeNone(_ model: String, _ status: Int) {
    #expect(ask(.xai, "hi", #","reasoning_effort":"low""#, model: model).status == status)
  }

  @Test func azureNamesDeploymentsAndFilters() {
    let answer = ask(.azure, "hi", path: deployment + "2024-10-21")
    #expect(answer.json["model"] == "gpt")
    #expect(answer.json["prompt_filter_results"] != nil)
    let first = ask(.azure, "hi", stream, path: deployment + "2024-10-21").chunks[0]
    #expect(first["choices"] == [])
    #expect(first["id"] == "")
    #expect(ask(.azure, "hi", stream, path: deployment + "2024-06-01").status == 400)
    #expect(ask(.azure, "hi", path: "/openai/deployments/gpt/chat/completions").status == 404)
    let filtered = ask(.azure, "[[script:block_prompt]]", path: deployment + "2024-10-21")
    #expect(filtered.status == 400)
    #expect(filtered.json["error"]?["code"] == "content_filter")
    let inner = filtered.json["error"]?["innererror"]
    #expect(inner?["code"] == "ResponsibleAIPolicyViolation")
    let limited = ask(.azure, "[[script:error=rate_limit]]", path: "/openai/v1/chat/completions")
    #expect(limited.headers["retry-after-ms"] == "1000")
    #expect(limited.json["error"]?["code"] == "429")
  }

  @Test func vLLMDoesNotNestItsErrors() {
    let answer = ask(.vllm, "[[script:error=not_found]]")
    #expect(answer.status == 404)
    #expect(answer.json["object"] == "error")
    #expect(answer.json["type"] == "NotFoundError")
    #expect(answer.json["error"] == nil)
  }

  @Test func modelsThatReasonTakeNoSamplingParameters() {
    let limited = ask(.openai, "hi", #","max_tokens":5"#, model: "gpt-5-mini")
    #expect(limited.json["error"]?["code"] == "unsupported_parameter")
    #expect(ask(.openai, "hi", #","max_completion_tokens":5"#, model: "gpt-5").status == 200)
    for (model, effort) in [("gpt-5", "none"), ("o3", "none"), ("o4-mini", "max")] {
      let asked = ask(.openai, "hi", #","reasoning_effort":"\#(effort)""#, model: model)
      #expect(asked.status == 400)
      #expect(asked.json["error"]?["param"] == "reasoning_effort")
    }
    #expect(ask(.openai, "hi", #","reasoning_effort":"minimal""#, model: "gpt-5").status == 200)
    let tools =
      #","tools":[{"type":"function","function":{"name":"f"}}],"parallel_tool_calls":true"#
    #expect(ask(.openai, "hi", tools, model: "o3").json["error"]?["param"] == "parallel_tool_calls")
    #expect(ask(.openai, "hi", tools, model: "gpt-5").status == 200)
    let warm = ask(.openai, "hi", #","temperature":0.5"#, model: "o3")
    #expect(warm.json["error"]?["code"] == "unsupported_value")
    #expect(ask(.openai, "hi", #","temperature":0.5"#, model: "gpt-4o").status == 200)
  }

  @Test func toolMessagesFollowTheirCalls() {
    func next(_ message: String) -> ProviderExchange {
      ask(.openai, #"hi"},\#(message),{"role":"user","content":"so?"#)
    }
    let call = #"""
      {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function",
      "function":{"name":"f","arguments":"{}"}}]}
      """#
    let result = #"{"role":"tool","tool_call_id":"c","content":"42"}"#
    #expect(next(call + "," + result).status == 200)
    #expect(next(call).text.contains("did not have response messages: c"))
    #expect(next(result).text.contains("preceeding message"))
  }

  @Test func theWireMayBeChosenPerRequest() {
    let answer = ProviderExchange(
      "/v1/chat/completions",
      #"{"model":"m","messages":[{"role":"user","content":"[[script:wire=vllm,reasoning=x]]"}]}"#)
    #expect(choice(answer)?["message"]?["reasoning"] == "x")
  }
}
