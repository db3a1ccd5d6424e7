// SPDX-License-Identifier: MIT

/// The stable number of a kind of finding, written `CEDAR0012`.
///
/// Ranges: 1-199 policy syntax, 200-399 schema syntax and resolution, 400-599 validation against a
/// schema, 600-699 lints, 700-799 compilation, 800-899 JSON forms. A number is never used again
/// for another meaning; docs/reference/diagnostics.md explains each.
public struct DiagnosticCode: Sendable, Hashable, CustomStringConvertible {
  public let number: UInt16

  public init(_ number: UInt16) {
    self.number = number
  }

  /// `CEDAR` and the number in four digits.
  public var description: String {
    let digits = String(number)
    return "CEDAR" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
