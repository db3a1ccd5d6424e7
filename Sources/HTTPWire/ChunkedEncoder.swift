// SPDX-License-Identifier: MIT

public import Bytes

/// The bytes around the data of a chunk. The data itself is a vector of its own in the write.
public enum ChunkedEncoder {
  /// The longest size line: 16 digits and CRLF.
  public static var sizeLineBytesMax: Int { 18 }

  /// What follows the data of each chunk.
  public static var chunkEnd: StaticString { "\r\n" }

  /// The last chunk, without trailers.
  public static var lastChunk: StaticString { "0\r\n\r\n" }

  /// Appends the line that precedes `byteCount` bytes of data.
  ///
  /// - Precondition: `byteCount` is not 0; a chunk of size 0 ends the body (`lastChunk`).
  @inlinable
  public static func appendSizeLine(_ byteCount: Int, to writer: inout ByteWriter) {
    precondition(byteCount > 0)
    writer.append(hexadecimal: UInt64(byteCount))
    writer.append("\r\n")
  }
}
