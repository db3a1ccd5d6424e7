// SPDX-License-Identifier: MIT

import JSON
import TestSupport
import Testing

@Suite struct ResponseScannerTests {
  static let completion = """
    {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-4o-mini-2024-07-18",\
    "choices":[{"index":0,"message":{"role":"assistant","content":"said \\"usage\\": {}"},\
    "logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":19,"completion_tokens":10,\
    "total_tokens":29,"prompt_tokens_details":{"cached_tokens":5,"audio_tokens":0},\
    "completion_tokens_details":{"reasoning_tokens":7,"cached_tokens":99}},"error":null}
    """

  @Test func completeAnswer() {
    let facts = scanResponse(Self.completion)
    #expect(facts.isValid && facts.hasUsage && !facts.isUsageChunk)
    #expect(facts.usage.promptTokens == 19 && facts.usage.completionTokens == 10)
    #expect(facts.usage.totalTokens == 29 && facts.usage.cachedTokens == 5)
    #expect(facts.usage.reasoningTokens == 7)
    #expect(Self.completion.bytes(facts.id.contents) == "chatcmpl-1")
    #expect(Self.completion.bytes(facts.model.contents) == "gpt-4o-mini-2024-07-18")
    #expect(Self.completion.bytes(facts.finishReason.contents) == "stop")
    #expect(Self.completion.bytes(facts.object.contents) == "chat.completion")
    #expect(facts.choiceCount == 1 && facts.error.kind == .absent)
  }

  @Test func streamChunks() {
    let delta =
      #"{"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}],"usage":null}"#
    let deltaFacts = scanResponse(delta)
    #expect(deltaFacts.isValid && !deltaFacts.hasUsage && deltaFacts.finishReason.kind == .absent)
    let usage =
      #"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"#
      + #""prompt_cache_hit_tokens":2}}"#
    let usageFacts = scanResponse(usage)
    #expect(usageFacts.isUsageChunk && usageFacts.usage.totalTokens == 7)
    #expect(usageFacts.usage.cachedTokens == 2)
    // Usage beside a choice, as some providers send it.
    let both = #"{"choices":[{"finish_reason":"length","delta":{}}],"usage":{"prompt_tokens":3}}"#
    let bothFacts = scanResponse(both)
    #expect(bothFacts.hasUsage && !bothFacts.isUsageChunk)
    #expect(both.bytes(bothFacts.finishReason.contents) == "length")
  }

  static let plain: [(String, Bool)] = [
    (#"{"choices":[{"delta":{"content":"Hi"},"finish_reason":null}],"usage":null}"#, true),
    (#"{"choices":[{"delta":{"content":"Hi"},"finish_reason": null}]}"#, true),
    (#"{"choices":[{"delta":{"content":"the \"usage\": {} and \"error\" of it"}}]}"#, true),
    (#"{"choices":[{"delta":{"content":"a finish_reason"}}]}"#, true),
    (#"{"choices":[{"delta":{"content":"finish_reason"}}]}"#, false),
    (#"{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":null}"#, false),
    (#"{"choices":[{"finish_reason":null},{"finish_reason" : "stop"}]}"#, false),
    (#"{"choices":[],"usage":{"total_tokens":5}}"#, false),
    (#"{"choices":[],"usage" : {"total_tokens":5}}"#, false),
    (#"{"usage":null,"usage":{"total_tokens":5}}"#, false),
    (#"{"error":{"message":"overloaded"}}"#, false),
    (#"{"choices":[{"delta":{"content":"usage"}}],"x":"usage"}"#, false),
    ("[DONE]", false), ("", false), (#""usage""#, false), (#"{"usage""#, false),
    (#"{"usage":"#, false), (#"{"choices":[{"delta":{"content":"cut"}"#, true),
    (#"{"choices":[{"delta":{"content":"cut sh"#, false),
  ]

  @Test(arguments: plain) func plainChunks(text: String, isPlain: Bool) {
    withBytes(Array(text.utf8)) { #expect(ResponseScanner.isPlainChunk($0) == isPlain, "\(text)") }
  }

  @Test func aChunkMayFinish() {
    let finished = #"{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":null}"#
    withBytes(Array(finished.utf8)) {
      #expect(ResponseScanner.isPlainChunk($0, mayFinish: true))
    }
    let both = #"{"choices":[{"finish_reason":"stop"}],"usage":{"total_tokens":5}}"#
    withBytes(Array(both.utf8)) {
      #expect(!ResponseScanner.isPlainChunk($0, mayFinish: true))
    }
  }

  /// What `isPlainChunk` lets through holds nothing a scan would have found.
  @Test func plainMeansNothingToFind() {
    var generator = SeededGenerator(seed: 7)
    let pieces = [
      "\"usage\"", "\"error\"", "\"finish_reason\"", ":", ",", "null", "{", "}", "[", "]",
      "\"choices\":[{",
      "{\"total_tokens\":1}", "\"stop\"", " ", "\\\"", "\"x\"", "}]",
    ]
    for _ in 0..<20_000 {
      let count = Int.random(in: 1...8, using: &generator)
      let inside = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }
      let text = "{" + inside.joined() + "}"
      let facts = scanResponse(text)
      guard facts.isValid else { continue }
      let isPlain = withBytes(Array(text.utf8)) { ResponseScanner.isPlainChunk($0) }
      let isBare =
        !facts.hasUsage && facts.error.kind == .absent
        && facts.finishReason.kind == .absent
      #expect(!isPlain || isBare, "\(text)")
    }
  }

  @Test func errorsAndBrokenTexts() {
    let nested = #"{"error":{"message":"no","type":"t","code":null}}"#
    #expect(
      nested.bytes(scanResponse(nested).error.range) == #"{"message":"no","type":"t","code":null}"#)
    let flat =
      #"{"object":"error","message":"too long","type":"BadRequestError","param":null,"code":400}"#
    let facts = scanResponse(flat)
    #expect(flat.bytes(facts.object.contents) == "error")
    #expect(flat.bytes(facts.message.contents) == "too long" && facts.code.kind == .number)
    let html = scanResponse("<html><body>502 Bad Gateway</body></html>")
    #expect(!html.isValid && html.failure == JSONError(.notAnObject, at: 0))
    let cut = scanResponse(String(Self.completion.dropLast(20)))
    #expect(!cut.isValid && cut.failure.reason == .unexpectedEnd)
    #expect(!scanResponse("").isValid && !scanResponse("[]").isValid)
    #expect(!scanResponse(#"{"usage":{"prompt_tokens":1},}"#).isValid)
  }

  @Test func strangeUsageIsNotBelieved() {
    let texts = [
      #"{"usage":{"prompt_tokens":-1}}"#, #"{"usage":{"prompt_tokens":1.5}}"#,
      #"{"usage":{"prompt_tokens":"12"}}"#, #"{"usage":{"prompt_tokens":99999999999999999999}}"#,
      #"{"usage":{"x":{"prompt_tokens":5}}}"#, #"{"usage":{}}"#,
    ]
    for text in texts {
      let facts = scanResponse(text)
      #expect(facts.isValid && facts.hasUsage && facts.usage == TokenUsage(), "\(text)")
    }
    #expect(!scanResponse(#"{"usage":[1]}"#).hasUsage)
    // The last one counts.
    #expect(
      scanResponse(#"{"usage":{"prompt_tokens":1},"usage":{"prompt_tokens":2}}"#).usage.promptTokens
        == 2)
  }
}
