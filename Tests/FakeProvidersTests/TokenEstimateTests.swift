// SPDX-License-Identifier: MIT

import Testing

@testable import FakeProviders

@Suite struct TokenEstimateTests {
  @Test func wordsTakeTheSpaceBeforeThem() {
    #expect(TokenEstimate.split("Hello, world!") == ["Hello", ",", " world", "!"])
    #expect(TokenEstimate.count("Hello, world!") == 4)
  }

  @Test func longWordsAreCutIntoEights() {
    #expect(TokenEstimate.split("internationalization") == ["internat", "ionaliza", "tion"])
    #expect(TokenEstimate.split(" internationalization").first == " internat")
  }

  @Test func otherScalarsStandAlone() {
    #expect(TokenEstimate.split("né  x\n") == ["n", "é", " ", " x", "\n"])
    #expect(TokenEstimate.count("日本語") == 3)
    #expect(TokenEstimate.count("") == 0)
  }

  @Test func theTokensAreTheText() {
    for text in ["", "a", "a b  c", "👩‍👩‍👧 family", "{\"x\": [1, 2.5]}\r\n", "e\u{301}te"] {
      #expect(TokenEstimate.split(text).joined() == text)
      #expect(TokenEstimate.split(text).count == TokenEstimate.count(text))
    }
  }

  @Test func aPrefixSaysWhetherItIsAll() {
    #expect(TokenEstimate.prefix("one two three", 2) == ("one two", true))
    #expect(TokenEstimate.prefix("one two three", 3) == ("one two three", false))
    #expect(TokenEstimate.prefix("one two three", 0) == ("", true))
    #expect(TokenEstimate.prefix("", 0) == ("", false))
  }
}
