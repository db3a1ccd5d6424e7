// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire
import Testing

@Suite struct ChunkedTests {
  static let accepted: [(String, String, rest: Int)] = [
    ("0\r\n\r\n", "", rest: 0),
    ("000\r\n\r\nGET /", "", rest: 5),
    ("5\r\nhello\r\n0\r\n\r\n", "hello", rest: 0),
    ("5;a=b;c=\"d\"\r\nhello\r\n6 ; x\r\n world\r\n0;last\r\n\r\n", "hello world", rest: 0),
    ("a\r\n0123456789\r\nA\r\nabcdefghij\r\n0\r\n\r\n", "0123456789abcdefghij", rest: 0),
    ("2\r\n\r\n\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\nnext", "\r\n", rest: 4),
    ("000000000000001\r\nx\r\n0\r\n\r\n", "x", rest: 0),
  ]

  @Test(arguments: accepted) func decodes(text: String, payload: String, rest: Int) {
    let all = bytes(text)
    let expected = DecodedBody(payload: bytes(payload), consumed: all.count - rest)
    #expect(decodeChunked(all) == expected, "\(text.debugDescription)")
    for first in 0...all.count {
      #expect(decodeChunked(all, cuts: [first]) == expected, "\(text.debugDescription) \(first)")
      for second in first...all.count {
        let body = decodeChunked(all, cuts: [first, second])
        #expect(body == expected, "\(text.debugDescription) cut at \(first), \(second)")
      }
    }
    #expect(decodeChunked(all, cuts: Array(1..<all.count)) == expected)
    for length in 0..<(all.count - rest) {
      let body = decodeChunked(Array(all[..<length]))
      #expect(body.consumed == nil && body.failure == nil, "complete too early: \(length)")
    }
  }

  static let refused: [(String, WireError)] = [
    ("\r\n", .chunkSizeInvalid),
    ("g\r\n", .chunkSizeInvalid),
    ("-1\r\n", .chunkSizeInvalid),
    ("+1\r\n", .chunkSizeInvalid),
    ("0x1\r\n", .chunkSizeInvalid),
    (" 1\r\n", .chunkSizeInvalid),
    ("1 \r\nx\r\n", .chunkSizeInvalid),
    ("1\nx\r\n", .chunkSizeInvalid),
    ("1\r\rx\r\n", .chunkSizeInvalid),
    ("1\rx", .chunkSizeInvalid),
    ("1 x\r\n", .chunkSizeInvalid),
    ("1;a\nb\r\n", .chunkSizeInvalid),
    ("1;a\u{0}\r\n", .chunkSizeInvalid),
    ("1;a\rb\r\n", .chunkSizeInvalid),
    ("1,2\r\n", .chunkSizeInvalid),
    (";a\r\n", .chunkSizeInvalid),
    ("0000000000000001\r\nx", .chunkSizeTooLarge),
    ("ffffffffffffffff\r\n", .chunkSizeTooLarge),
    ("10000000000000005\r\nhello\r\n", .chunkSizeTooLarge),
    ("1;" + String(repeating: "x", count: 1_025), .chunkExtensionTooLong),
    ("1" + String(repeating: " ", count: 1_025), .chunkExtensionTooLong),
    ("5\r\nhelloX\r\n", .chunkTerminatorMissing),
    ("5\r\nhello\n0\r\n", .chunkTerminatorMissing),
    ("5\r\nhello\rX", .chunkTerminatorMissing),
    ("5\r\nhello0\r\n", .chunkTerminatorMissing),
    ("0\r\n x\r\n", .trailerInvalid),
    ("0\r\n: x\r\n", .trailerInvalid),
    ("0\r\nx : y\r\n", .trailerInvalid),
    ("0\r\nx\r\n", .trailerInvalid),
    ("0\r\nx: y\nz: a\r\n", .trailerInvalid),
    ("0\r\nx: y\rz", .trailerInvalid),
    ("0\r\nx: \u{0}\r\n", .trailerInvalid),
    ("0\r\n\n", .trailerInvalid),
    ("0\r\n\rX", .trailerInvalid),
    ("0\r\nGET / HTTP/1.1\r\n", .trailerInvalid),
    ("0\r\nx: " + String(repeating: "y", count: 9_000), .trailersTooLarge),
    ("0\r\n" + String(repeating: "x: y\r\n", count: 2_000), .trailersTooLarge),
  ]

