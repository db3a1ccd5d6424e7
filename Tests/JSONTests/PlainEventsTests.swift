// SPDX-License-Identifier: MIT

import JSON
import TestSupport
import Testing

/// Events that a relay passes on unseen, against the plain rule: each is one line of JSON, its
/// `usage` is null, and it names no error.
@Suite struct PlainEventsTests {
  private func plainEvents(_ text: String) -> Int? {
    withBytes(Array(text.utf8)) { ResponseScanner.plainEvents($0) }
  }

  static let chunk =
    #"{"id":"chatcmpl-1","object":"chat.completion.chunk","system_fingerprint":"fp_1","#
    + #""choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}],"usage":null}"#

  static let cases: [(String, Int?)] = [
    ("data: \(chunk)\n\n", 1),
    ("data: \(chunk)\n\ndata: {}\n\ndata: \(chunk)\n\n", 3),
    (#"data: {"choices":[{"delta":{},"finish_reason":"stop"}],"usage": null}"# + "\n\n", 1),
    (#"data: {"content":"of \"usage\" and \"error\""}"# + "\n\n", 1),
    ("", nil), ("\n\n", nil), ("data: \n\n", nil), ("data: {}", nil), ("data: {}\n", nil),
    ("data: {}\r\n\r\n", nil), ("data: {}\n\r\n", nil), ("data: {}\r\n\n", nil),
    ("data:{}\n\n", nil), ("data: [DONE]\n\n", nil), ("data: {}\n\ndata: [DONE]\n\n", nil),
    ("event: x\ndata: {}\n\n", nil), ("data: {\ndata: }\n\n", nil), (": alive\n\n", nil),
    ("data: {}\n\n\n", nil), ("data: {}\n\ndata: {}\n", nil), ("data: {}\n\ndata", nil),
    (#"data: {"error":{"message":"overloaded"}}"# + "\n\n", nil),
    (#"data: {"choices":[],"usage":{"total_tokens":5}}"# + "\n\n", nil),
    (#"data: {"usage":null,"usage":null}"# + "\n\n", nil),
    (#"data: {"usage":  null}"# + "\n\n", nil), (#"data: {"usage"}"# + "\n\n", nil),
    ("data: {}\n\n" + #"data: {"usage":{}}"# + "\n\n", nil),
    ("data: {\"usage\"\n\n:null}\n\n", nil), ("data: {} \n\n", nil), ("data: {\"", nil),
  ]

  @Test(arguments: cases) func counts(text: String, count: Int?) {
    #expect(plainEvents(text) == count, "\(text)")
  }

  /// The rule, slowly.
  private func slowly(_ text: String) -> Int? {
    var events = text.components(endedBy: "\n\n")
    guard events.popLast() == "", !events.isEmpty else { return nil }
    for event in events {
      let line = Array(event.utf8)
      guard event.hasPrefix("data: "), line.count > 6, event.hasSuffix("}"),
        !line.contains(0x0a), !line.contains(0x0d), !event.contains("\"error\"")
      else { return nil }
      let afterUsage = event.components(endedBy: "\"usage\"").dropFirst()
      guard afterUsage.count <= 1,
        afterUsage.allSatisfy({ $0.hasPrefix(":null") || $0.hasPrefix(": null") })
      else { return nil }
    }
    return events.count
  }

  /// Texts of every length, so that marks stand at every place of a block and at its end.
  @Test func isTheRule() {
    var generator = SeededGenerator(seed: 11)
    let pieces = [
      "\"usage\"", "\"error\"", ":null", ": null", "}", "\n\n", "}\n\n", "\ndata: ", "\n", "\r",
      "\"e", "\"u", "\"", "}\n\ndata: {", "data: ", "\\\"error\\\"", "é",
    ]
    var plainCount = 0
    for round in 0..<30_000 {
      var text = "data: {"
      for _ in 0..<Int.random(in: 0...4, using: &generator) {
        text += String(repeating: "x", count: Int.random(in: 0...70, using: &generator))
        // Half of the texts have nothing to see in them, so that both answers occur.
        let most = round % 2 == 0 ? pieces.count : 4
        if round % 2 == 0 || Bool.random(using: &generator) {
          text += pieces[Int.random(in: 0..<most, using: &generator)]
        } else {
          text += pieces[13]
        }
      }
      text += round % 3 == 0 ? "" : "}\n\n"
      let expected = slowly(text)
      if expected != nil { plainCount += 1 }
      #expect(plainEvents(text) == expected, "\(text.debugDescription)")
    }
    #expect(plainCount > 3_000, "the rule was hardly ever met: \(plainCount)")
  }

  /// Where the bytes end is where the search ends: a quote that is the last byte is followed by
  /// what is no part of them.
  @Test func looksNoFurther() {
    for length in 0...140 {
      let text = "data: " + String(repeating: "x", count: length)
      let all = Array((text + "\"error\"}\n\n").utf8)
      for end in text.utf8.count...all.count {
        withBytes(Array(all[..<end])) { #expect(ResponseScanner.plainEvents($0) == nil) }
      }
    }
  }
}

extension String {
  /// The parts between `separator`, by bytes; what follows the last of them, too.
  fileprivate func components(endedBy separator: String) -> [String] {
    let bytes = Array(utf8)
    let mark = Array(separator.utf8)
    var parts: [String] = []
    var start = 0
    var index = 0
    while index + mark.count <= bytes.count {
      if Array(bytes[index..<index + mark.count]) == mark {
        parts.append(String(decoding: bytes[start..<index], as: UTF8.self))
        index += mark.count
        start = index
      } else {
        index += 1
      }
    }
    parts.append(String(decoding: bytes[start...], as: UTF8.self))
    return parts
  }
}
