// SPDX-License-Identifier: MIT

/// Reads and writes the argument of `decimal(…)`: `-?digits.digits`, at most 4 fraction digits.
public enum DecimalText {
  /// The factor between a value and its scaled form.
  public static let scale: Int64 = 10_000

  static func parse(_ text: Cells<UInt8>) -> Result<Int64, ExtensionFault> {
    let negative = text.count > 0 && text[0] == UInt8(ascii: "-")
    var index = negative ? 1 : 0
    var magnitude: Int64 = 0
    var overflow = false
    let wholeDigits = digits(text, &index, &magnitude, &overflow, limit: Int.max)
    guard wholeDigits > 0, index < text.count, text[index] == UInt8(ascii: ".") else {
      return .failure(.decimalMalformed)
    }
    index += 1
    let fractionDigits = digits(text, &index, &magnitude, &overflow, limit: 4)
    guard fractionDigits > 0, index == text.count else { return .failure(.decimalMalformed) }
    guard fractionDigits <= 4 else { return .failure(.decimalTooManyDigits) }
    for _ in fractionDigits..<4 { append(0, to: &magnitude, &overflow) }
    if overflow || (!negative && magnitude == Int64.min) { return .failure(.decimalOverflow) }
    return .success(negative ? magnitude : -magnitude)
  }

  /// Reads digits into `magnitude`, kept below zero so that the most negative value fits; only the
  /// first `limit` digits count. Returns how many there were.
  private static func digits(
    _ text: Cells<UInt8>, _ index: inout Int, _ magnitude: inout Int64, _ overflow: inout Bool,
    limit: Int
  ) -> Int {
    var count = 0
    while index < text.count, text[index] &- UInt8(ascii: "0") < 10 {
      if count < limit {
        append(Int64(text[index] - UInt8(ascii: "0")), to: &magnitude, &overflow)
      }
      count += 1
      index += 1
    }
    return count
  }

  private static func append(_ digit: Int64, to magnitude: inout Int64, _ overflow: inout Bool) {
    let (product, first) = magnitude.multipliedReportingOverflow(by: 10)
    let (sum, second) = product.subtractingReportingOverflow(digit)
    overflow = overflow || first || second
    magnitude = sum
  }

  /// The value with at least one and at most four fraction digits.
  public static func text(_ scaled: Int64) -> String {
    let whole = scaled.magnitude / 10_000
    var fraction = String(scaled.magnitude % 10_000 + 10_000).dropFirst()
    while fraction.count > 1, fraction.last == "0" { fraction.removeLast() }
    return "\(scaled < 0 ? "-" : "")\(whole).\(fraction)"
  }

  /// Reads a decimal from a string.
  public static func parse(_ string: String) -> Result<Int64, ExtensionFault> {
    ExtensionText.withCells(string, parse)
  }
}

/// Readers of extension values over `String`s, for compilers and readers of data.
public enum ExtensionText {
  static func withCells<Result>(_ string: String, _ body: (Cells<UInt8>) -> Result) -> Result {
    var copy = string
    return copy.withUTF8 { bytes in
      guard let base = bytes.baseAddress else { return body(.empty) }
      return unsafe body(Cells(base: UnsafeMutablePointer(mutating: base), count: bytes.count))
    }
  }

  /// The value of `constructor(argument)` for `ip`, `decimal`, `datetime` and `duration`; nil for
  /// any other name.
  public static func construct(
    _ constructor: String, _ argument: String
  ) -> Result<Datum, ExtensionFault>? {
    switch constructor {
    case "ip": withCells(argument, IPText.parse).map(Datum.ip)
    case "decimal": withCells(argument, DecimalText.parse).map(Datum.decimal)
    case "datetime": withCells(argument, DatetimeText.parse).map(Datum.datetime)
    case "duration": withCells(argument, DurationText.parse).map(Datum.duration)
    default: nil
    }
  }
}
