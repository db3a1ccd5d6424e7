// SPDX-License-Identifier: MIT

/// A dialect decimal literal such as `10.0` or `-0.05`.
public struct DecimalLiteral: Sendable, Equatable {
  /// The value times 10^4, as the extension type `decimal` holds it.
  public let scaled: Int64
  /// The literal as written, sign included; what `decimal("…")` is given by desugaring.
  public let text: String

  /// Fraction digits a decimal may have.
  public static let fractionDigitsMax = 4
  /// The factor between a value and `scaled`.
  public static let scale: Int64 = 10_000

  /// Reads `-?digits.digits` with 1 to 4 fraction digits; nil when the form is wrong or the value
  /// does not fit (-922337203685477.5808 to 922337203685477.5807).
  public init?(_ text: String) {
    var magnitude: Int64 = 0
    var fractionDigits = -1
    var digits = 0
    let negative = text.utf8.first == UInt8(ascii: "-")
    for byte in text.utf8.dropFirst(negative ? 1 : 0) {
      if byte == UInt8(ascii: ".") {
        guard fractionDigits < 0, digits > 0 else { return nil }
        fractionDigits = 0
        continue
      }
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      digits += 1
      if fractionDigits >= 0 { fractionDigits += 1 }
      guard fractionDigits <= Self.fractionDigitsMax,
        let next = Self.appending(Int64(byte - UInt8(ascii: "0")), to: magnitude)
      else { return nil }
      magnitude = next
    }
    guard fractionDigits >= 1 else { return nil }
    for _ in fractionDigits..<Self.fractionDigitsMax {
      guard let next = Self.appending(0, to: magnitude) else { return nil }
      magnitude = next
    }
    // Accumulated below zero so that the most negative value fits.
    if negative {
      scaled = magnitude
    } else {
      guard magnitude != Int64.min else { return nil }
      scaled = -magnitude
    }
    self.text = text
  }

  private static func appending(_ digit: Int64, to magnitude: Int64) -> Int64? {
    let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
    guard !overflow else { return nil }
    let (sum, underflow) = product.subtractingReportingOverflow(digit)
    return underflow ? nil : sum
  }
}
