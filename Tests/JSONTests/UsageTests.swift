// SPDX-License-Identifier: MIT

import JSON
import Testing

@Suite struct UsageTests {
  private func usage(_ text: String) -> TokenUsage? {
    withBytes(Array(text.utf8)) { ResponseScanner.usage(in: $0) }
  }

  @Test func quickAndCarefulReadingAgree() {
    let texts = [
      ResponseScannerTests.completion,
      #"{"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29}}"#,
      #"{"usage" : { "prompt_tokens" : 19 , "prompt_tokens_details" : null } }"#,
      "{\"usage\":{\n  \"input_tokens\": 3,\n  \"output_tokens\": 4\n}\n}",
      #"{"usage":{"prompt_tokens_details":{"cached_tokens":1},"completion_tokens_details":{}}}"#,
      #"{"usage":{"cached_tokens":7,"x":{"cached_tokens":8,"reasoning_tokens":9}}}"#,
      #"{"usage":{"prompt_tokens":1,"cost":0.25,"cost_details":{"a":{"b":1}},"total_tokens":2}}"#,
      #"{"usage":{"prompt_tokens":-1,"total_tokens":12345678901234567890}}"#,
      #"{"usage":{"pr\u006fmpt_tokens":1,"total_tokens":2,"list":[1,{"total_tokens":3}]}}"#,
      #"{"usage":{"prompt_cache_hit_tokens":5,"is_byok":false,"note":"\"total_tokens\":9"}}"#,
      #"{"usage":{}}"#, #"{"usage":{"total_tokens":1},"usage":{"total_tokens":2}}"#,
    ]
    for text in texts {
      let facts = scanResponse(text)
      #expect(facts.isValid && facts.hasUsage, "\(text)")
      #expect(usage(text) == facts.usage, "\(text)")
    }
  }

  @Test(arguments: [
    // Thoughts within the completion, as OpenAI has it; beside it, as xAI; a total alone.
    (10, 40, 50, 30, 10, 40), (10, 20, 60, 30, 10, 50), (0, 0, 70, 0, 70, 0), (0, 5, 5, 0, 0, 5),
    (0, 0, 0, 0, 0, 0), (10, 20, 0, 30, 10, 20),
  ])
  func countsAreSettled(
    _ prompt: UInt64, _ completion: UInt64, _ total: UInt64, _ reasoning: UInt64,
    _ settledPrompt: UInt64, _ settledCompletion: UInt64
  ) {
    var usage = TokenUsage()
    usage.promptTokens = prompt
    usage.completionTokens = completion
    usage.totalTokens = total
    usage.reasoningTokens = reasoning
    usage.settle()
    #expect(usage.promptTokens == settledPrompt && usage.completionTokens == settledCompletion)
  }

  @Test func partsOfTheTotals() throws {
    let texts = [
      #"{"usage":{"prompt_tokens":100,"completion_tokens":50,"prompt_tokens_details":{"#
        + #""cached_tokens":60,"audio_tokens":6,"cache_write_tokens":7},"#
        + #""completion_tokens_details":{"#
        + #""reasoning_tokens":30,"audio_tokens":8}}}"#,
      #"{"usage":{"input_tokens":100,"output_tokens":50,"cache_creation_input_tokens":7,"#
        + #""input_tokens_details":{"cached_tokens":60,"audio_tokens":6},"output_tokens_details":{"#
        + #""audio_tokens":8,"reasoning_tokens":30,"cached_tokens":1}}}"#,
      #"{"usage":{"prompt_tokens":100,"completion_tokens":50,"completion_tokens_details":{"#
        + #""reasoning_tokens":30,"audio_tokens":8},"prompt_tokens_details":{"audio_tokens":6,"#
        + #""cache_creation_tokens":7,"cached_tokens":60,"reasoning_tokens":2}}}"#,
      #"{"usage":{"type":"tokens","input_tokens":100,"output_tokens":50,"input_token_details":{"#
        + #""text_tokens":1,"cached_tokens":60,"audio_tokens":6,"cache_write_tokens":7},"#
        + #""output_token_details":{"audio_tokens":8,"reasoning_tokens":30}}}"#,
    ]
    for text in texts {
      var found = try #require(usage(text))
      #expect(found == scanResponse(text).usage, "\(text)")
      found.totalTokens = 0
      var expected = TokenUsage()
      expected.promptTokens = 100
      expected.completionTokens = 50
      expected.cachedTokens = 60
      expected.cacheWriteTokens = 7
      expected.audioInputTokens = 6
      expected.reasoningTokens = 30
      expected.audioOutputTokens = 8
      #expect(found == expected, "\(text)")
    }
  }

  @Test func nothingIsMadeUp() {
    let texts = [
      "", "{}", #"{"usage":null}"#, #"{"usage":[1]}"#, #"{"usage":"x"}"#, #"{"usage""#,
      #"{"usage":"#,
      #"{"usage":{"#, #"{"usage":{"total_tokens":"#, #"{"usage":{"total_tokens":5"#,
      #"{"content":"\"usage\":{\"total_tokens\":5}"}"#,
      #"{"usage":{"total_tokens":1},"usage":null}"#,
      #"{"a":"usage"}"#, #"{"usage":{"total_tokens":5]}"#,
    ]
    for text in texts { #expect(usage(text) == nil, "\(text)") }
  }

  /// Every prefix of an answer, so every way it can be cut.
  @Test func cutAnswers() {
    let text = ResponseScannerTests.completion
    let whole = usage(text)
    let end = text.utf8.count - "\u{2c}\"error\":null}".utf8.count
    for length in 0...text.utf8.count {
      let cut = String(decoding: Array(text.utf8)[..<length], as: UTF8.self)
      #expect(usage(cut) == (length >= end ? whole : nil), "\(length)")
    }
  }
}
