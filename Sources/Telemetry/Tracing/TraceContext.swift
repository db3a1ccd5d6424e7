// SPDX-License-Identifier: MIT

public import Bytes

/// Where a request stands in a trace: W3C Trace Context, level 2 (`traceparent`).
@frozen
public struct TraceContext: BitwiseCopyable, Equatable, Sendable {
  /// The first and the last eight bytes of the trace's id; never both 0 in a valid context.
  public var traceHigh: UInt64
  public var traceLow: UInt64
  /// The id of the span that is the parent of what follows; not 0 in a valid context.
  public var spanID: UInt64
  /// Bit 0: sampled; bit 1: the trace's id is random. Others are not passed on.
  public var flags: UInt8

  public static let sampledFlag: UInt8 = 1
  public static let randomFlag: UInt8 = 2
  /// Bytes of a `traceparent` of version 00.
  public static let textCount = 55

  @inlinable
  public init(traceHigh: UInt64 = 0, traceLow: UInt64 = 0, spanID: UInt64 = 0, flags: UInt8 = 0) {
    self.traceHigh = traceHigh
    self.traceLow = traceLow
    self.spanID = spanID
    self.flags = flags
  }

  @inlinable public var isSampled: Bool { flags & Self.sampledFlag != 0 }

  /// Reads a `traceparent` (section 3.2.2). Nil where it is not valid, and the request then starts
  /// a trace of its own: wrong length, upper case, ids of zeros, version ff. A later version is
  /// read as far as version 00 goes.
  public init?(traceparent text: ByteView) {
    guard text.count >= Self.textCount, let version = Self.hexadecimal(text[0..<2]),
      version != 0xff, text[2] == 0x2d, text[35] == 0x2d, text[52] == 0x2d,
      text.count == Self.textCount || (version > 0 && text[Self.textCount] == 0x2d),
      let high = Self.hexadecimal(text[3..<19]), let low = Self.hexadecimal(text[19..<35]),
      let span = Self.hexadecimal(text[36..<52]), let flags = Self.hexadecimal(text[53..<55]),
      high | low != 0, span != 0
    else { return nil }
    self.init(
      traceHigh: high, traceLow: low, spanID: span,
      flags: UInt8(flags) & (Self.sampledFlag | Self.randomFlag))
  }

  /// Appends the context as a `traceparent` of version 00.
  public func append(to writer: inout ByteWriter) {
    writer.append("00-")
    appendTraceID(to: &writer)
    writer.append("-")
    HexadecimalDigits.append(spanID, to: &writer)
    writer.append("-0")
    writer.append(0x30 + (flags & (Self.sampledFlag | Self.randomFlag)))
  }

  /// Appends the 32 digits of the trace's id.
  public func appendTraceID(to writer: inout ByteWriter) {
    HexadecimalDigits.append(traceHigh, to: &writer)
    HexadecimalDigits.append(traceLow, to: &writer)
  }

  /// The value of lower-case hexadecimal digits and nothing else, at most 16 of them.
  private static func hexadecimal(_ digits: ByteView) -> UInt64? {
    var value: UInt64 = 0
    for index in 0..<digits.count {
      let byte = digits[index]
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt64(byte - 0x30)
      case 0x61...0x66: value = value << 4 | UInt64(byte - 0x57)
      default: return nil
      }
    }
    return value
  }
}

/// Sixteen hexadecimal digits at a time.
public enum HexadecimalDigits {
  /// Appends `value` in 16 lower-case digits.
  @inline(__always)
  public static func append(_ value: UInt64, to writer: inout ByteWriter) {
    let words = SIMD2<UInt64>(
      digits(UInt32(truncatingIfNeeded: value >> 32)), digits(UInt32(truncatingIfNeeded: value)))
    unsafe withUnsafeBytes(of: words) { bytes in
      // SAFETY: the 16 bytes live for the call, which copies them.
      let base = unsafe bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self)
      unsafe writer.append(ByteView(base: base, count: 16))
    }
  }

  public static func text(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  /// Eight digits at once, a byte each in one word: the nibbles are spread out, and those above 9
  /// get the distance from `9` to `a` added.
  @inline(__always)
  private static func digits(_ value: UInt32) -> UInt64 {
    var word = UInt64(value)
    word = (word | word << 16) & 0x0000_ffff_0000_ffff
    word = (word | word << 8) & 0x00ff_00ff_00ff_00ff
    word = (word | word << 4) & 0x0f0f_0f0f_0f0f_0f0f
    let isLetter = (word &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return (word &+ 0x3030_3030_3030_3030 &+ isLetter &* 0x27).bigEndian
  }
}
