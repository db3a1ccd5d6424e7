// SPDX-License-Identifier: MIT

public import Bytes

/// The date format of HTTP fields, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
public enum HTTPDate {
  /// The length of every date written here.
  public static var byteCount: Int { 29 }

  /// Appends the date of a moment in seconds since 1970, of the years 1970 to 9999.
  ///
  /// - Precondition: 0 ≤ `secondsSince1970` ≤ 253402300799.
  public static func append(secondsSince1970: Int64, to writer: inout ByteWriter) {
    precondition(secondsSince1970 >= 0 && secondsSince1970 <= 253_402_300_799)
    let days = secondsSince1970 / 86_400
    let second = UInt64(secondsSince1970 % 86_400)
    let (year, month, day) = civil(days: days)
    // 1 January 1970 was a Thursday.
    writer.append(weekday(Int((days + 4) % 7)))
    writer.append(decimal: UInt64(day), width: 2)
    writer.append(monthName(month))
    writer.append(decimal: UInt64(year), width: 4)
    writer.append(0x20)
    writer.append(decimal: second / 3600, width: 2)
    writer.append(0x3a)
    writer.append(decimal: second / 60 % 60, width: 2)
    writer.append(0x3a)
    writer.append(decimal: second % 60, width: 2)
    writer.append(" GMT")
  }

  /// The moment an HTTP date names, in seconds since 1970; nil for anything but the fixed format
  /// above (the obsolete two are not produced by any provider).
  public static func parse(_ text: ByteView) -> Int64? {
    guard text.count == byteCount, text[16] == 0x20, text[19] == 0x3a, text[22] == 0x3a,
      text[3..<5].equals(", "), text.dropFirst(25).equals(" GMT"),
      let day = number(text[5..<7]), let month = month(text[7..<12]),
      let year = number(text[12..<16]), let hour = number(text[17..<19]),
      let minute = number(text[20..<22]), let second = number(text[23..<25])
    else { return nil }
    guard (1...31).contains(day), year >= 1970, hour < 24, minute < 60, second <= 60 else {
      return nil
    }
    let days = days(year: year, month: month, day: day)
    guard civil(days: days) == (year, month, day) else { return nil }
    return days * 86_400 + hour * 3600 + minute * 60 + second
  }

  private static func number(_ digits: ByteView) -> Int64? {
    digits.decimalLength.map { Int64($0) }
  }

  private static func month(_ text: ByteView) -> Int64? {
    for month in 1...12 where text.equals(monthName(Int64(month))) { return Int64(month) }
    return nil
  }

  /// Days since 1970 to year, month, day: eras of 400 years, in years that start with March so that
  /// the leap day is the last.
  private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = shiftedYear / 400
    let yearOfEra = shiftedYear % 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func weekday(_ index: Int) -> StaticString {
    switch index {
    case 0: "Sun, "
    case 1: "Mon, "
    case 2: "Tue, "
    case 3: "Wed, "
    case 4: "Thu, "
    case 5: "Fri, "
    default: "Sat, "
    }
  }

  private static func monthName(_ month: Int64) -> StaticString {
    switch month {
    case 1: " Jan "
    case 2: " Feb "
    case 3: " Mar "
    case 4: " Apr "
    case 5: " May "
    case 6: " Jun "
    case 7: " Jul "
    case 8: " Aug "
    case 9: " Sep "
    case 10: " Oct "
    case 11: " Nov "
    default: " Dec "
    }
  }
}
