// SPDX-License-Identifier: MIT

import Bytes
import JSON
import Testing

@testable import Translation

struct GeminiStreamTests {
  private func run(_ events: [String]) -> StreamRun {
    let text = events.map { "data: \($0)\r\n\r\n" }.joined()
    return StreamRun(Array(text.utf8), Gemini.self, OpenAIChatClient.self)
  }

  private func piece(_ text: String, _ finish: String? = nil) -> String {
    let reason = finish.map { #","finishReason":"\#($0)""# } ?? ""
    return #"{"candidates":[{"content":{"parts":[{"text":"\#(text)"}]}\#(reason)}]}"#
  }

  /// Older models give a reason to finish with every event.
  @Test func theLastReasonCounts() {
    let stream = run([piece("a", "STOP"), piece("b", "STOP"), piece("c", "MAX_TOKENS")])
    #expect(stream.isComplete)
    #expect(stream.text.contains(#""content":"c""#))
    #expect(stream.text.components(of: #""finish_reason":"length""#) == 1)
    #expect(stream.text.components(of: #""finish_reason":"stop""#) == 0)
  }

  @Test func aCallBehindTheReasonIsACall() {
    let call = #"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]}}]}"#
    for events in [[piece("a", "STOP"), call], [call, piece("", "STOP")]] {
      #expect(run(events).text.components(of: #""finish_reason":"tool_calls""#) == 1)
    }
    #expect(
      run([call, piece("", "MAX_TOKENS")]).text.components(of: #""finish_reason":"length""#) == 1)
  }

  @Test func everyCandidateHasToFinish() {
    let second = #"{"candidates":[{"index":1,"content":{"parts":[{"text":"x"}]}}]}"#
    #expect(run([piece("a"), second, piece("", "STOP")]).hasFailed)
    #expect(!run([piece("a"), second, piece("", "STOP")]).isComplete)
  }

  @Test func nothingIsNoAnswer() {
    #expect(run([]).hasFailed)
    #expect(run([#"{"usageMetadata":{"promptTokenCount":1}}"#]).hasFailed)
  }

  @Test func piecesOfCallsAreRefused() {
    let call =
      #"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","#
      + #""willContinue":true}}]}}]}"#
    #expect(run([call, piece("", "STOP")]).hasFailed)
  }

  @Test func indexesFromOutsideAreBounded() {
    for index in ["-1", "128", "9223372036854775807"] {
      #expect(run([#"{"candidates":[{"index":\#(index)}]}"#]).hasFailed)
    }
  }

  @Test func anErrorInAnArrayIsAnError() {
    let stream = run([#"[{"error":{"code":429,"message":"Slow.","status":"RESOURCE_EXHAUSTED"}}]"#])
    #expect(stream.hasFailed)
    #expect(stream.text.contains("rate_limit_exceeded"))
  }

  @Test func waitsAreRead() {
    func wait(_ delay: String, _ header: Int64? = nil) -> Int64? {
      let body =
        #"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":["#
        + #"{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"\#(delay)"}]}}"#
      return Array(body.utf8).withView {
        Gemini.readError(
          status: 429, headers: ErrorHeaders(retryAfterMilliseconds: header), body: $0)
      }.retryAfterMilliseconds
    }
    #expect(wait("34.074824224s") == 34_075)
    #expect(wait("0s", 9) == 0)
    #expect(wait("soon", 9) == 9)
    #expect(wait("-1s") == nil)
    #expect(wait("1e300s") == nil)
  }

  @Test func idsOfCallsFollowFromTheAnswer() throws {
    func ids(_ head: String) throws -> [String] {
      let body =
        #"{\#(head)"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}},"#
        + #"{"functionCall":{"name":"f"}}]}}]}"#
      return try Gemini.readResponse(try JSONTree().parse(Array(body.utf8)[...]))
        .choices[0].blocks.map {
          guard case .toolCall(let call) = $0.content else { return "none" }
          return call.id.plain
        }
    }
    #expect(try ids(#""responseId":"x-1_","#) == ["call_x-1__0", "call_x-1__1"])
    #expect(try ids("") == ids(""))
    #expect(try ids("") != ids(#""modelVersion":"m","#))
    let long = try ids(#""responseId":"\#(String(repeating: "a", count: 100))","#)
    #expect(Set(long).count == 2 && long.allSatisfy { $0.utf8.count <= 64 })
  }
}

extension String {
  /// How often `part` occurs.
  fileprivate func components(of part: String) -> Int {
    var count = 0
    var rest = self[...]
    while let range = rest.firstRange(of: part) {
      count += 1
      rest = rest[range.upperBound...]
    }
    return count
  }
}
