// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@testable import FakeProviders

/// Requests with everything in them, for a test that breaks them.
private let requests: [(path: String, body: String)] = [
  (
    "/v1/messages",
    #"""
    {"model":"claude-opus-5","max_tokens":3000,"stream":true,"system":[{"type":"text","text":"s"}],
    "thinking":{"type":"adaptive"},"tool_choice":{"type":"auto"},"metadata":{"user_id":"u"},
    "tools":[{"name":"f","input_schema":{"type":"object","properties":{"a":{"type":"array"}}}}],
    "messages":[{"role":"user","content":"hi"},{"role":"assistant","content":[
    {"type":"tool_use","id":"t","name":"f","input":{"a":[1]}}]},{"role":"user","content":[
    {"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"x"}]}]}]}
    """#
  ),
  (
    "/v1beta/models/gemini-2.5-pro:streamGenerateContent",
    #"""
    {"systemInstruction":{"parts":[{"text":"s"}]},"generationConfig":{"temperature":1,"seed":3,
    "maxOutputTokens":50,"stopSequences":["x"],"thinkingConfig":{"thinkingBudget":5}},
    "tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT"}}]}],
    "toolConfig":{"functionCallingConfig":{"mode":"AUTO"}},"contents":[
    {"role":"user","parts":[{"text":"hi"},{"inlineData":{"mimeType":"a/b","data":"AA=="}}]},
    {"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":1}}}]},
    {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"r":1}}}]}]}
    """#
  ),
  (
    "/model/anthropic.claude/converse-stream",
    #"""
    {"system":[{"text":"s"}],"inferenceConfig":{"maxTokens":50,"temperature":1,
    "stopSequences":["x"]},"additionalModelRequestFields":{"thinking":{"type":"adaptive"}},
    "toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object"}}}}],
    "toolChoice":{"auto":{}}},"messages":[{"role":"user","content":[{"text":"hi"}]},
    {"role":"assistant","content":[{"toolUse":{"toolUseId":"t","name":"f","input":{}}}]},
    {"role":"user","content":[{"toolResult":{"toolUseId":"t","content":[{"text":"x"}]}}]}]}
    """#
  ),
  (
    "/api/chat",
    #"""
    {"model":"m","think":true,"format":"json","options":{"num_predict":5,"stop":["x"]},
    "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],
    "messages":[{"role":"user","content":"hi","images":["AA=="]},{"role":"assistant",
    "tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},{"role":"tool","content":"x"}]}
    """#
  ),
  (
    "/v1/responses",
    #"""
    {"model":"m","stream":true,"instructions":"s","max_output_tokens":50,"reasoning":{"summary":
    "auto"},"tools":[{"type":"function","name":"f","parameters":{"type":"object"}}],
    "text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"}}},
    "input":[{"role":"user","content":[{"type":"input_text","text":"hi"}]},
    {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},
    {"type":"function_call_output","call_id":"c","output":"x"}]}
    """#
  ),
]

@Suite(.timeLimit(.minutes(1))) struct HostileInputTests {
  private static let headers = [
    (name: "anthropic-version", value: "2023-06-01"), (name: "x-api-key", value: "k"),
    (name: "x-goog-api-key", value: "k"), (name: "Authorization", value: "Bearer k"),
  ]
  /// What stands in the place of a part of a body.
  private static let intruders = [
    "", "null", "{}", "[]", "\"\"", "-1", "1e99", "9223372036854775807", "true", "[[script:",
    "\u{0}", "\"\\ud800\"", "{\"a\":", "[[script:call=f:%00]]",
  ]

  @Test(arguments: requests.indices)
  func brokenBodiesAreAnswered(index: Int) {
    let (path, body) = requests[index]
    let bytes = Array(body.utf8)
    #expect(status(path, bytes) == 200)
    var random = StableRandom(seed: UInt64(index))
    for _ in 0..<400 {
      var broken = bytes
      let start = Int(random.next() % UInt64(bytes.count))
      let end = min(start + Int(random.next() % 12), bytes.count)
      let intruder = Self.intruders[Int(random.next() % UInt64(Self.intruders.count))]
      broken.replaceSubrange(start..<end, with: Array(intruder.utf8))
      let found = status(path, broken)
      #expect(found == 200 || (400...499).contains(found))
    }
  }

  /// Each value in turn is replaced by one of another kind: the JSON stays valid, so that the
  /// readers behind the parser are reached.
  @Test(arguments: requests.indices)
  func valuesOfOtherKindsAreAnswered(index: Int) throws {
    let (path, body) = requests[index]
    let value = try JSONValue(parsing: Array(body.utf8))
    for intruder in [JSONValue.null, "text", -1, 1.5, true, [], [:], [[:]], ["a": []]] {
      for place in 0..<Self.count(value) {
        var rest = place
        let found = status(path, Self.replaced(value, &rest, intruder).encodedBytes)
        #expect(found == 200 || (400...499).contains(found))
      }
    }
  }

  @Test func strangePathsAreAnswered() {
    for path in [
      "", "/", "//", "/model", "/model/", "/model//converse", "/v1beta/models/:", "/v1/publishers",
      "/v1/publishers/models", "/openai/deployments", "/v1/models/%", "/v1/models/%zz", "/api/",
      "/v1/projects/p/publishers/anthropic/models/m:rawPredict", "/?a", "/v1/messages?limit=",
    ] {
      for method in ["GET", "POST", "PUT"] {
        let request = ReceivedRequest(
          method: method, target: path, headers: Self.headers, body: Array("{}".utf8))
        let exchange = ProviderExchange(steps: ScriptedProvider { 0 }.respond(to: request))
        #expect((200...599).contains(exchange.status))
      }
    }
  }

  private func status(_ path: String, _ body: [UInt8]) -> Int {
    let request = ReceivedRequest(
      method: "POST", target: path, headers: Self.headers, body: body)
    // With Anthropic's header a path that both have is Anthropic's.
    let wire: Wire? = path == "/v1/responses" ? .openai : nil
    let provider = ScriptedProvider(.init(wire: wire)) { 0 }
    return ProviderExchange(steps: provider.respond(to: request)).status
  }

  private static func count(_ value: JSONValue) -> Int {
    switch value {
    case .array(let elements): elements.reduce(1) { $0 + count($1) }
    case .object(let members): members.reduce(1) { $0 + count($1.value) }
    default: 1
    }
  }

  /// `value` with the one at `place`, counted in depth first, replaced.
  private static func replaced(
    _ value: JSONValue, _ place: inout Int, _ intruder: JSONValue
  ) -> JSONValue {
    place -= 1
    if place == -1 { return intruder }
    switch value {
    case .array(let elements):
      return .array(elements.map { replaced($0, &place, intruder) })
    case .object(let members):
      return .object(members.map { .init($0.name, replaced($0.value, &place, intruder)) })
    default: return value
    }
  }
}
