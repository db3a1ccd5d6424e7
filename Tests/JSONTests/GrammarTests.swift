// SPDX-License-Identifier: MIT

import JSON
import Testing

/// The grammar of RFC 8259, one refusal with reason and offset per rule.
@Suite struct GrammarTests {
  /// Values put into `{"a":` … `}`; offsets are relative to the value.
  static let refusedValues: [(String, JSONError.Reason, Int)] = [
    ("", .unexpectedByte, 0), ("tru", .literalInvalid, 0), ("True", .unexpectedByte, 0),
    ("nul", .literalInvalid, 0), ("falsy", .literalInvalid, 0), ("nan", .literalInvalid, 0),
    ("NaN", .unexpectedByte, 0), ("Infinity", .unexpectedByte, 0),
    ("truex", .unexpectedByte, 4), ("nullnull", .unexpectedByte, 4),
    ("01", .numberInvalid, 0), ("-", .numberInvalid, 0), ("-a", .numberInvalid, 0),
    ("+1", .unexpectedByte, 0), ("1.", .numberInvalid, 0), (".5", .unexpectedByte, 0),
    ("1.e5", .numberInvalid, 0), ("1e", .numberInvalid, 0), ("1e+", .numberInvalid, 0),
    ("-01", .numberInvalid, 0), ("0x10", .unexpectedByte, 1), ("1_000", .unexpectedByte, 1),
    ("1 2", .unexpectedByte, 2), ("-Infinity", .numberInvalid, 0),
    ("\"\n\"", .controlCharacter, 1), ("\"ab\u{1}\"", .controlCharacter, 3),
    ("\"\u{0}\"", .controlCharacter, 1), ("\"\u{1f}\"", .controlCharacter, 1),
    ("\"\\x\"", .escapeInvalid, 1), ("\"\\u12g4\"", .escapeInvalid, 1),
    ("\"\\U0041\"", .escapeInvalid, 1), ("\"\\'\"", .escapeInvalid, 1),
    ("\"\\ud800\"", .surrogateUnpaired, 1), ("\"\\udc00\"", .surrogateUnpaired, 1),
    ("\"\\ud800\\ud800\"", .surrogateUnpaired, 1), ("\"\\ud800x\"", .surrogateUnpaired, 1),
    ("\"\\ud800\\n\"", .surrogateUnpaired, 1), ("\"\\ud83d\\u0041\"", .surrogateUnpaired, 1),
    ("'a'", .unexpectedByte, 0), ("[1,]", .unexpectedByte, 3), ("[,1]", .unexpectedByte, 1),
    ("[1 2]", .unexpectedByte, 3), ("[1}", .unexpectedByte, 2), ("[", .unexpectedByte, 1),
    ("{\"a\":1,}", .unexpectedByte, 7), ("{,}", .unexpectedByte, 1),
    ("{\"a\"}", .unexpectedByte, 4), ("{\"a\" 1}", .unexpectedByte, 5),
    ("{a:1}", .unexpectedByte, 1), ("{1:1}", .unexpectedByte, 1),
    ("{\"a\":}", .unexpectedByte, 5), ("{\"a\":1]", .unexpectedByte, 6),
    ("{\"a\"::1}", .unexpectedByte, 5), ("/**/1", .unexpectedByte, 0),
    ("\u{a0}1", .unexpectedByte, 0), ("\u{c}1", .unexpectedByte, 0), ("#", .unexpectedByte, 0),
  ]

  @Test(arguments: refusedValues)
  func refusesValue(value: String, reason: JSONError.Reason, offset: Int) {
    // As a member nobody knows, as one that is known, and nested.
    for prefix in [
      "{\"a\":", "{\"model\":", "{\"messages\":", "{\"b\":[0,", "{\"stream_options\":{\"c\":",
    ] {
      let (outcome, _) = scanRequest(prefix + value + "}")
      #expect(outcome == .refused(reason, prefix.utf8.count + offset), "\(prefix + value)")
    }
  }

