// SPDX-License-Identifier: MIT

import CedarSyntax

/// Whether a string literal is a value of an extension type. The values themselves are the
/// evaluator's business; validation only has to know whether reading them would fail.
enum ExtensionLiteral {
  static func isValid(_ text: String, for function: ExtensionFunction) -> Bool {
    switch function {
    case .ip: isAddress(text)
    case .decimal: DecimalLiteral(text) != nil
    case .datetime: isDatetime(text)
    case .duration: durationMilliseconds(text) != nil
    default: true
    }
  }

  // MARK: datetime

  /// `YYYY-MM-DD`, or that with `Thh:mm:ss`, optional `.mmm`, and `Z` or `+hhmm` or `-hhmm`.
  private static func isDatetime(_ text: String) -> Bool {
    var reader = DigitReader(text)
    guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2),
      reader.take("-"), let day = reader.digits(2),
      isDate(year, month, day)
    else { return false }
    if reader.isAtEnd { return true }
    guard reader.take("T"), let hour = reader.digits(2), reader.take(":"),
      let minute = reader.digits(2), reader.take(":"), let second = reader.digits(2),
      hour < 24, minute < 60, second < 60
    else { return false }
    if reader.take("."), reader.digits(3) == nil { return false }
    if reader.take("Z") { return reader.isAtEnd }
    guard reader.take("+") || reader.take("-"), let hours = reader.digits(2),
      let minutes = reader.digits(2)
    else { return false }
    return hours < 24 && minutes < 60 && reader.isAtEnd
  }

  private static func isDate(_ year: Int, _ month: Int, _ day: Int) -> Bool {
    guard month >= 1, month <= 12, day >= 1 else { return false }
    let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return day <= days[month - 1]
  }

  // MARK: duration

  /// `-`? then `Nd`, `Nh`, `Nm`, `Ns`, `Nms` in this order, at least one; nil when the form is
  /// wrong or the milliseconds do not fit in 64 bits.
  private static func durationMilliseconds(_ text: String) -> Int64? {
    var reader = DigitReader(text)
    let isNegative = reader.take("-")
    let units: [(suffix: String, milliseconds: Int64)] = [
      ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]
    var next = 0
    var total: Int64 = 0
    guard !reader.isAtEnd else { return nil }
    while !reader.isAtEnd {
      guard let digits = reader.allDigits(), let suffix = reader.letters(),
        let unit = units[next...].firstIndex(where: { $0.suffix == suffix })
      else { return nil }
      guard let count = Int64((isNegative ? "-" : "") + digits) else { return nil }
      let (part, partOverflow) = count.multipliedReportingOverflow(by: units[unit].milliseconds)
      let (sum, sumOverflow) = total.addingReportingOverflow(part)
      guard !partOverflow, !sumOverflow else { return nil }
      total = sum
      next = unit + 1
    }
    return total
  }

  // MARK: ip

  /// Longest text of an address with its prefix.
  private static let addressLengthMax = 43

  private static func isAddress(_ text: String) -> Bool {
    guard text.utf8.count <= addressLengthMax else { return false }
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let isVersion6 = parts[0].utf8.contains(UInt8(ascii: ":"))
    guard isVersion6 ? isVersion6Address(parts[0]) : isVersion4Address(parts[0]) else {
      return false
    }
    guard parts.count == 2 else { return true }
    return isPrefix(parts[1], max: isVersion6 ? 128 : 32)
  }

  /// Decimal digits without a leading zero.
  private static func isPrefix(_ text: Substring, max: Int) -> Bool {
    guard let first = text.utf8.first, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
      first != 0x30 || text.utf8.count == 1, text.utf8.count <= 3, let value = Int(text)
    else { return false }
    return value <= max
  }

  private static func isVersion4Address(_ text: Substring) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { isPrefix($0, max: 255) }
  }

  /// Eight groups of hexadecimal digits, or fewer with one `::`; no embedded IPv4 address.
  private static func isVersion6Address(_ text: Substring) -> Bool {
    let isGroup = { (group: Substring) in
      (1...4).contains(group.utf8.count)
        && group.utf8.allSatisfy {
          ($0 >= 0x30 && $0 <= 0x39) || (($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x66)
        }
    }
    let groups = { (side: Substring) -> [Substring] in
      side.isEmpty ? [] : side.split(separator: ":", omittingEmptySubsequences: false)
    }
    guard let gap = text.firstRange(of: "::") else {
      let all = groups(text)
      return all.count == 8 && all.allSatisfy(isGroup)
    }
    let before = groups(text[..<gap.lowerBound])
    let after = groups(text[gap.upperBound...])
    return before.count + after.count <= 7 && (before + after).allSatisfy(isGroup)
  }
}

/// Reads fixed forms from ASCII text.
private struct DigitReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ text: String) {
    bytes = Array(text.utf8)
  }

  var isAtEnd: Bool { position == bytes.count }

  mutating func take(_ character: Character) -> Bool {
    guard position < bytes.count, bytes[position] == character.asciiValue else { return false }
    position += 1
    return true
  }

  /// Exactly so many digits.
  mutating func digits(_ count: Int) -> Int? {
    guard position + count <= bytes.count else { return nil }
    var value = 0
    for byte in bytes[position..<position + count] {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    position += count
    return value
  }

  /// One or more digits.
  mutating func allDigits() -> String? { run { $0 >= 0x30 && $0 <= 0x39 } }

  /// One or more lower-case letters.
  mutating func letters() -> String? { run { $0 >= 0x61 && $0 <= 0x7A } }

  private mutating func run(_ belongs: (UInt8) -> Bool) -> String? {
    let start = position
    while position < bytes.count, belongs(bytes[position]) { position += 1 }
    return position > start ? String(decoding: bytes[start..<position], as: UTF8.self) : nil
  }
}
