// SPDX-License-Identifier: MIT

extension Timestamp {
  /// Appends the RFC 3339 form in UTC, such as `2026-11-26T10:53:58.123Z`. It allocates only when
  /// the array must grow.
  ///
  /// - Parameter fractionDigits: 0 to 9 digits of the second's fraction, cut, not rounded.
  public func appendRFC3339(to text: inout [UInt8], fractionDigits: Int = 3) {
    precondition((0...9).contains(fractionDigits))
    let civil = CivilTime(self)
    appendDigits(civil.year, width: 4, to: &text)
    text.append(UInt8(ascii: "-"))
    appendDigits(civil.month, width: 2, to: &text)
    text.append(UInt8(ascii: "-"))
    appendDigits(civil.day, width: 2, to: &text)
    text.append(UInt8(ascii: "T"))
    appendClock(civil, to: &text)
    if fractionDigits > 0 {
      text.append(UInt8(ascii: "."))
      var fraction = civil.nanosecond
      for _ in fractionDigits..<9 { fraction /= 10 }
      appendDigits(fraction, width: fractionDigits, to: &text)
    }
    text.append(UInt8(ascii: "Z"))
  }

  /// The RFC 3339 form in UTC as a string.
  public func rfc3339(fractionDigits: Int = 3) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(32)
    appendRFC3339(to: &text, fractionDigits: fractionDigits)
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends the `Date` header's form (RFC 9110, 5.6.7), such as `Thu, 26 Nov 2026 10:53:58 GMT`.
  public func appendHTTPDate(to text: inout [UInt8]) {
    let civil = CivilTime(self)
    text.append(contentsOf: weekdayNames[civil.weekday].utf8)
    text.append(contentsOf: ", ".utf8)
    appendDigits(civil.day, width: 2, to: &text)
    text.append(UInt8(ascii: " "))
    text.append(contentsOf: monthNames[Int(civil.month - 1)].utf8)
    text.append(UInt8(ascii: " "))
    appendDigits(civil.year, width: 4, to: &text)
    text.append(UInt8(ascii: " "))
    appendClock(civil, to: &text)
    text.append(contentsOf: " GMT".utf8)
  }

  /// Reads the `Date` header's preferred form, as providers send it in `Retry-After`.
  ///
  /// - Returns: nil for anything but `Thu, 26 Nov 2026 10:53:58 GMT`; the two obsolete forms of
  ///   RFC 9110 are not read. The weekday is not compared with the date.
  public init?(httpDate text: some Collection<UInt8>) {
    guard text.count == 29 else { return nil }
    let bytes = Array(text)
    let shape = Array("---, -- --- ---- --:--:-- GMT".utf8)
    for index in bytes.indices
    where shape[index] != UInt8(ascii: "-") && bytes[index] != shape[index] {
      return nil
    }
    let name = String(decoding: bytes[8..<11], as: UTF8.self)
    guard
      weekdayNames.contains(String(decoding: bytes[0..<3], as: UTF8.self)),
      let month = monthNames.firstIndex(of: name).map({ Int64($0) + 1 }),
      let day = number(bytes[5..<7]), let year = number(bytes[12..<16]),
      let hour = number(bytes[17..<19]), let minute = number(bytes[20..<22]),
      let second = number(bytes[23..<25]),
      day >= 1, day <= CivilTime.daysInMonth(year: year, month: month),
      hour < 24, minute < 60, second <= 60
    else { return nil }
    let days = CivilTime.daysSinceEpoch(year: year, month: month, day: day)
    self.init(secondsSinceEpoch: days * 86_400 + hour * 3_600 + minute * 60 + second)
  }
}

private let weekdayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
private let monthNames = [
  "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
]

private func appendClock(_ civil: CivilTime, to text: inout [UInt8]) {
  appendDigits(civil.hour, width: 2, to: &text)
  text.append(UInt8(ascii: ":"))
  appendDigits(civil.minute, width: 2, to: &text)
  text.append(UInt8(ascii: ":"))
  appendDigits(civil.second, width: 2, to: &text)
}

private func appendDigits(_ value: Int64, width: Int, to text: inout [UInt8]) {
  var divisor: Int64 = 1
  for _ in 1..<width { divisor *= 10 }
  while divisor > 0 {
    text.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
    divisor /= 10
  }
}

private func number(_ digits: ArraySlice<UInt8>) -> Int64? {
  var value: Int64 = 0
  for byte in digits {
    guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
    value = value * 10 + Int64(byte - UInt8(ascii: "0"))
  }
  return value
}
