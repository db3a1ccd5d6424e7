// SPDX-License-Identifier: MIT

/// Reads and writes the argument of `datetime(…)`: `YYYY-MM-DD`, or that followed by
/// `THH:MM:SS[.SSS]` and `Z` or an offset `+hhmm` / `-hhmm`.
public enum DatetimeText {
  static let millisecondsPerDay: Int64 = 86_400_000

  static func parse(_ text: Cells<UInt8>) -> Result<Int64, ExtensionFault> {
    guard let year = number(text, 0, 4), holds(text, 4, "-"), let month = number(text, 5, 2),
      holds(text, 7, "-"), let day = number(text, 8, 2)
    else { return .failure(.datePattern) }
    guard month >= 1, month <= 12, day >= 1, day <= daysInMonth(year, month) else {
      return .failure(.dateInvalid)
    }
    let date = days(year, month, day) * millisecondsPerDay
    if text.count == 10 { return .success(date) }
    guard holds(text, 10, "T"), let hour = number(text, 11, 2), holds(text, 13, ":"),
      let minute = number(text, 14, 2), holds(text, 16, ":"), let second = number(text, 17, 2)
    else { return .failure(.timePattern) }
    var index = 19
    var milliseconds: Int64 = 0
    if holds(text, index, ".") {
      guard let fraction = number(text, index + 1, 3) else { return .failure(.offsetPattern) }
      milliseconds = fraction
      index += 4
    }
    guard hour < 24, minute < 60, second < 60 else { return .failure(.timeInvalid) }
    let time = ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds
    if holds(text, index, "Z") {
      return index + 1 == text.count ? .success(date + time) : .failure(.offsetPattern)
    }
    let ahead = holds(text, index, "+")
    guard ahead || holds(text, index, "-"), let hours = number(text, index + 1, 2),
      let minutes = number(text, index + 3, 2), text.count == index + 5
    else { return .failure(.offsetPattern) }
    guard hours < 24, minutes < 60 else { return .failure(.offsetInvalid) }
    let offset = (hours * 60 + minutes) * 60_000
    return .success(date + time + (ahead ? -offset : offset))
  }

  private static func holds(
    _ text: Cells<UInt8>, _ index: Int, _ character: Unicode.Scalar
  ) -> Bool {
    index < text.count && text[index] == UInt8(ascii: character)
  }

  private static func number(_ text: Cells<UInt8>, _ start: Int, _ count: Int) -> Int64? {
    guard start + count <= text.count else { return nil }
    var value: Int64 = 0
    for index in start..<start + count {
      let digit = text[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      value = value * 10 + Int64(digit)
    }
    return value
  }

  private static func daysInMonth(_ year: Int64, _ month: Int64) -> Int64 {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    default: 31
    }
  }

  /// Days since 1970-01-01 in the proleptic Gregorian calendar, counted in years from March.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// ISO 8601 text in UTC; outside the years 0 to 9999 the offset from the epoch.
  public static func text(_ milliseconds: Int64) -> String {
    guard milliseconds >= -62_167_219_200_000, milliseconds < 253_402_300_800_000 else {
      return "1970-01-01 offset by \(milliseconds)ms"
    }
    let time = (milliseconds % millisecondsPerDay + millisecondsPerDay) % millisecondsPerDay
    let shifted = (milliseconds - time) / millisecondsPerDay + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthIndex = (5 * dayOfYear + 2) / 153
    let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
    return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T\(pad(time / 3_600_000, 2)):"
      + "\(pad(time / 60_000 % 60, 2)):\(pad(time / 1000 % 60, 2)).\(pad(time % 1000, 3))Z"
  }

  private static func pad(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// Midnight of the day, or nil when that is before the first representable day.
  static func toDate(_ milliseconds: Int64) -> Int64? {
    let (result, overflow) = milliseconds.subtractingReportingOverflow(toTime(milliseconds))
    return overflow ? nil : result
  }

  /// Milliseconds since midnight, 0..<86400000.
  static func toTime(_ milliseconds: Int64) -> Int64 {
    let rest = milliseconds % millisecondsPerDay
    return rest < 0 ? rest + millisecondsPerDay : rest
  }
}

/// Reads the argument of `duration(…)`: `-?` and `Nd Nh Nm Ns Nms` without spaces, in that order,
/// each optional, at least one.
enum DurationText {
  static func parse(_ text: Cells<UInt8>) -> Result<Int64, ExtensionFault> {
    let negative = text.count > 0 && text[0] == UInt8(ascii: "-")
    var index = negative ? 1 : 0
    guard index < text.count else { return .failure(.durationPattern) }
    var total: Int64 = 0
    var overflow = false
    var last = -1
    while index < text.count {
      let start = index
      var amount: Int64 = 0
      while index < text.count, text[index] &- UInt8(ascii: "0") < 10 {
        let (product, first) = amount.multipliedReportingOverflow(by: 10)
        let digit = Int64(text[index] - UInt8(ascii: "0"))
        // Below zero, so that the most negative duration fits.
        let (sum, second) = product.subtractingReportingOverflow(digit)
        overflow = overflow || first || second
        amount = sum
        index += 1
      }
      guard index > start, let unit = unit(text, &index), unit.rank > last else {
        return .failure(.durationPattern)
      }
      last = unit.rank
      let (scaled, first) = amount.multipliedReportingOverflow(by: unit.milliseconds)
      let (sum, second) = total.addingReportingOverflow(scaled)
      overflow = overflow || first || second
      total = sum
    }
    if overflow || (!negative && total == Int64.min) { return .failure(.durationOverflow) }
    return .success(negative ? total : -total)
  }

  private static func unit(
    _ text: Cells<UInt8>, _ index: inout Int
  ) -> (rank: Int, milliseconds: Int64)? {
    guard index < text.count else { return nil }
    let letter = text[index]
    index += 1
    switch letter {
    case UInt8(ascii: "d"): return (0, 86_400_000)
    case UInt8(ascii: "h"): return (1, 3_600_000)
    case UInt8(ascii: "m"):
      guard index < text.count, text[index] == UInt8(ascii: "s") else { return (2, 60_000) }
      index += 1
      return (4, 1)
    case UInt8(ascii: "s"): return (3, 1000)
    default: return nil
    }
  }
}
