// SPDX-License-Identifier: MIT

import Bytes

/// How far a head that arrives in pieces has been looked at, so that it is parsed at most twice: on
/// the first piece, to refuse garbage early, and when its empty line has come.
@usableFromInline
struct HeadProgress: Sendable {
  /// How many bytes have been looked at in vain.
  private var scanned: UInt32 = 0

  @usableFromInline
  init() {}

  /// Whether the head may be complete, or is too large; false while its empty line is missing.
  @inline(__always)
  mutating func isWorthParsing(_ bytes: ByteView, sizeMax: Int) -> Bool {
    guard scanned > 0, bytes.count < sizeMax else { return true }
    return hasEmptyLine(bytes)
  }

  private mutating func hasEmptyLine(_ bytes: ByteView) -> Bool {
    if bytes.containsEmptyLine(endingFrom: Int(scanned)) { return true }
    scanned = UInt32(truncatingIfNeeded: max(Int(scanned), bytes.count))
    return false
  }

  /// Takes in that parsing stopped: what is wrong, or nil when more has to come.
  mutating func stopped(_ stop: ScanStop, _ bytes: ByteView, sizeMax: Int) -> WireError? {
    scanned = 0
    if case .failure(let error) = stop { return error }
    guard bytes.count < sizeMax else { return .headTooLarge }
    scanned = UInt32(truncatingIfNeeded: bytes.count)
    return nil
  }
}
