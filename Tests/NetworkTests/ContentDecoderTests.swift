// SPDX-License-Identifier: MIT

import Bytes
import CZlib
import CZstd
import Network
import Testing

@Suite struct ContentDecoderTests {
  /// What a decoder makes of content, with so much room at each step.
  private struct Outcome: Equatable {
    var bytes: [UInt8] = []
    var isComplete = false
    var stepCount = 0
  }

  private static func decode(
    _ coding: ContentCoding, _ content: [UInt8], room: Int = 4096
  ) throws -> Outcome {
    let decoder = try #require(ContentDecoder(coding))
    defer { decoder.close() }
    let target = UnsafeMutablePointer<UInt8>.allocate(capacity: room)
    defer { target.deallocate() }
    var outcome = Outcome()
    var offset = 0
    while outcome.stepCount < 100_000 {
      outcome.stepCount += 1
      let step = content.withUnsafeBufferPointer { buffer in
        let base = buffer.baseAddress ?? UnsafePointer(target)
        return decoder.step(
          ByteView(base: base, count: buffer.count), &offset, into: target, room: room)
      }
      switch step {
      case .damaged: return outcome
      case .more(let count), .complete(let count):
        outcome.bytes += UnsafeBufferPointer(start: target, count: count)
        if case .complete = step {
          outcome.isComplete = true
          return outcome
        }
      }
    }
    Issue.record("the decoder does not come to an end")
    return outcome
  }

  private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    var stream = z_stream()
    let status = deflateInit2_(
      &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK)
    defer { deflateEnd(&stream) }
    var result = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
    let resultCount = result.count
    return bytes.withUnsafeMutableBufferPointer { input in
      result.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(resultCount)
        precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
        return Array(output.prefix(resultCount - Int(stream.avail_out)))
      }
    }
  }

  private static func zstd(_ bytes: [UInt8]) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let count = ZSTD_compress(&result, result.count, bytes, bytes.count, 3)
    precondition(ZSTD_isError(count) == 0)
    return Array(result.prefix(count))
  }

  private static func encode(_ coding: ContentCoding, _ bytes: [UInt8]) -> [UInt8] {
    coding == .gzip ? gzip(bytes) : zstd(bytes)
  }

  private static let text: [UInt8] = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 / 7 ^ $0) }

  @Test(arguments: [ContentCoding.gzip, .zstd], [1, 7, 4096, 20_000, 1 << 20])
  func whatWasEncodedComesOut(coding: ContentCoding, room: Int) throws {
    let outcome = try Self.decode(coding, Self.encode(coding, Self.text), room: room)
    #expect(outcome.isComplete)
    #expect(outcome.bytes == Self.text)
    let empty = try Self.decode(coding, Self.encode(coding, []), room: room)
    #expect(empty.isComplete && empty.bytes.isEmpty)
  }

  @Test(arguments: [ContentCoding.gzip, .zstd])
  func severalMembersAreOneContent(coding: ContentCoding) throws {
    let content =
      Self.encode(coding, Self.text) + Self.encode(coding, []) + Self.encode(coding, [1, 2])
    let outcome = try Self.decode(coding, content)
    #expect(outcome.isComplete)
    #expect(outcome.bytes == Self.text + [1, 2])
  }

  @Test(arguments: [ContentCoding.gzip, .zstd])
  func everyCutIsDamage(coding: ContentCoding) throws {
    let content = Self.encode(coding, Array("{\"model\":\"m\",\"messages\":[]}".utf8))
    for count in 0..<content.count {
      #expect(try !Self.decode(coding, Array(content.prefix(count))).isComplete, "\(count) bytes")
    }
    #expect(try Self.decode(coding, content).isComplete)
  }

  @Test(arguments: [ContentCoding.gzip, .zstd])
  func whatFollowsTheEndIsDamage(coding: ContentCoding) throws {
    let content = Self.encode(coding, Self.text)
    for garbage: [UInt8] in [[0], Array("garbage".utf8), [0x1f, 0x8b]] {
      #expect(try !Self.decode(coding, content + garbage).isComplete)
    }
  }

  @Test func theChecksumOfGzipCounts() throws {
    var content = Self.gzip(Self.text)
    content[content.count - 5] ^= 1
    #expect(try !Self.decode(.gzip, content).isComplete)
  }

  /// Any damage ends; nothing else is promised of content without a checksum.
  @Test(arguments: [ContentCoding.gzip, .zstd])
  func flippedBitsEnd(coding: ContentCoding) throws {
    let content = Self.encode(coding, Array(Self.text.prefix(300)))
    for index in content.indices {
      for bit in 0..<8 {
        var damaged = content
        damaged[index] ^= 1 << UInt8(bit)
        _ = try Self.decode(coding, damaged)
      }
    }
  }

  /// RFC 8878 section 3.1.1.1.2: the descriptor's upper five bits are the exponent above 1 KiB.
  @Test func windowsAreBounded() throws {
    func frame(windowBits: UInt8) -> [UInt8] {
      [0x28, 0xb5, 0x2f, 0xfd, 0, (windowBits - 10) << 3, 9, 0, 0, 0x61]
    }
    #expect(
      try Self.decode(.zstd, frame(windowBits: 23))
        == Outcome(
          bytes: [0x61], isComplete: true, stepCount: 1))
    #expect(try !Self.decode(.zstd, frame(windowBits: 24)).isComplete)
  }

  /// Content of which nothing comes out does not hold the loop up.
  @Test(arguments: [ContentCoding.gzip, .zstd])
  func oneStepReadsABoundedPiece(coding: ContentCoding) throws {
    let member = Self.encode(coding, [])
    let count = 3 * ContentDecoder.inputBytesPerStepMaximum / member.count
    let outcome = try Self.decode(coding, Array(repeatElement(member, count: count).joined()))
    #expect(outcome.isComplete && outcome.bytes.isEmpty)
    #expect(outcome.stepCount >= 3)
  }

  @Test func codingsHaveNames() {
    func coding(_ text: StaticString) -> ContentCoding? {
      ContentCoding(ByteView(base: text.utf8Start, count: text.utf8CodeUnitCount))
    }
    #expect(coding("GZip") == .gzip && coding("x-gzip") == .gzip)
    #expect(coding("zstd") == .zstd)
    #expect(coding("identity") == .identity && coding("") == .identity)
    #expect(coding("br") == nil && coding("gzip, zstd") == nil && coding("deflate") == nil)
  }
}
