// SPDX-License-Identifier: MIT

/// A timestamp broken into calendar fields of the proleptic Gregorian calendar, in UTC.
public struct CivilTime: Equatable, Sendable {
  public var year: Int64
  /// 1 to 12.
  public var month: Int64
  /// 1 to 31.
  public var day: Int64
  public var hour: Int64
  public var minute: Int64
  /// 0 to 59; POSIX time has no leap seconds.
  public var second: Int64
  /// 0 to 999,999,999.
  public var nanosecond: Int64

  /// 0 for Sunday to 6 for Saturday.
  public var weekday: Int {
    let days = CivilTime.daysSinceEpoch(year: year, month: month, day: day)
    // 1970-01-01 was a Thursday.
    return Int(((days + 4) % 7 + 7) % 7)
  }

  public init(_ timestamp: Timestamp) {
    let seconds = timestamp.secondsSinceEpoch
    nanosecond = timestamp.nanosecondsSinceEpoch &- seconds &* 1_000_000_000
    let days = floorDivide(seconds, 86_400)
    let secondOfDay = seconds - days * 86_400
    hour = secondOfDay / 3_600
    minute = secondOfDay / 60 % 60
    second = secondOfDay % 60

    // The year is counted from 1 March, so that the leap day is its last day; an era is the 400
    // years after which the calendar repeats.
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Days from 1970-01-01 to the given date; month and day must be in range.
  static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
    let marchYear = month <= 2 ? year - 1 : year
    let era = floorDivide(marchYear, 400)
    let yearOfEra = marchYear - era * 400
    let monthFromMarch = month > 2 ? month - 3 : month + 9
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  static func daysInMonth(year: Int64, month: Int64) -> Int64 {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: 31
    }
  }
}
