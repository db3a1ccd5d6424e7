// SPDX-License-Identifier: MIT

internal import CZlib

/// gzip (RFC 1952) for a body in parts: what a part says can be read when it has arrived.
enum GzipEncoder {
  /// 15 for the window and 16 for gzip's own frame.
  private static let windowBits: Int32 = 15 + 16

  static func compress(_ parts: [[UInt8]]) -> [[UInt8]] {
    var stream = z_stream()
    let status = deflateInit2_(
      &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY,
      ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib cannot allocate its state")
    defer { deflateEnd(&stream) }
    return parts.enumerated().map { index, part in
      let flush = index == parts.count - 1 ? Z_FINISH : Z_SYNC_FLUSH
      return compress(part, &stream, flush)
    }
  }

  /// SAFETY: zlib reads `part` and writes `output` within the calls below only, and both stay
  /// pinned by their closures for as long.
  private static func compress(
    _ part: [UInt8], _ stream: inout z_stream, _ flush: Int32
  ) -> [UInt8] {
    var input = part
    var result: [UInt8] = []
    var output = [UInt8](repeating: 0, count: 16_384)
    input.withUnsafeMutableBufferPointer { source in
      stream.next_in = source.baseAddress
      stream.avail_in = UInt32(source.count)
      var isFull = true
      while isFull {
        let written = output.withUnsafeMutableBufferPointer { target -> Int in
          stream.next_out = target.baseAddress
          stream.avail_out = UInt32(target.count)
          _ = deflate(&stream, flush)
          return target.count - Int(stream.avail_out)
        }
        result += output[..<written]
        isFull = stream.avail_out == 0
      }
    }
    return result
  }
}
