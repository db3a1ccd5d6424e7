// SPDX-License-Identifier: MIT

import JSON
import TestSupport
import Testing

@Suite struct UsageShapeTests {
  private static let names = [
    "prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "output_tokens",
    "prompt_cache_hit_tokens", "audio_tokens_2", "cached_tokens",
  ]
  private static let details = [
    "prompt_tokens_details", "completion_tokens_details", "cost_details",
  ]

  /// A body whose usage has one of a few layouts, with any numbers.
  private func body(_ random: inout some RandomNumberGenerator, layout: Int) -> String {
    var layoutRandom = SeededGenerator(seed: UInt64(layout))
    var text = "{\"id\":\"x\",\"usage\":{"
    for place in 0..<Int.random(in: 1...8, using: &layoutRandom) {
      if place > 0 { text += [",", ", ", ",\n "][Int.random(in: 0..<3, using: &layoutRandom)] }
      let name = Self.names[Int.random(in: 0..<8, using: &layoutRandom)]
      let number = UInt64.random(in: 0...999_999, using: &random)
      switch Int.random(in: 0..<8, using: &layoutRandom) {
      case 0: text += "\"\(name)\":null"
      case 1: text += "\"cost\":0.\(number)"
      case 2, 3:
        let detail = Self.details[Int.random(in: 0..<3, using: &layoutRandom)]
        text += "\"\(detail)\":{\"cached_tokens\":\(number),\"reasoning_tokens\":\(number / 3)}"
      default: text += "\"\(name)\": \(number)"
      }
    }
    return text + "},\"service_tier\":\"default\"}"
  }

  @Test func theShapeChangesNoAnswer() {
    var random = SeededGenerator(seed: 99)
    let shape = UsageShape()
    var layout = 0
    for _ in 0..<8_000 {
      if Int.random(in: 0..<5, using: &random) == 0 {
        layout = Int.random(in: 0..<40, using: &random)
      }
      var text = body(&random, layout: layout)
      if Int.random(in: 0..<20, using: &random) == 0 {
        text = String(text.prefix(Int.random(in: 1..<text.count, using: &random)))
      }
      withBytes(Array(text.utf8)) { view in
        let helped = ResponseScanner.locateUsage(in: view, shape: shape)
        let plain = ResponseScanner.locateUsage(in: view)
        #expect(helped?.usage == plain?.usage && helped?.end == plain?.end, "\(text)")
      }
    }
  }

  @Test func numbersOfOtherKindsDoNotFitTheShape() {
    let shape = UsageShape()
    func usage(_ number: String) -> TokenUsage? {
      withBytes(Array("{\"usage\":{\"total_tokens\":\(number)}}".utf8)) {
        ResponseScanner.locateUsage(in: $0, shape: shape)?.usage
      }
    }
    for _ in 0..<3 { #expect(usage("5")?.totalTokens == 5) }
    #expect(usage("1.5")?.totalTokens == 0)
    #expect(usage("-5")?.totalTokens == 0)
    #expect(usage("12345678901234567890")?.totalTokens == 0)
    #expect(usage("123456789012345678")?.totalTokens == 123_456_789_012_345_678)
    #expect(usage("") == nil)
    #expect(usage("7")?.totalTokens == 7)
  }
}
