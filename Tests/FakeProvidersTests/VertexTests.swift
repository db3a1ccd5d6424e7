// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@testable import FakeProviders

private let place = "/v1/projects/p/locations/l"
private let bearer = [(name: "Authorization", value: "Bearer t")]

private func post(
  _ path: String, _ body: String, headers: [(name: String, value: String)] = bearer
) -> ProviderExchange {
  ProviderExchange(ScriptedProvider { 0 }, place + path, body, headers: headers)
}

@Suite struct VertexTests {
  @Test func geminiBehindItsPublisher() {
    let body = #"{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}"#
    let path = "/publishers/google/models/gemini-2.5-pro:"
    #expect(post(path + "generateContent", body).json["modelVersion"] == "gemini-2.5-pro")
    #expect(post(path + "streamGenerateContent?alt=sse", body).text.hasPrefix("data: "))
    let anonymous = post(path + "generateContent", body, headers: [("x-goog-api-key", "k")])
    #expect(anonymous.status == 401)
    #expect(anonymous.json["error"]?["status"] == "UNAUTHENTICATED")
    let unsigned = #"""
      {"contents":[{"role":"user","parts":[{"text":"hi"}]},
      {"role":"model","parts":[{"functionCall":{"name":"f"}}]},
      {"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}]}
      """#
    let refused = post("/publishers/google/models/gemini-3-pro:generateContent", unsigned)
    #expect(
      refused.json["error"]?["message"]?.stringValue?.contains("in the 2. content block") == true)
  }

  @Test func claudeTakesItsVersionInTheBody() {
    let path = "/publishers/anthropic/models/claude-sonnet-4-5@20250929:"
    func body(_ rest: String) -> String {
      #"{"max_tokens":9,"messages":[{"role":"user","content":"hi"}]\#(rest)}"#
    }
    let version = #","anthropic_version":"vertex-2023-10-16""#
    let answer = post(path + "rawPredict", body(version))
    #expect(answer.json["model"] == "claude-sonnet-4-5@20250929")
    #expect(answer.json["type"] == "message")
    let stream = post(path + "streamRawPredict", body(version + #","stream":true"#))
    #expect(stream.namedEvents.last?.name == "message_stop")
    let bare = post(path + "rawPredict", body(""))
    #expect(bare.json["error"]?["message"] == "anthropic_version: Field required")
    let named = post(path + "rawPredict", body(version + #","model":"m""#))
    #expect(named.json["error"]?["message"] == "model: Extra inputs are not permitted")
    let current = #","anthropic_version":"2026-10-21""#
    #expect(post(path + "rawPredict", body(current)).status == 200)
    #expect(post(path + "rawPredict", body(current + #","top_k":1"#)).status == 400)
  }

  @Test func theOpenAIEndpointSpeaksOpenAI() {
    let answer = post(
      "/endpoints/openapi/chat/completions",
      #"{"model":"google/gemini-2.5-pro","messages":[{"role":"user","content":"hi"}]}"#)
    #expect(answer.json["object"] == "chat.completion")
    #expect(answer.json["model"] == "google/gemini-2.5-pro")
  }

  @Test func pathsAreTakenApart() {
    #expect(GeminiPath("/v1beta/models/a%2Fb:countTokens")?.model == "a/b")
    #expect(GeminiPath("/v1beta/models")?.model == "")
    #expect(GeminiPath("/v1/models/x")?.isVertex == false)
    #expect(GeminiPath("/v1/projects/p/models/x") == nil)
    #expect(GeminiPath("/models/x") == nil)
    #expect(GeminiPath("/") == nil)
  }
}
