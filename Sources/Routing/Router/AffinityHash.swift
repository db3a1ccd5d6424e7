// SPDX-License-Identifier: MIT

public import Bytes

/// Numbers for texts, the same on every machine and in every release, so that several gateways
/// keep a session at one place. Not for secrets, and not against anyone who looks for collisions:
/// all that these could bring about is an uneven load.
public enum AffinityHash {
  /// Never 0, which stands for no text.
  ///
  /// - Parameter seed: what came before it; 0 for nothing.
  public static func of(_ bytes: ByteView, seed: UInt64 = 0) -> UInt64 {
    var hash = seed ^ 0x9e37_79b9_7f4a_7c15 &* (UInt64(bytes.count) &+ 1)
    var offset = 0
    while offset &+ 8 <= bytes.count {
      // SAFETY: eight bytes at `offset` lie within the view.
      let word = unsafe UnsafeRawPointer(bytes.base + offset).loadUnaligned(as: UInt64.self)
      hash = mixed(hash ^ word)
      offset &+= 8
    }
    var rest: UInt64 = 0
    var shift: UInt64 = 0
    while offset < bytes.count {
      rest |= UInt64(bytes[offset]) &<< shift
      shift &+= 8
      offset &+= 1
    }
    return max(mixed(hash ^ rest), 1)
  }

  /// The finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
  @inline(__always)
  static func mixed(_ value: UInt64) -> UInt64 {
    var word = value &+ 0x9e37_79b9_7f4a_7c15
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return word ^ word >> 31
  }
}
