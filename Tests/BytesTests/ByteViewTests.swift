// SPDX-License-Identifier: MIT

import Bytes
import Testing

@Suite struct ByteViewTests {
  private func with<Result>(_ text: String, _ body: (ByteView) -> Result) -> Result {
    let bytes = Array(text.utf8)
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
    defer { copy.deallocate() }
    for (index, byte) in bytes.enumerated() { copy[index] = byte }
    return body(ByteView(base: UnsafePointer(copy), count: bytes.count))
  }

  @Test func searchesFindTheFirst() {
    for length in 0..<50 {
      for position in 0..<length {
        var text = [UInt8](repeating: 0x61, count: length)
        text[position] = 0x62
        with(String(decoding: text, as: UTF8.self)) { view in
          #expect(view.firstIndex(of: 0x62) == position)
          #expect(view.firstIndex(of: 0x62, from: position) == position)
          #expect(view.firstIndex(of: 0x62, from: position + 1) == nil)
          #expect(view.firstIndex(ofEither: 0x63, 0x62) == position)
          #expect(view.firstIndex(ofEither: 0x63, 0x64) == nil)
        }
      }
    }
  }

  /// Needles of several lengths at every place, behind starts that only look like them.
  @Test func needles() {
    for length in 0..<70 {
      let filler =
        String(repeating: "\"us", count: length / 3) + String(repeating: "a", count: length % 3)
      with(filler + "\"usage\"" + filler) { view in
        #expect(view.firstIndex(of: "\"usage\"") == length)
        #expect(view.firstIndex(of: "\"usage\"", from: length) == length)
        #expect(view.firstIndex(of: "\"usage\"", from: length + 1) == nil)
        #expect(view.lastIndex(of: "\"usage\"") == length)
        #expect(view.firstIndex(of: "us") == (length < 3 ? length + 1 : 1))
      }
      with(filler + "\"usage") {
        #expect($0.firstIndex(of: "\"usage\"") == nil && $0.lastIndex(of: "\"usage\"") == nil)
      }
      with("ab" + filler + "ab") { #expect($0.lastIndex(of: "ab") == length + 2) }
    }
    with("abc") { #expect($0.firstIndex(of: "abcd") == nil && $0.firstIndex(of: "abc") == 0) }
    with("abc") { #expect($0.lastIndex(of: "abcd") == nil && $0.lastIndex(of: "abc") == 0) }
  }

  @Test func literals() {
    let texts = [
      "", "a", "ab", "abc", "abcd", "abcdefg", "abcdefgh", "content-length", "transfer-encoding",
      "0123456789abcdef0123456789abcdef0",
    ]
    for text in texts {
      with(text.uppercased()) { upper in
        #expect(isLowercaseOf(upper, text))
        #expect(upper.equals(view(text.uppercased()) ?? .empty) == true)
      }
    }
    with("Content-Length") {
      #expect($0.equals("Content-Length") && !$0.equals("content-length"))
      #expect($0.equalsIgnoringCase("content-length") && !$0.equalsIgnoringCase("content-lengths"))
      #expect($0.starts(with: "Content") && !$0.starts(with: "content"))
      #expect($0.starts(with: "") && !$0.starts(with: "Content-Length:"))
    }
    // Only letters may differ in case: '-' and CR, '2' and DC2 differ by the same bit.
    with("a\u{d}b") { #expect(!$0.equalsIgnoringCase("a-b")) }
    with("\u{12}") { #expect(!$0.equalsIgnoringCase("2")) }
    with("http\u{1a}//") { #expect(!$0.equalsIgnoringCase("http://")) }
  }

  /// Each length of literal takes its own path through the comparison.
  private func isLowercaseOf(_ upper: ByteView, _ text: String) -> Bool {
    switch text.utf8.count {
    case 0: upper.equalsIgnoringCase("")
    case 1: upper.equalsIgnoringCase("a")
    case 2: upper.equalsIgnoringCase("ab")
    case 3: upper.equalsIgnoringCase("abc")
    case 4: upper.equalsIgnoringCase("abcd")
    case 7: upper.equalsIgnoringCase("abcdefg")
    case 8: upper.equalsIgnoringCase("abcdefgh")
    case 14: upper.equalsIgnoringCase("content-length")
    case 17: upper.equalsIgnoringCase("transfer-encoding")
    default: upper.equalsIgnoringCase("0123456789abcdef0123456789abcdef0")
    }
  }

  private func view(_ text: String) -> ByteView? {
    let bytes = Array(text.utf8)
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
    for (index, byte) in bytes.enumerated() { copy[index] = byte }
    return ByteView(base: UnsafePointer(copy), count: bytes.count)
  }

  @Test func slices() {
    with("hello world") { view in
      #expect(view[0..<5].string == "hello" && view.dropFirst(6).string == "world")
      #expect(view.prefix(99).count == 11 && view.dropFirst(99).isEmpty)
      #expect(view[ByteRange(6, 11)].string == "world")
      #expect(ByteRange(6, 11).shifted(by: -6) == ByteRange(0, 5))
    }
  }
}
