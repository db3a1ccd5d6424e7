// SPDX-License-Identifier: MIT

/// Durations and sizes as people write them: `250ms`, `5s`, `2m`, `1h`; `64KiB`, `100MiB`, `1GiB`.
enum Quantity {
  static let durationForm = "a number with its unit: `250ms`, `5s`, `2m` or `1h`"
  static let sizeForm = "a number with its unit: `512B`, `64KiB`, `100MiB` or `1GiB`"

  static func milliseconds(_ text: String) -> Int64? {
    scaled(text, [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)])
  }

  static func bytes(_ text: String) -> Int64? {
    scaled(
      text,
      [
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("KB", 1_000), ("MB", 1_000_000),
        ("GB", 1_000_000_000), ("B", 1),
      ])
  }

  private static func scaled(_ text: String, _ units: [(suffix: String, factor: Int64)]) -> Int64? {
    for unit in units where text.hasSuffix(unit.suffix) {
      let number = text.dropLast(unit.suffix.count)
      guard let value = digits(number) else { continue }
      let (product, overflow) = value.multipliedReportingOverflow(by: unit.factor)
      return overflow ? nil : product
    }
    return nil
  }

  /// A whole number of digits only: no sign, no spaces.
  static func digits(_ text: some StringProtocol) -> Int64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int64(text)
  }

  /// A decimal of at most four fraction digits in units of 10⁻⁴, or nil.
  static func cedarDecimal(_ text: String) -> Int64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let whole = digits(parts[0]), whole < 1 << 48 else {
      return nil
    }
    guard parts.count == 2 else { return whole * 10_000 }
    guard parts[1].utf8.count <= 4, let fraction = digits(parts[1]) else { return nil }
    var scaled = fraction
    for _ in parts[1].utf8.count..<4 { scaled *= 10 }
    return whole * 10_000 + scaled
  }

  /// A share from 0 to 1 with at most three fraction digits, in thousandths, or nil.
  static func thousandths(_ text: String) -> Int64? {
    guard let value = cedarDecimal(text), value <= 10_000, value % 10 == 0 else { return nil }
    return value / 10
  }
}
