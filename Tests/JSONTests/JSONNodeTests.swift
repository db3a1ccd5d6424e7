// SPDX-License-Identifier: MIT

import Bytes
import JSON
import Testing

struct JSONNodeTests {
  private func parse(_ text: String) throws -> JSONNode {
    try JSONTree().parse(Array(text.utf8)[...])
  }

  @Test func membersAreFoundByName() throws {
    let node = try parse(
      #"{"type":"x","t":{"type":"inner"},"a":1,"a":2,"n":null,"\u0062":3,"type ":4,"c":5,"c":null}"#
    )
    #expect(node["type"]?.string == "x" && node["t"]?["type"]?.string == "inner")
    // Of two with one name the last counts, and null is as good as none.
    #expect(node["a"]?.integer == 2 && node["n"] == nil && node["c"] == nil)
    #expect(node["b"]?.integer == 3)
    #expect(node["typ"] == nil && node["types"] == nil && node[""] == nil)
    #expect(node["a"]?["type"] == nil)
    #expect(try parse(#"[{"type":"x"}]"#)["type"] == nil)
    #expect(try parse("{}")["type"] == nil && parse(#"{"":7}"#)[""]?.integer == 7)
  }

  @Test func textsAreCompared() throws {
    let node = try parse(
      #"{"a":"content_block_delta","b":"content\u005fblock_delta","c":"","d":"x"}"#)
    #expect(node["a"]?.equals("content_block_delta") == true)
    #expect(node["b"]?.equals("content_block_delta") == true)
    #expect(node["a"]?.equals("content_block_delt") == false)
    #expect(node["a"]?.equals("content_block_deltas") == false)
    #expect(node["c"]?.equals("") == true && node["c"]?.equals("x") == false)
    #expect(node["d"]?.equals("") == false && node["d"]?.equals("y") == false)
    #expect(JSONText.empty.equals("") && !JSONText.empty.equals("a"))
  }

  @Test(
    arguments: [
      ("0", 0), ("-0", 0), ("7", 7), ("-12", -12), ("1000000", 1_000_000),
      ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min),
      ("9223372036854775808", nil), ("-9223372036854775809", nil), ("92233720368547758070", nil),
      ("123456789012345678901234567890", nil), ("1.0", nil), ("1e3", nil), ("-1.5", nil),
      (#""1""#, nil), ("true", nil), ("null", nil), ("[]", nil),
    ] as [(String, Int64?)])
  func integersAreExact(_ text: String, _ value: Int64?) throws {
    #expect(try parse(text).integer == value)
  }

  @Test func stringsEndAtTheirQuote() {
    func end(_ text: String, _ start: Int) -> Int? {
      text.withByteView { JSONString.contentsEnd(in: $0, from: start) }
    }
    #expect(end(#""abc""#, 1) == 4 && end(#""abc"def"#, 1) == 4 && end(#""""#, 1) == 1)
    #expect(end(#""a\"c""#, 1) == 5 && end(#""abc"#, 1) == nil && end(#"""#, 1) == nil)
    #expect(end("\"a\nb\"", 1) == nil && end(#""a\x""#, 1) == nil)
  }
}
