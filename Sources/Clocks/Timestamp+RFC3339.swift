// SPDX-License-Identifier: MIT

extension Timestamp {
  /// Reads `2026-11-26T10:53:58Z`, with a fraction of a second or without, in UTC (RFC 3339 with
  /// `Z` alone): as token services write when a token expires.
  ///
  /// - Returns: nil for other forms and for times that are none.
  public init?(rfc3339UTC text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z") else { return nil }
    let shape = Array("----------T--:--:--".utf8)
    for (index, expected) in shape.enumerated() where expected != UInt8(ascii: "-") {
      guard bytes[index] == expected else { return nil }
    }
    guard bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      let year = Self.digits(bytes[0..<4]), let month = Self.digits(bytes[5..<7]),
      let day = Self.digits(bytes[8..<10]), let hour = Self.digits(bytes[11..<13]),
      let minute = Self.digits(bytes[14..<16]), let second = Self.digits(bytes[17..<19]),
      (1...12).contains(month), day >= 1, day <= CivilTime.daysInMonth(year: year, month: month),
      hour < 24, minute < 60, second <= 60
    else { return nil }
    let fraction = bytes[19..<bytes.count - 1]
    guard let nanoseconds = Self.nanoseconds(fraction) else { return nil }
    let days = CivilTime.daysSinceEpoch(year: year, month: month, day: day)
    let whole = Timestamp(
      secondsSinceEpoch: days * 86_400 + hour * 3_600 + minute * 60 + second)
    self = whole + .nanoseconds(nanoseconds)
  }

  /// Of `.123456`, or of nothing.
  private static func nanoseconds(_ fraction: ArraySlice<UInt8>) -> Int64? {
    guard let point = fraction.first else { return 0 }
    let digits = fraction.dropFirst()
    guard point == UInt8(ascii: "."), (1...30).contains(digits.count),
      var value = Self.digits(digits.prefix(9)), Self.digits(digits.dropFirst(9).prefix(18)) != nil
    else { return nil }
    for _ in min(digits.count, 9)..<9 { value *= 10 }
    return value
  }

  private static func digits(_ text: ArraySlice<UInt8>) -> Int64? {
    var value: Int64 = 0
    for byte in text {
      guard byte &- 0x30 < 10 else { return nil }
      value = value * 10 + Int64(byte &- 0x30)
    }
    return value
  }
}
