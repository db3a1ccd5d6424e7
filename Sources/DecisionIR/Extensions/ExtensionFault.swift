// SPDX-License-Identifier: MIT

/// Why an extension value could not be made.
public enum ExtensionFault: UInt8, Error, Sendable {
  case addressTooLong = 1
  case addressMixed
  case addressInvalid
  case prefixTooLong
  case prefixNotDigits
  case prefixLeadingZero
  case prefixTooLarge
  case decimalMalformed
  case decimalTooManyDigits
  case decimalOverflow
  case datePattern
  case dateInvalid
  case timePattern
  case timeInvalid
  case offsetPattern
  case offsetInvalid
  case durationPattern
  case durationOverflow
  case datetimeOverflow
  case wrongArgumentCount

  /// What is wrong, in lower case.
  public var message: String {
    switch self {
    case .addressTooLong: "invalid IP address: the text is too long"
    case .addressMixed: "IPv4 embedded in IPv6 is not supported"
    case .addressInvalid: "invalid IP address"
    case .prefixTooLong: "error parsing prefix: its length is wrong"
    case .prefixNotDigits: "error parsing prefix: encountered non-digit"
    case .prefixLeadingZero: "error parsing prefix: leading zero(s)"
    case .prefixTooLarge: "error parsing prefix: value is too large"
    case .decimalMalformed: "not a well-formed decimal value"
    case .decimalTooManyDigits: "too many digits after the decimal point, at most 4 are supported"
    case .decimalOverflow: "overflow when converting to decimal"
    case .datePattern: "invalid date pattern"
    case .dateInvalid: "invalid date"
    case .timePattern: "invalid hour/minute/second pattern"
    case .timeInvalid: "invalid hour/minute/second"
    case .offsetPattern: "invalid millisecond and/or offset pattern"
    case .offsetInvalid: "invalid offset range"
    case .durationPattern: "invalid duration pattern"
    case .durationOverflow: "duration overflows internal representation"
    case .datetimeOverflow: "datetime overflows internal representation"
    case .wrongArgumentCount: "wrong number of arguments"
    }
  }
}
