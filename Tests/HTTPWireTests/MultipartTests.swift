// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire
import Testing

@Suite("multipart/form-data")
struct MultipartTests {
  /// The events of `text`, given in pieces of `size` bytes.
  private func events(_ text: String, _ boundary: String = "b", pieces size: Int = .max) -> String {
    let bytes = Array(text.utf8)
    var scanner = withBytes(Array(boundary.utf8)) { MultipartScanner(boundary: $0) }!
    var result = ""
    var held: [UInt8] = []
    var taken = 0
    while true {
      var offset = 0
      let end: String? = withBytes(held) { view in
        while true {
          switch scanner.next(in: view, offset: &offset) {
          case .part(let part):
            result += "<\(part.name.string)\(part.hasFileName ? " file" : "")>"
          case .data(let data):
            result += data.string
          case .delimiter:
            result += "|"
          case .complete: return "."
          case .needMore:
            guard taken == bytes.count else { return nil }
            return scanner.isClosed(by: view.dropFirst(offset)) ? "|." : "cut"
          case .failure(let error): return "\(error)"
          }
        }
      }
      if let end { return result + end }
      held.removeFirst(offset)
      let next = min(size, bytes.count - taken)
      held += bytes[taken..<taken + next]
      taken += next
    }
  }

  private func part(_ name: String, _ content: String) -> String {
    "--b\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(content)\r\n"
  }

  @Test("events are the same whole and in pieces", arguments: [1, 2, 3, 7, .max])
  func pieces(_ size: Int) {
    let file =
      "--b\r\ncontent-type: a/b\r\nCONTENT-disposition:form-data;name=f ; filename=\"x\"\r\n\r\n"
    let text =
      "pre\r\namble\r\n" + part("model", "gpt") + file + "\r\n--bb\r\n--b-\r--b\r\n" + "--b \t--"
      + "\r\n" + part("x", "") + "--b--  \r\nepilogue --b\r\n"
    #expect(
      events(text, pieces: size)
        == "|<model>gpt|<f file>\r\n--bb\r\n--b-\r--b\r\n--b \t--|<x>|.")
  }

  @Test(
    "ends and starts",
    arguments: [
      ("--b--", "|."), ("\r\n--b--", "|."), ("--b--\r\n", "|."), ("--b-- \t", "|."),
      ("--b", "cut"), ("--b-", "cut"), ("", "cut"), ("x--b--", "cut"), ("--b\r\n", "|cut"),
      ("--b--x", "cut"), ("--b \t\r\n\r\n", "|malformedDisposition"),
    ])
  func ends(_ text: String, _ expected: String) {
    for size in [1, 2, Int.max] { #expect(events(text, pieces: size) == expected) }
  }

  @Test(
    "heads that readers could differ about are refused",
    arguments: [
      "Content-Disposition: form-data", "Content-Disposition: attachment; name=a",
      "Content-Disposition: form-data; name=a; name=b",
      "Content-Disposition: form-data; name=\"a\\b\"",
      "Content-Disposition: form-data; name*=utf-8''a", "Content-Disposition: form-data; name=\"a",
      "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=a",
      "Content-Type: text/plain",
    ])
  func heads(_ head: String) {
    #expect(events("--b\r\n\(head)\r\n\r\nx\r\n--b--") == "|malformedDisposition")
  }

  @Test(
    "malformed lines",
    arguments: [
      "no colon", ": x", "a: \0", "a: b\rc", "a: b\nc: d",
      // Some read the one as a name, and the other as the end of the line before.
      "Content-Disposition : form-data; name=a", "a: b\r\n c: d", "a: b\r\n\tc: d",
    ])
  func lines(_ line: String) {
    #expect(events("--b\r\n\(line)\r\n\r\nx\r\n--b--") == "|malformedHead")
  }

  @Test("what grows is bounded")
  func bounds() {
    let long = String(repeating: "x", count: 9_000)
    #expect(events("--b\r\na: \(long)\r\n\r\n") == "|headTooLarge")
    #expect(events(String(repeating: "x\r\n", count: 30_000)) == "preambleTooLong")
    let many = String(repeating: part("a", ""), count: 1_001)
    #expect(events(many).hasSuffix("tooManyParts"))
  }

  @Test(
    "boundaries", arguments: ["", " ", "a ", "a\"", "é", String(repeating: "a", count: 71)])
  func boundaries(_ text: String) {
    #expect(withBytes(Array(text.utf8)) { MultipartScanner(boundary: $0) } == nil)
  }

  @Test("the fields that are looked for")
  func fields() throws {
    let text =
      part("model", "gpt-4o") + part("stream", "true") + part("n", "2") + part("other", "model")
      + "--b--\r\n"
    try withBytes(Array(text.utf8)) { body in
      try withBytes(Array("multipart/form-data; charset=utf-8; boundary=b".utf8)) { type in
        let fields = try FormFields(contentType: type, body: body)
        #expect(body[fields.model!].string == "gpt-4o" && body[fields.stream!].string == "true")
        #expect(body[fields.count!].string == "2" && fields.ambiguous == nil)
      }
    }
  }
}
