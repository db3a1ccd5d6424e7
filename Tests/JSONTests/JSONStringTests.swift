// SPDX-License-Identifier: MIT

import Bytes
import Foundation
import JSON
import TestSupport
import Testing

@Suite struct JSONStringTests {
  private func unescaped(_ contents: String, capacity: Int = 256) -> String {
    withWriter(capacity: capacity) { writer in
      withBytes(Array(contents.utf8)) { JSONString.unescape($0, into: &writer) }
    }
  }

  @Test func unescapes() {
    let cases = [
      ("", ""), ("gpt-4o", "gpt-4o"), (#"a\/b"#, "a/b"),
      (#"\"\\\b\f\n\r\t"#, "\"\\\u{8}\u{c}\n\r\t"),
      (#"\u0041\u00e9\u4e2d\ud83d\ude00"#, "A\u{e9}\u{4e2d}\u{1f600}"),
      ("\u{e9}\\u00E9", "\u{e9}\u{e9}"),
      (#"\uD800"#, ""), (#"a\"#, "a"), (#"a\u12"#, "a"),
    ]
    for (contents, expected) in cases { #expect(unescaped(contents) == expected, "\(contents)") }
  }

  @Test func writesWhatFoundationReads() throws {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<2_000 {
      let scalars = (0..<Int.random(in: 0...40, using: &generator)).map { _ -> Unicode.Scalar in
        let range =
          [0...0x7f, 0x80...0x7ff, 0x800...0xd7ff, 0x10000...0x10ffff] as [ClosedRange<UInt32>]
        let value = UInt32.random(
          in: range.randomElement(using: &generator) ?? 0...0x7f, using: &generator)
        return Unicode.Scalar(value) ?? "x"
      }
      var text = ""
      text.unicodeScalars.append(contentsOf: scalars)
      let written = withWriter { writer in
        text.withByteView { JSONWriter.append(string: $0, to: &writer) }
      }
      let parsed = try JSONSerialization.jsonObject(
        with: Data(written.utf8), options: .fragmentsAllowed)
      #expect(parsed as? String == text)
      #expect(
        unescaped(String(written.unicodeScalars.dropFirst().dropLast()), capacity: 4_096) == text)
      #expect(scanRequest("{\"a\":\(written)}").0 == .accepted)
    }
  }

  @Test func brokenBytesAreReplaced() {
    let written = withWriter { writer in
      withBytes([0x61, 0xff, 0x62, 0xe4, 0xb8, 0xc3, 0xa9, 0xc3]) {
        JSONWriter.append(string: $0, to: &writer)
      }
    }
    #expect(written == "\"a\u{fffd}b\u{fffd}\u{fffd}\u{e9}\u{fffd}\"")
  }

  @Test func equalsText() {
    func isModel(_ contents: String) -> Bool {
      withBytes(Array(contents.utf8)) { JSONString.equals($0, "model") }
    }
    #expect(isModel("model") && isModel("\\u006dodel") && isModel("mode\\u006C"))
    #expect(!isModel("mode") && !isModel("models") && !isModel("") && !isModel("\\\\u006dodel"))
    #expect(!isModel(String(repeating: "\\u006d", count: 5_000)))
  }

  @Test func integers() {
    func integer(_ text: String) -> Int64? {
      withBytes(Array("{\"n\":\(text)}".utf8)) { view in
        var facts = ChatRequestFacts()
        do throws(JSONError) { try ChatRequestScanner.scan(view, into: &facts) } catch {
          return nil
        }
        return facts.n.integer(in: view)
      }
    }
    #expect(integer("0") == 0 && integer("-5") == -5 && integer("256") == 256)
    #expect(integer("9223372036854775807") == Int64.max && integer("9223372036854775808") == nil)
    #expect(
      integer("99999999999999999999999") == nil && integer("1.0") == nil && integer("1e3") == nil)
    #expect(integer("\"5\"") == nil && integer("null") == nil && integer("true") == nil)
  }
}