  @Test(arguments: refused) func refuses(text: String, error: WireError) {
    let all = bytes(text)
    #expect(decodeChunked(all).failure == error, "\(text.debugDescription.prefix(60))")
    if all.count < 100 {
      for cut in 0...all.count { #expect(decodeChunked(all, cuts: [cut]).failure == error) }
    }
  }

  @Test func failureStays() {
    var decoder = ChunkedDecoder()
    withBytes(bytes("x0\r\n\r\n")) { piece in
      var offset = 0
      for _ in 0..<3 {
        guard case .failure(.chunkSizeInvalid) = decoder.next(in: piece, offset: &offset) else {
          Issue.record("the failure was forgotten")
          return
        }
      }
      #expect(offset == 1 && !decoder.isComplete)
    }
  }

  static let whole: [(String, String?)] = [
    ("5\r\nhello\r\n", "hello"), ("005\r\nhello\r\n", "hello"),
    ("A\r\n0123456789\r\n", "0123456789"),
    ("2\r\n\r\n\r\n", "\r\n"), ("", nil), ("5", nil), ("5\r\n", nil), ("5\r\nhello", nil),
    ("5\r\nhello\r", nil), ("5\r\nhello\r\n0\r\n\r\n", nil), ("5\r\nhell\r\n", nil),
    ("4\r\nhello\r\n", nil), ("0\r\n\r\n", nil), ("5;a=b\r\nhello\r\n", nil), ("5\nhello\r\n", nil),
    ("5\r\nhello\n\n", nil), ("0000000000000005\r\nhello\r\n", nil),
    ("ffffffffffffffff\r\nx\r\n", nil),
    ("\r\nx\r\n", nil), ("fffffff", nil), ("+5\r\nhello\r\n", nil),
  ]

  /// A piece that is one chunk is read at once, and as it would be step by step.
  @Test(arguments: whole) func wholeChunks(text: String, payload: String?) {
    withBytes(bytes(text)) { view in
      let decoder = ChunkedDecoder()
      #expect(decoder.wholeChunk(in: view)?.string == payload, "\(text.debugDescription)")
    }
    guard let payload else { return }
    let next = bytes("1\r\nx\r\n0\r\n\r\n")
    let both = decodeChunked(bytes(text) + next)
    #expect(both.payload == bytes(payload + "x") && both.consumed == text.utf8.count + next.count)
  }

  @Test func aChunkBegunIsNotWhole() {
    withBytes(bytes("5\r\nhel")) { view in
      var decoder = ChunkedDecoder()
      var offset = 0
      _ = decoder.next(in: view, offset: &offset)
      withBytes(bytes("1\r\nx\r\n")) { #expect(decoder.wholeChunk(in: $0) == nil) }
    }
  }

  @Test func encodedChunksDecode() {
    let storage = UnsafeMutablePointer<UInt8>.allocate(capacity: 400_000)
    defer { storage.deallocate() }
    var writer = ByteWriter(base: storage, capacity: 400_000)
    var expected: [UInt8] = []
    for size in [1, 9, 10, 15, 16, 255, 256, 4_095, 65_536, 65_537] {
      ChunkedEncoder.appendSizeLine(size, to: &writer)
      for index in 0..<size {
        writer.append(UInt8(truncatingIfNeeded: index))
        expected.append(UInt8(truncatingIfNeeded: index))
      }
      writer.append(ChunkedEncoder.chunkEnd)
    }
    writer.append(ChunkedEncoder.lastChunk)
    #expect(!writer.overflowed)
    let encoded = (0..<writer.count).map { writer.written[$0] }
    #expect(decodeChunked(encoded) == DecodedBody(payload: expected, consumed: encoded.count))
  }
}
