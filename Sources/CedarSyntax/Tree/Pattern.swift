// SPDX-License-Identifier: MIT

/// The right side of `like`.
public struct Pattern: Sendable, Equatable {
  public enum Element: Sendable, Equatable {
    /// `*`: any run of scalars, also none. Neighbours are kept as written.
    case wildcard
    /// A run of scalars that must stand there; never empty, never beside another.
    case literal(String)

    public static func == (left: Element, right: Element) -> Bool {
      switch (left, right) {
      case (.wildcard, .wildcard): true
      case (.literal(let first), .literal(let second)): CedarText.equal(first, second)
      default: false
      }
    }
  }

  public let elements: [Element]
  public let span: SourceSpan

  /// Joins neighbouring literals: the JSON form may give them scalar by scalar.
  public init(_ elements: [Element], span: SourceSpan = .none) {
    var joined: [Element] = []
    for element in elements {
      if case .literal("") = element { continue }
      if case .literal(let text) = element, case .literal(let before)? = joined.last {
        joined[joined.count - 1] = .literal(before + text)
      } else {
        joined.append(element)
      }
    }
    self.elements = joined
    self.span = span
  }

  public static func == (left: Pattern, right: Pattern) -> Bool {
    left.elements == right.elements
  }

  /// The pattern as a Cedar literal, quotes included; a literal star is written `\*`.
  public var quoted: String {
    var result = "\""
    for element in elements {
      switch element {
      case .wildcard: result += "*"
      case .literal(let text):
        for scalar in text.unicodeScalars {
          if scalar == "*" { result += "\\*" } else { CedarText.appendEscaped(scalar, to: &result) }
        }
      }
    }
    return result + "\""
  }
}
