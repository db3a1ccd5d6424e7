// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@testable import FakeProviders

private let bearer = [(name: "Authorization", value: "Bearer k")]

private func ask(
  _ text: String, _ rest: String = "", model: String = "us.anthropic.claude-sonnet-4-6",
  method: String = "converse"
) -> ProviderExchange {
  ProviderExchange(
    ScriptedProvider { 0 }, "/model/\(model)/\(method)",
    #"{"messages":[{"role":"user","content":[{"text":"\#(text)"}]}]\#(rest)}"#, headers: bearer)
}

private func frames(_ text: String, _ rest: String = "") -> [EventStreamReader.Frame] {
  EventStreamReader(ask(text, rest, method: "converse-stream").body).frames
}

private func tools(_ choice: String = "") -> String {
  #","toolConfig":{"tools":[{"toolSpec":{"name":"get_weather","inputSchema":{"json":{"type":"#
    + #""object","properties":{"city":{"type":"string"}}}}}},{"toolSpec":{"name":"get_time","#
    + #""inputSchema":{"json":{"type":"object"}}}}]\#(choice)}"#
}

@Suite struct BedrockTests {
  @Test func anAnswerHasAllItsMembers() {
    let answer = ask("[[script:text=Hello there.,cached_tokens=2,cache_write_tokens=1]]")
    #expect(
      answer.json["output"]?["message"]
        == ["content": [["text": "Hello there."]], "role": "assistant"])
    #expect(answer.json["stopReason"] == "end_turn")
    #expect(answer.json["metrics"]?["latencyMs"] != nil)
    let usage = answer.json["usage"]
    let input = usage?["inputTokens"]?.integerValue ?? 0
    #expect(usage?["cacheReadInputTokens"] == 2)
    #expect(usage?["totalTokens"]?.integerValue == input + 2 + 1 + 3)
    #expect(answer.headers["x-amzn-requestid"] != nil)
  }

  @Test func endings() {
    let cases = [
      ("tokens=50", "max_tokens"), ("refusal", "content_filtered"),
      ("block_prompt", "guardrail_intervened"), ("finish=malformed_call", "malformed_tool_use"),
      ("finish=context_window", "model_context_window_exceeded"),
    ]
    for (script, reason) in cases {
      let answer = ask("[[script:\(script)]]", #","inferenceConfig":{"maxTokens":20}"#)
      #expect(answer.json["stopReason"]?.stringValue == reason)
    }
  }

  @Test func framesAreIntactAndInOrder() {
    let frames = frames("[[script:reasoning=I think,before=Well,call=f:%7B%22a%22:1%7D]]")
    #expect(frames.allSatisfy { $0.isIntact })
    #expect(frames.allSatisfy { $0.headers[":message-type"] == "event" })
    #expect(frames.allSatisfy { $0.payload["p"]?.stringValue?.isEmpty == false })
    var names: [String] = []
    for frame in frames where names.last != frame.headers[":event-type"] {
      names.append(frame.headers[":event-type"] ?? "")
    }
    // Reasoning and words begin without a start.
    #expect(
      names == [
        "messageStart", "contentBlockDelta", "contentBlockStop", "contentBlockDelta",
        "contentBlockStop", "contentBlockStart", "contentBlockDelta", "contentBlockStop",
        "messageStop", "metadata",
      ])
    let inputs = frames.compactMap { $0.payload["delta"]?["toolUse"]?["input"]?.stringValue }
    #expect(inputs.joined() == #"{"a":1}"#)
    let signature = frames.compactMap { $0.payload["delta"]?["reasoningContent"]?["signature"] }
    #expect(signature.count == 1)
    #expect(frames.last?.payload["usage"]?["outputTokens"] != nil)
  }

  @Test func exceptionsComeAfterTheHead() {
    let failed = frames("[[script:error_at_chunk=2,error=rate_limit]]")
    #expect(failed.count == 3)
    #expect(failed[2].headers[":message-type"] == "exception")
    #expect(failed[2].headers[":exception-type"] == "throttlingException")
    #expect(failed[2].payload["message"] != nil)
    #expect(failed[2].isIntact)
    let corrupt = frames("[[script:bad_crc=1]]")
    #expect(corrupt.map(\.isIntact).prefix(3) == [true, false, true])
    #expect(frames("[[script:no_done]]").last?.headers[":event-type"] == "messageStop")
    let cut = ask("[[script:cut_at=200]]", method: "converse-stream")
    #expect(cut.steps.last == .close)
  }

  @Test func toolsAreCalledInParallel() {
    let content = ask("get_weather and get_time", tools()).json["output"]?["message"]?["content"]
    #expect(content?[0]?["toolUse"]?["name"] == "get_weather")
    #expect(content?[1]?["toolUse"]?["name"] == "get_time")
    let named = ask("x", tools(#","toolChoice":{"tool":{"name":"get_time"}}"#)).json
    #expect(named["stopReason"] == "tool_use")
  }

  @Test(arguments: [
    ("rate_limit", 429, "ThrottlingException"), ("server", 500, "InternalServerException"),
    ("overloaded", 503, "ServiceUnavailableException"), ("model", 424, "ModelErrorException"),
    ("timeout", 408, "ModelTimeoutException"), ("permission", 403, "AccessDeniedException"),
    ("not_found", 404, "ResourceNotFoundException"),
    ("invalid_request", 400, "ValidationException"),
    ("billing", 400, "ServiceQuotaExceededException"),
  ])
  func errorsOfEachClass(kind: String, status: Int, name: String) {
    let answer = ask("[[script:error=\(kind)]]")
    #expect(answer.status == status)
    #expect(answer.headers["x-amzn-errortype"]?.hasPrefix(name + ":http") == true)
    #expect((answer.json["message"] ?? answer.json["Message"])?.stringValue != nil)
  }

  @Test func modelsInPathsAreDecoded() {
    let model = "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.meta.llama3"
    #expect(ask("hi", model: model).status == 200)
    #expect(ask("hi", model: "a%3A0").status == 200)
    let listed = ScriptedProvider(.init(models: ["x:0"], acceptsAnyModel: false)) { 0 }
    let body = #"{"messages":[{"role":"user","content":[{"text":"hi"}]}]}"#
    #expect(
      ProviderExchange(listed, "/model/x%3A0/converse", body, headers: bearer).status == 200)
    #expect(ProviderExchange(listed, "/model/y/converse", body, headers: bearer).status == 400)
  }

  @Test func claudesOwnBodiesAreInvoked() {
    func invoke(_ method: String, _ version: String = "bedrock-2023-05-31") -> ProviderExchange {
      ProviderExchange(
        ScriptedProvider { 0 }, "/model/anthropic.claude-x/\(method)",
        #"{"anthropic_version":"\#(version)","max_tokens":9,"#
          + #""messages":[{"role":"user","content":"hi"}]}"#, headers: bearer)
    }
    #expect(invoke("invoke").json["type"] == "message")
    let frames = EventStreamReader(invoke("invoke-with-response-stream").body).frames
    #expect(frames.allSatisfy { $0.isIntact && $0.headers[":event-type"] == "chunk" })
    #expect(frames.allSatisfy { $0.payload["bytes"]?.stringValue != nil })
    #expect(invoke("invoke", "x").headers["x-amzn-errortype"]?.hasPrefix("Validation") == true)
  }
}
