// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@testable import FakeProviders

private func stream(_ rest: String = "", streams: Bool = true) -> ProviderExchange {
  ProviderExchange(
    "/v1/chat/completions",
    #"{"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":\#(streams)\#(rest)}"#)
}

@Suite struct ChatStreamTests {
  @Test func theStreamSaysWhatTheBodySays() {
    let whole = stream(streams: false).json["choices"]?[0]?["message"]?["content"]?.stringValue
    let answer = stream()
    #expect(answer.headers["content-type"] == "text/event-stream; charset=utf-8")
    #expect(answer.streamedText() == whole)
    #expect(answer.events.last == "[DONE]")
    #expect(answer.chunks.first?["choices"]?[0]?["delta"]?["role"] == "assistant")
    #expect(answer.chunks.last?["choices"]?[0]?["finish_reason"] == "stop")
    #expect(answer.chunks.last?["choices"]?[0]?["delta"] == .object([]))
    let reasons = answer.chunks.dropLast().map { $0["choices"]?[0]?["finish_reason"] }
    #expect(reasons.allSatisfy { $0 == .null })
  }

  @Test func usageOnlyWhenAskedAndTheSame() {
    #expect(stream().chunks.allSatisfy { $0["usage"] == nil })
    let answer = stream(#","stream_options":{"include_usage":true}"#)
    #expect(answer.chunks.dropLast().allSatisfy { $0["usage"] == .null })
    #expect(answer.chunks.last?["choices"] == .array([]))
    #expect(answer.chunks.last?["usage"] == stream(streams: false).json["usage"])
    #expect(answer.events.last == "[DONE]")
  }

  @Test func oneTokenAChunkOrMore() {
    let script = #","user":"script:tokens=10"#
    #expect(stream("\(script)\"").chunks.count == 12)
    #expect(stream("\(script),chunk_tokens=4\"").chunks.count == 5)
  }

  @Test func choicesTakeTurns() {
    let answer = stream(#","n":2"#)
    let indexes = answer.chunks.prefix(4).map { $0["choices"]?[0]?["index"] }
    #expect(indexes == [0, 1, 0, 1])
    let whole = stream(#","n":2"#, streams: false).json["choices"]
    for index in 0..<2 {
      let text = whole?[index]?["message"]?["content"]?.stringValue
      #expect(answer.streamedText(choice: Int64(index)) == text)
    }
  }

  @Test func logprobsAreThereForEachToken() {
    let answer = stream(#","logprobs":true,"top_logprobs":2"#, streams: false).json
    let content = answer["choices"]?[0]?["logprobs"]?["content"]?.arrayValue ?? []
    #expect(Int64(content.count) == answer["usage"]?["completion_tokens"]?.integerValue)
    #expect(content.allSatisfy { $0["top_logprobs"]?.arrayValue?.count == 2 })
    #expect(content.allSatisfy { ($0["logprob"]?.numberValue ?? 1) <= 0 })
  }
}
