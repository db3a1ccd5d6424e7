// SPDX-License-Identifier: MIT

public import Bytes
internal import CZlib
internal import CZstd

/// Decodes content that is there as a whole, piece by piece, so that a loop can do other things in
/// between. Nothing is trusted: damaged or cut-off content ends in `damaged`, and how much comes
/// out is the caller's to bound.
///
/// SAFETY: the library's state lies on the heap at one place from `init` until `close`, which the
/// owner calls exactly once; zlib's state points back at it.
public struct ContentDecoder {
  public enum Step: Equatable {
    /// So many bytes came out, and there is more.
    case more(Int)
    /// So many bytes came out, and they were the last.
    case complete(Int)
    /// The content is not in its coding, ends too early, or has something behind its end.
    case damaged
  }

  /// Content read at a time: even content of which nothing comes out takes bounded time a step.
  public static let inputBytesPerStepMaximum = 1 << 20
  /// As the exponent of 2: 8 MiB, the window that RFC 9659 section 3 allows in HTTP.
  static let windowBitsMaximum: Int32 = 23

  private enum State {
    case gzip(UnsafeMutablePointer<z_stream>)
    case zstd(OpaquePointer)
  }
  private let state: State

  /// - Returns: nil for `identity`, and when there is no memory.
  public init?(_ coding: ContentCoding) {
    switch coding {
    case .identity: return nil
    case .gzip:
      let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
      stream.initialize(to: z_stream())
      guard czlib_inflate_gzip_init(stream) == Z_OK else {
        stream.deallocate()
        return nil
      }
      state = .gzip(stream)
    case .zstd:
      guard let context = ZSTD_createDCtx() else { return nil }
      _ = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowBitsMaximum)
      state = .zstd(context)
    }
  }

  /// Frees the library's memory. The decoder must not be used afterwards.
  public func close() {
    switch state {
    case .gzip(let stream):
      inflateEnd(stream)
      stream.deallocate()
    case .zstd(let context): ZSTD_freeDCtx(context)
    }
  }

  /// Decodes the next piece.
  ///
  /// - Parameters:
  ///   - content: all of the content, the same bytes at each step.
  ///   - offset: how much of it has been read; moved on.
  ///   - room: at least one byte of `target` that may be written.
  public func step(
    _ content: ByteView, _ offset: inout Int, into target: UnsafeMutablePointer<UInt8>, room: Int
  ) -> Step {
    precondition(room > 0)
    let end = min(content.count, offset + Self.inputBytesPerStepMaximum)
    let piece = content[offset..<end]
    let isLast = end == content.count
    switch state {
    case .gzip(let stream):
      return Self.inflateStep(stream, piece, isLast, &offset, target, room)
    case .zstd(let context):
      return Self.zstdStep(context, piece, isLast, &offset, target, room)
    }
  }

  private static func inflateStep(
    _ stream: UnsafeMutablePointer<z_stream>, _ piece: ByteView, _ isLast: Bool,
    _ offset: inout Int, _ target: UnsafeMutablePointer<UInt8>, _ room: Int
  ) -> Step {
    let room = min(room, Int(UInt32.max))
    stream.pointee.next_in = UnsafeMutablePointer(mutating: piece.base)
    stream.pointee.avail_in = UInt32(piece.count)
    stream.pointee.next_out = target
    stream.pointee.avail_out = UInt32(room)
    while true {
      let status = inflate(stream, Z_NO_FLUSH)
      let left = Int(stream.pointee.avail_in)
      let written = room - Int(stream.pointee.avail_out)
      switch status {
      case Z_STREAM_END where left > 0:
        // Another member follows (RFC 1952 section 2.2).
        guard inflateReset(stream) == Z_OK else { return .damaged }
      case Z_STREAM_END where isLast:
        offset += piece.count
        return .complete(written)
      case Z_STREAM_END:
        guard inflateReset(stream) == Z_OK else { return .damaged }
        offset += piece.count
        return .more(written)
      case Z_OK where written == room, Z_BUF_ERROR where written == room:
        offset += piece.count - left
        return .more(written)
      // All is read and there is room: more is needed, and there is none.
      case Z_OK where left == 0, Z_BUF_ERROR where left == 0:
        offset += piece.count
        return isLast ? .damaged : .more(written)
      case Z_OK: continue
      default: return .damaged
      }
    }
  }

  private static func zstdStep(
    _ context: OpaquePointer, _ piece: ByteView, _ isLast: Bool, _ offset: inout Int,
    _ target: UnsafeMutablePointer<UInt8>, _ room: Int
  ) -> Step {
    var input = ZSTD_inBuffer(src: piece.base, size: piece.count, pos: 0)
    var output = ZSTD_outBuffer(dst: target, size: room, pos: 0)
    while true {
      let before = (input.pos, output.pos)
      let hint = ZSTD_decompressStream(context, &output, &input)
      if ZSTD_isError(hint) != 0 { return .damaged }
      let isRead = input.pos == input.size
      if hint == 0 && isRead && isLast {
        offset += piece.count
        return .complete(output.pos)
      }
      if output.pos == output.size || (isRead && !isLast) {
        offset += input.pos
        return .more(output.pos)
      }
      if before == (input.pos, output.pos) { return .damaged }
    }
  }
}