  static let refusedTexts: [(String, JSONError.Reason, Int)] = [
    ("", .unexpectedEnd, 0), (" \r\n\t", .unexpectedEnd, 4), ("{", .unexpectedEnd, 1),
    ("[]", .notAnObject, 0), (" \"a\" ", .notAnObject, 1), ("null", .notAnObject, 0),
    ("5", .notAnObject, 0), ("[", .unexpectedEnd, 1), ("[1", .unexpectedEnd, 2),
    ("nul", .unexpectedEnd, 3), ("5 x", .trailingBytes, 2), ("x", .literalInvalid, 0),
    ("{} x", .trailingBytes, 3), ("{}{}", .trailingBytes, 2), ("{},", .trailingBytes, 2),
    ("{}\u{0}", .trailingBytes, 2), ("\u{feff}{}", .unexpectedByte, 0),
    ("{\"a\":1", .unexpectedEnd, 6), ("{\"a\":1,", .unexpectedEnd, 7), ("{\"a", .unexpectedEnd, 3),
    ("{\"a\\", .unexpectedEnd, 4), ("{\"a\\u12", .unexpectedEnd, 7),
    ("{\"\\ud800", .unexpectedEnd, 8), ("{\"\\ud800\\", .unexpectedEnd, 9),
    ("{\"\\ud800\\udc", .unexpectedEnd, 12), ("{\"a\":tr", .unexpectedEnd, 7),
    ("{\"a\":-", .unexpectedEnd, 6), ("{\"a\":1e", .unexpectedEnd, 7), ("{]", .unexpectedByte, 1),
    ("<html>", .unexpectedByte, 0), ("{\"a\":1 \"b\":2}", .unexpectedByte, 7),
  ]

  @Test(arguments: refusedTexts)
  func refusesText(text: String, reason: JSONError.Reason, offset: Int) {
    #expect(scanRequest(text).0 == .refused(reason, offset), "\(text.debugDescription)")
  }

  @Test func acceptedValues() {
    let values = [
      "0", "-0", "10", "1.5", "-1.50e-10", "1E+400", "1e5", "0.0", "\"\"",
      "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
      "\"\\u0000\\uD83D\\uDE00\\uffff\"",
      "\"\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}\"",
      "[]", "[ ]", "{}", "{ }", "[[],{},[{}]]", "{\"\":{\"\":[]}}", "[1 , 2\t,\r\n3]", "true",
      "false",
      "null", "[true,false,null,\"x\",0]",
    ]
    for value in values {
      for padding in 0..<18 {
        let text = "{\"" + String(repeating: "p", count: padding) + "\": " + value + " }"
        #expect(scanRequest(text).0 == .accepted, "\(text)")
      }
    }
  }

  /// Every two-byte start and every invalid sequence, at every offset of a block.
  @Test func utf8() {
    let invalid: [[UInt8]] = [
      [0x80], [0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xc2], [0xc2, 0x20], [0xc2, 0xc2],
      [0xe0, 0x80, 0x80],
      [0xe0, 0x9f, 0xbf], [0xe1, 0x80], [0xe1, 0x80, 0x20], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf],
      [0xf0, 0x80, 0x80, 0x80], [0xf0, 0x8f, 0xbf, 0xbf], [0xf1, 0x80, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xf5, 0x80, 0x80, 0x80], [0xff], [0xfe], [0xf8, 0x88, 0x80, 0x80, 0x80],
    ]
    for sequence in invalid {
      for padding in 0..<18 {
        let prefix = Array(("{\"a\":\"" + String(repeating: "p", count: padding)).utf8)
        let (outcome, _) = scanRequest(prefix + sequence + Array("\"}".utf8))
        #expect(outcome == .refused(.utf8Invalid, prefix.count), "\(sequence) \(padding)")
        let (second, _) = scanRequest(prefix + Array("\u{e9}".utf8) + sequence + Array("\"}".utf8))
        #expect(second == .refused(.utf8Invalid, prefix.count + 2), "\(sequence) \(padding)")
      }
    }
  }

  @Test func depthIsBounded() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      let value = open == "[" ? "" : "1"
      func nested(_ depth: Int) -> String {
        String(repeating: open, count: depth) + value + String(repeating: close, count: depth)
      }
      #expect(scanRequest("{\"x\":" + nested(127) + "}").0 == .accepted)
      let deep = scanRequest("{\"x\":" + nested(128) + "}").0
      #expect(deep == .refused(.depthExceeded, 5 + 127 * open.utf8.count))
      // A million brackets cost no stack.
      let endless = "{\"x\":" + String(repeating: open, count: 1_000_000)
      #expect(scanRequest(endless).0 == deep)
      #expect(scanRequest("{\"stream_options\":{\"x\":" + nested(126) + "}}").0 == .accepted)
      let options = scanRequest("{\"stream_options\":{\"x\":" + nested(127) + "}}").0
      #expect(options == .refused(.depthExceeded, 23 + 126 * open.utf8.count))
    }
  }

  @Test func everyReasonHasASentence() {
    for reason in JSONError.Reason.allCases {
      #expect(JSONError(reason, at: 0).sentence.utf8CodeUnitCount > 10)
    }
  }
}
