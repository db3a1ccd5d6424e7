// SPDX-License-Identifier: MIT

import Bytes
import Testing

@testable import Translation

/// Messages whose bytes other programs made: the first three are the SDKs' own test vectors, all
/// were read by botocore's parser before they were put here.
struct AmazonEventStreamTests {
  private struct Frames: FrameSink {
    var found: [(name: String, data: String, isException: Bool)] = []

    mutating func take(_ frame: StreamFrame) {
      found.append((frame.name.string, frame.data.string, frame.isException))
    }
  }

  private static let empty = "000000100000000005c248eb7d98c8ff"
  private static let payload = "0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936"
  private static let oneHeader = "000000170000000729860158046279746502ffc2f869dc"
  private static let everyHeader =
    "000000a9000000920614d0e6017400016601046279746502010573686f727403000103696e740400000001046c"
    + "6f6e6705000000000000000105627974657306000200010b3a6576656e742d74797065070011636f6e74656e"
    + "74426c6f636b44656c74610474696d65080000000000000000047575696409000102030405060708090a0b0c"
    + "0d0e0f0d3a6d6573736167652d747970650700056576656e747b2261223a317d18a228cc"
  private static let error =
    "0000005d0000004dadcce93e0d3a6d6573736167652d747970650700056572726f720b3a6572726f722d636f64"
    + "6507000d496e7465726e616c4572726f720e3a6572726f722d6d65737361676507000949742062726f6b652e"
    + "6a2636aa"

  private static func bytes(_ hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).map { index in
      UInt8(String(digits[index...index + 1]), radix: 16) ?? 0
    }
  }

  private func read(_ bytes: [UInt8], inPiecesOf size: Int) throws -> Frames {
    var frames = Frames()
    var reader = FrameReader(.amazonEventStream)
    for start in stride(from: 0, to: bytes.count, by: size) {
      let piece = Array(bytes[start..<min(start + size, bytes.count)])
      try piece.withView { try reader.feed($0, to: &frames) }
    }
    try reader.end(to: &frames)
    return frames
  }

  @Test(arguments: [1, 3, 16, 1_000])
  func readsWhatOthersWrote(pieceLength: Int) throws {
    let all = [Self.empty, Self.payload, Self.oneHeader, Self.everyHeader, Self.error]
    let found = try read(all.flatMap(Self.bytes), inPiecesOf: pieceLength).found
    #expect(found.map(\.name) == ["", "", "", "contentBlockDelta", "InternalError"])
    #expect(found.map(\.data) == ["", "{'foo':'bar'}", "", #"{"a":1}"#, "It broke."])
    #expect(found.map(\.isException) == [false, false, false, false, true])
  }

  @Test func everyFlippedBitIsSeen() {
    let whole = Self.bytes(Self.everyHeader)
    for bit in 0..<whole.count * 8 {
      var broken = whole
      broken[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: TranslationError.self, "bit \(bit)") { try read(broken, inPiecesOf: 1_000) }
    }
  }

  @Test func everyCutIsSeen() {
    let whole = Self.bytes(Self.everyHeader)
    for length in 1..<whole.count {
      #expect(throws: TranslationError.self, "\(length) bytes") {
        try read(Array(whole.prefix(length)), inPiecesOf: 7)
      }
    }
  }

  @Test func lengthsThatDoNotFitAreErrors() {
    // A prelude with a right checksum that says 16 bytes, 255 of them headers.
    var prelude: [UInt8] = [0, 0, 0, 16, 0, 0, 0, 255]
    var sum = ~UInt32(0)
    for byte in prelude {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
    }
    prelude += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: ~sum >> $0) } + [0, 0, 0, 0]
    #expect(throws: TranslationError.self) { try read(prelude, inPiecesOf: 1_000) }
  }

  @Test func whatIsWrittenIsRead() throws {
    var output: [UInt8] = []
    AmazonEventStream.append(
      headers: [(":event-type", "messageStop"), (":message-type", "event")],
      payload: Array(#"{"stopReason":"end_turn"}"#.utf8), to: &output)
    AmazonEventStream.append(headers: [], payload: [], to: &output)
    let found = try read(output, inPiecesOf: 5).found
    #expect(found.map(\.name) == ["messageStop", ""])
    #expect(found.map(\.data) == [#"{"stopReason":"end_turn"}"#, ""])
    #expect(Array(output.suffix(16)) == Self.bytes(Self.empty))
  }
}
