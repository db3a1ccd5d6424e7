// SPDX-License-Identifier: MIT

public import Bytes

/// The SHA-256 of an API key: all the gateway keeps of one. The digest itself is computed where
/// OpenSSL is, and handed in as 32 bytes.
@frozen
public struct KeyDigest: BitwiseCopyable, Hashable, Sendable {
  @usableFromInline let first: UInt64
  @usableFromInline let second: UInt64
  @usableFromInline let third: UInt64
  @usableFromInline let fourth: UInt64

  public static let byteCount = 32

  /// Nil unless `bytes` are exactly 32. The four words are read big-endian.
  @inlinable
  public init?(bytes: ByteView) {
    guard bytes.count == Self.byteCount else { return nil }
    first = Self.word(bytes, at: 0)
    second = Self.word(bytes, at: 8)
    third = Self.word(bytes, at: 16)
    fourth = Self.word(bytes, at: 24)
  }

  /// Four big-endian words, as hash functions hold them.
  @inlinable
  public init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
    self.first = first
    self.second = second
    self.third = third
    self.fourth = fourth
  }

  /// Parses 64 hexadecimal digits, as `sha256sum` prints them.
  public init?(hexadecimal text: String) {
    let digits = Array(text.utf8)
    guard digits.count == Self.byteCount * 2 else { return nil }
    var words: [UInt64] = [0, 0, 0, 0]
    for (position, digit) in digits.enumerated() {
      let value: UInt8
      switch digit {
      case 0x30...0x39: value = digit - 0x30
      case 0x61...0x66: value = digit - 0x61 + 10
      case 0x41...0x46: value = digit - 0x41 + 10
      default: return nil
      }
      words[position / 16] = words[position / 16] << 4 | UInt64(value)
    }
    self.init(words[0], words[1], words[2], words[3])
  }

  /// Equality that takes the same time whatever differs.
  @inlinable
  public static func == (left: Self, right: Self) -> Bool {
    (left.first ^ right.first) | (left.second ^ right.second) | (left.third ^ right.third)
      | (left.fourth ^ right.fourth) == 0
  }

  /// Where a table begins to look: a digest is uniform already.
  @inlinable
  var bucketSeed: Int { Int(truncatingIfNeeded: fourth) }

  @usableFromInline
  static func word(_ bytes: ByteView, at start: Int) -> UInt64 {
    var word: UInt64 = 0
    for index in start..<start + 8 { word = word << 8 | UInt64(bytes[index]) }
    return word
  }
}
