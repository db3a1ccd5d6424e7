// SPDX-License-Identifier: MIT

/// An IPv4 or IPv6 address with a prefix length, the content of an `ipaddr`.
public struct IPRange: Sendable, Hashable, CustomStringConvertible {
  /// The upper 64 bits of an IPv6 address; 0 for IPv4.
  public let high: UInt64
  /// The lower 64 bits of an IPv6 address, or the 32 bits of an IPv4 address.
  public let low: UInt64
  /// 0...32 or 0...128.
  public let prefix: UInt8
  public let isVersion6: Bool

  public init(high: UInt64, low: UInt64, prefix: UInt8, isVersion6: Bool) {
    self.high = high
    self.low = low
    self.prefix = prefix
    self.isVersion6 = isVersion6
  }

  private var width: UInt8 { isVersion6 ? 128 : 32 }

  /// The address' bits with everything behind `length` cleared.
  private func network(_ length: UInt8) -> (high: UInt64, low: UInt64) {
    guard isVersion6 else {
      let mask: UInt64 = length == 0 ? 0 : (0xFFFF_FFFF << UInt64(32 - length)) & 0xFFFF_FFFF
      return (0, low & mask)
    }
    let highBits = UInt64(min(length, 64))
    let lowBits = UInt64(length > 64 ? length - 64 : 0)
    let highMask: UInt64 = highBits == 0 ? 0 : ~0 << (64 - highBits)
    let lowMask: UInt64 = lowBits == 0 ? 0 : ~0 << (64 - lowBits)
    return (high & highMask, low & lowMask)
  }

  /// Whether every address of this range lies in `other`.
  public func isInRange(_ other: IPRange) -> Bool {
    guard isVersion6 == other.isVersion6, prefix >= other.prefix else { return false }
    return network(other.prefix) == other.network(other.prefix)
  }

  /// Whether the whole range is loopback: 127.0.0.0/8 or ::1/128.
  public var isLoopback: Bool {
    isVersion6
      ? high == 0 && low == 1 && prefix >= 128 : low >> 24 == 127 && prefix >= 8
  }

  /// Whether the whole range is multicast: 224.0.0.0/4 or ff00::/8.
  public var isMulticast: Bool {
    isVersion6 ? high >> 56 == 0xFF && prefix >= 8 : low >> 28 == 14 && prefix >= 4
  }

  public var description: String {
    let address: String
    if isVersion6 {
      address = (0..<8).map { index in
        let half = index < 4 ? high : low
        return String(half >> UInt64(48 - index % 4 * 16) & 0xFFFF, radix: 16)
      }.joined(separator: ":")
    } else {
      address = (0..<4).map { String(low >> UInt64(24 - $0 * 8) & 0xFF) }.joined(separator: ".")
    }
    return prefix == width ? address : "\(address)/\(prefix)"
  }
}
