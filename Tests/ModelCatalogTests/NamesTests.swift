// SPDX-License-Identifier: MIT

import ModelCatalog
import Testing

@Suite("Globs and nearest names")
struct NamesTests {
  @Test(
    "whether two globs have a name in common",
    arguments: [
      ("a", "a", true), ("a", "b", false), ("a*", "ab", true), ("a*", "b*", false),
      ("*b", "a*", true), ("*", "", true), ("a*c", "ab*", true), ("a*c", "b*c", false),
      ("*a*", "b*b", true), ("ab", "a*b*", true), ("ab", "a*c*", false), ("vllm/*", "*", true),
      ("vllm/x*", "vllm/*y", true), ("", "", true), ("", "**", true), ("", "*a", false),
    ])
  func overlap(first: String, second: String, isOne: Bool) {
    #expect(Glob.overlap(first, second) == isOne)
    #expect(Glob.overlap(second, first) == isOne)
  }

  @Test(
    "globs",
    arguments: [
      ("claude-*", "claude-sonnet-4-5", true), ("claude-*", "claude-", true),
      ("claude-*", "claude", false), ("*", "", true), ("*", "x", true), ("", "", true),
      ("", "x", false), ("gpt-4o", "gpt-4o", true), ("gpt-4o", "gpt-4o-mini", false),
      ("*mini", "gpt-4o-mini", true), ("*mini", "gpt-4o-mini-x", false),
      ("g*4*m*i", "gpt-4o-mini", true), ("a*b*c", "a-b-b-c-c", true), ("a**b", "ab", true),
      ("a*b", "acbd", false),
    ])
  func globs(pattern: String, name: String, isMatch: Bool) {
    #expect(Glob.matches(pattern: pattern, name: name) == isMatch)
  }

  @Test("a hostile pattern ends in bounded time")
  func hostileGlob() {
    let pattern = String(repeating: "a*", count: 120) + "b"
    let name = String(repeating: "a", count: 256)
    #expect(!Glob.matches(pattern: pattern, name: name))
  }

  @Test(
    "nearest names",
    arguments: [
      ("gpt-4o-mni", "gpt-4o-mini"), ("claude-sonet-4", "claude-sonnet-4"),
      ("SMART", "smart"), ("gemini", "gemini-2.5-pro"), ("samrt", "smart"),
    ])
  func nearest(wanted: String, expected: String) {
    let names = ["gpt-4o-mini", "gpt-4o", "claude-sonnet-4", "smart", "fast", "gemini-2.5-pro"]
    #expect(NearestNames.find(wanted, in: names).first == expected)
  }

  @Test("nothing is proposed for what resembles nothing")
  func nothingNear() {
    #expect(NearestNames.find("zzzzzzzz", in: ["gpt-4o", "smart"]).isEmpty)
    #expect(NearestNames.find("", in: ["gpt-4o"]).isEmpty)
    #expect(NearestNames.find("ab", in: ["xy"]).isEmpty)
  }

  @Test("at most three, ties by name")
  func bounded() {
    let found = NearestNames.find("gpt-4x", in: ["gpt-4c", "gpt-4b", "gpt-4d", "gpt-4a"])
    #expect(found == ["gpt-4a", "gpt-4b", "gpt-4c"])
  }
}
