// SPDX-License-Identifier: MIT

/// Why a credential could not be had. Clients may read `summary`, so neither part holds a secret.
public struct FetchFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What failed, as the end of a sentence, without a full stop.
  public let summary: String
  /// More for the log, in the server's own words; empty for nothing.
  public let detail: String

  /// How much of a server's words is kept.
  static let detailCharactersMaximum = 400

  public init(_ summary: String, detail: String = "") {
    self.summary = summary
    self.detail = Self.printable(detail)
  }

  public var description: String { detail.isEmpty ? summary : "\(summary): \(detail)" }

  /// One line of bounded length.
  private static func printable(_ text: String) -> String {
    let line = text.unicodeScalars.prefix(detailCharactersMaximum).map { scalar in
      scalar.value < 0x20 || scalar.value == 0x7f ? " " : scalar
    }
    return String(String.UnicodeScalarView(line))
  }
}
