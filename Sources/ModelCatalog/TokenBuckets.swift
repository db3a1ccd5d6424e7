// SPDX-License-Identifier: MIT

/// What an attempt used, in parts that do not overlap: each token stands in exactly one of them,
/// and has the price of that one.
@frozen
public struct TokenBuckets: BitwiseCopyable, Hashable, Sendable {
  /// Text in (and what is priced like it) that was neither read from nor written to a cache.
  public var uncachedInput: Int64 = 0
  public var cacheRead: Int64 = 0
  /// Written to a cache for five minutes, or for however long the provider keeps it.
  public var cacheWriteShort: Int64 = 0
  /// Written for an hour.
  public var cacheWriteHour: Int64 = 0
  public var audioInput: Int64 = 0
  /// Text out that is not reasoning.
  public var output: Int64 = 0
  public var reasoning: Int64 = 0
  public var audioOutput: Int64 = 0

  @inlinable
  public init() {}

  /// From what providers say: two totals, and parts of them. Parts that add up to more than their
  /// total are cut to it, in the order given, so that no token is paid twice. What is negative or
  /// over 63 bits counts as none.
  @inlinable
  public init(
    input: Int64, cacheRead: Int64 = 0, cacheWrite: Int64 = 0, cacheWriteHour: Int64 = 0,
    audioInput: Int64 = 0, output: Int64, reasoning: Int64 = 0, audioOutput: Int64 = 0
  ) {
    var rest = max(input, 0)
    self.cacheRead = Self.take(cacheRead, from: &rest)
    self.cacheWriteHour = Self.take(cacheWriteHour, from: &rest)
    cacheWriteShort = Self.take(cacheWrite &- max(cacheWriteHour, 0), from: &rest)
    self.audioInput = Self.take(audioInput, from: &rest)
    uncachedInput = rest
    rest = max(output, 0)
    self.reasoning = Self.take(reasoning, from: &rest)
    self.audioOutput = Self.take(audioOutput, from: &rest)
    self.output = rest
  }

  @inlinable @inline(__always)
  static func take(_ part: Int64, from rest: inout Int64) -> Int64 {
    let taken = min(max(part, 0), rest)
    rest &-= taken
    return taken
  }

  /// All tokens in; saturates.
  @inlinable public var totalInput: Int64 {
    let cached = Int128(cacheRead) + Int128(cacheWriteShort) + Int128(cacheWriteHour)
    return Int64(clamping: Int128(uncachedInput) + cached + Int128(audioInput))
  }

  /// All tokens out; saturates.
  @inlinable public var totalOutput: Int64 {
    Int64(clamping: Int128(output) + Int128(reasoning) + Int128(audioOutput))
  }
}
