// SPDX-License-Identifier: MIT

public import Bytes

/// The key of a prompt's beginning: of so many bytes of its parts, in the order in which providers
/// read them. It depends on where one part ends and the next begins.
public struct PrefixHash: BitwiseCopyable {
  private var left: Int
  private var hash: UInt64 = 0

  public init(byteCount: Int) { left = byteCount }

  public mutating func add(_ part: ByteView) {
    guard left > 0, !part.isEmpty else { return }
    let taken = part.prefix(left)
    hash = AffinityHash.of(taken, seed: hash)
    left -= taken.count
  }

  /// 0 where there were fewer bytes: what is so short is in no provider's cache.
  public var value: UInt64 { left == 0 ? hash : 0 }
}
