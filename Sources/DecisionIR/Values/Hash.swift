// SPDX-License-Identifier: MIT

/// The hashes that value headers carry. They are part of no format: images and stores compute them
/// anew when they are loaded.
@usableFromInline
enum Hash {
  @usableFromInline static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// 24 bits over the bytes.
  @inlinable
  static func bytes(_ base: UnsafePointer<UInt8>, _ count: Int) -> UInt32 {
    var state = UInt64(truncatingIfNeeded: count) &* multiplier ^ 0x5851_F42D_4C95_7F2D
    let raw = unsafe UnsafeRawPointer(base)
    var index = 0
    while index &+ 8 <= count {
      let word = unsafe raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      state = (state ^ word) &* multiplier
      state ^= state >> 29
      index &+= 8
    }
    var tail: UInt64 = 0
    while index < count {
      tail = unsafe tail << 8 | UInt64(base[index])
      index &+= 1
    }
    state = (state ^ tail) &* multiplier
    state ^= state >> 32
    return UInt32(truncatingIfNeeded: state) & 0xFF_FFFF
  }

  /// 32 well mixed bits of a word.
  @inlinable @inline(__always)
  static func mix(_ word: UInt64) -> UInt32 {
    var state = (word ^ word >> 31) &* 0xBF58_476D_1CE4_E5B9
    state ^= state >> 27
    state = state &* 0x94D0_49BB_1331_11EB
    return UInt32(truncatingIfNeeded: state >> 32)
  }

  /// The hash of a value: by header where that hashes the content, else with the payload.
  static func value(_ value: Value) -> UInt32 {
    switch value.kind {
    case .string, .set, .record: mix(value.header)
    case .ip where value.isVersion6: mix(value.header)
    default: mix(value.header ^ value.payload &* multiplier)
    }
  }
}
