// SPDX-License-Identifier: MIT

/// Reads the argument of `ip(…)`: RFC 4291 or dotted-quad text with an optional `/prefix`.
enum IPText {
  /// Longest text accepted: eight groups of four, seven colons, `/128`.
  static let lengthMax = 43

  static func parse(_ text: Cells<UInt8>) -> Result<IPRange, ExtensionFault> {
    guard text.count <= lengthMax else { return .failure(.addressTooLong) }
    var slash = 0
    while slash < text.count, text[slash] != UInt8(ascii: "/") { slash += 1 }
    let address = text.slice(0, slash)
    let hasColon = contains(address, UInt8(ascii: ":"))
    if hasColon, contains(address, UInt8(ascii: ".")) { return .failure(.addressMixed) }
    let width: UInt8 = hasColon ? 128 : 32
    var prefix = width
    if slash < text.count {
      let digits = text.slice(slash + 1, text.count - slash - 1)
      switch parsePrefix(digits, width: width) {
      case .success(let length): prefix = length
      case .failure(let fault): return .failure(fault)
      }
    }
    if hasColon {
      guard let (high, low) = parseVersion6(address) else { return .failure(.addressInvalid) }
      return .success(IPRange(high: high, low: low, prefix: prefix, isVersion6: true))
    }
    guard let low = parseVersion4(address) else { return .failure(.addressInvalid) }
    return .success(IPRange(high: 0, low: low, prefix: prefix, isVersion6: false))
  }

  private static func contains(_ text: Cells<UInt8>, _ byte: UInt8) -> Bool {
    (0..<text.count).contains { text[$0] == byte }
  }

  private static func parsePrefix(
    _ digits: Cells<UInt8>, width: UInt8
  ) -> Result<UInt8, ExtensionFault> {
    guard digits.count > 0, digits.count <= (width == 32 ? 2 : 3) else {
      return .failure(.prefixTooLong)
    }
    var value = 0
    for index in 0..<digits.count {
      let digit = digits[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return .failure(.prefixNotDigits) }
      value = value * 10 + Int(digit)
    }
    if digits.count > 1, digits[0] == UInt8(ascii: "0") { return .failure(.prefixLeadingZero) }
    guard value <= Int(width) else { return .failure(.prefixTooLarge) }
    return .success(UInt8(value))
  }

  private static func parseVersion4(_ text: Cells<UInt8>) -> UInt64? {
    var result: UInt64 = 0
    var index = 0
    for part in 0..<4 {
      if part > 0 {
        guard index < text.count, text[index] == UInt8(ascii: ".") else { return nil }
        index += 1
      }
      let start = index
      var octet: UInt64 = 0
      while index < text.count, index - start < 3, text[index] &- UInt8(ascii: "0") < 10 {
        octet = octet * 10 + UInt64(text[index] &- UInt8(ascii: "0"))
        index += 1
      }
      guard index > start, octet <= 255 else { return nil }
      if index - start > 1, text[start] == UInt8(ascii: "0") { return nil }
      result = result << 8 | octet
    }
    return index == text.count ? result : nil
  }

  private static func parseVersion6(_ text: Cells<UInt8>) -> (UInt64, UInt64)? {
    var index = 0
    var head = Groups()
    head.read(text, &index, limit: 8)
    if head.count == 8 { return index == text.count ? head.halves : nil }
    guard index + 1 < text.count, text[index] == UInt8(ascii: ":"),
      text[index + 1] == UInt8(ascii: ":")
    else { return nil }
    index += 2
    var tail = Groups()
    tail.read(text, &index, limit: 7 - head.count)
    guard index == text.count else { return nil }
    return head.halves(followedBy: tail)
  }

  /// Up to eight groups of an IPv6 address, packed from the top.
  private struct Groups {
    var high: UInt64 = 0
    var low: UInt64 = 0
    var count = 0

    var halves: (UInt64, UInt64) { (high, low) }

    mutating func put(_ group: UInt64, at place: Int) {
      if place < 4 {
        high |= group << UInt64(48 - place * 16)
      } else {
        low |= group << UInt64(48 - (place - 4) * 16)
      }
    }

    func group(_ place: Int) -> UInt64 {
      (place < 4 ? high : low) >> UInt64(48 - place % 4 * 16) & 0xFFFF
    }

    /// Reads `hex(:hex)*`, leaving a colon that no group follows.
    mutating func read(_ text: Cells<UInt8>, _ index: inout Int, limit: Int) {
      while count < limit {
        var next = index
        if count > 0 {
          guard next < text.count, text[next] == UInt8(ascii: ":") else { return }
          next += 1
        }
        let start = next
        var value: UInt64 = 0
        while next < text.count, let digit = IPText.hexDigit(text[next]) {
          guard next - start < 4 else { return }
          value = value << 4 | digit
          next += 1
        }
        guard next > start else { return }
        put(value, at: count)
        count += 1
        index = next
      }
    }

    func halves(followedBy tail: Groups) -> (UInt64, UInt64) {
      var result = self
      for place in 0..<tail.count { result.put(tail.group(place), at: 8 - tail.count + place) }
      return result.halves
    }
  }

  fileprivate static func hexDigit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}
