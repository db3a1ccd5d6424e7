// SPDX-License-Identifier: MIT

/// A possibly qualified identifier such as `User` or `Acme::Billing::Invoice`.
public struct Name: Sendable, Hashable, CustomStringConvertible {
  /// The components, outermost namespace first; never empty. ASCII identifiers.
  public let components: [String]
  public let span: SourceSpan

  public init(_ components: [String], span: SourceSpan = .none) {
    precondition(!components.isEmpty, "a name has at least one component")
    self.components = components
    self.span = span
  }

  /// The last component.
  public var basename: String { components[components.count - 1] }

  /// The components before the last one.
  public var namespace: [String] { Array(components.dropLast()) }

  /// The components joined by `::`.
  public var description: String { components.joined(separator: "::") }

  public static func == (left: Name, right: Name) -> Bool {
    left.components == right.components
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(components)
  }
}
