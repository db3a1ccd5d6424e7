// SPDX-License-Identifier: MIT

internal import CZlib

/// Encodes content that is there as a whole, for requests of the control plane.
public enum ContentEncoder {
  /// The bytes in gzip's framing (RFC 1952); nil where there is no memory for it.
  public static func gzip(_ content: [UInt8]) -> [UInt8]? {
    guard content.count <= Int(UInt32.max) / 2 else { return nil }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    guard czlib_deflate_gzip_init(stream) == Z_OK else { return nil }
    defer { deflateEnd(stream) }
    let bound = Int(deflateBound(stream, UInt(content.count)))
    var isWhole = false
    let encoded = [UInt8](unsafeUninitializedCapacity: bound) { target, count in
      content.withUnsafeBufferPointer { source in
        // SAFETY: zlib reads `avail_in` bytes of the source, which outlives the call, and writes
        // at most `avail_out` bytes.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
        stream.pointee.avail_in = UInt32(source.count)
        stream.pointee.next_out = target.baseAddress
        stream.pointee.avail_out = UInt32(target.count)
        isWhole = deflate(stream, Z_FINISH) == Z_STREAM_END
        count = target.count - Int(stream.pointee.avail_out)
      }
    }
    return isWhole ? encoded : nil
  }
}
