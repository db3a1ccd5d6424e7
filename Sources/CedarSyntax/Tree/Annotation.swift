// SPDX-License-Identifier: MIT

/// `@key("value")` in front of a policy.
public struct Annotation: Sendable {
  /// How the value was written.
  public enum Value: Sendable, Equatable {
    /// `@key`: means the empty string.
    case absent
    /// `@key("text")`, escapes resolved.
    case string(String)
    /// Dialect: `@key(100)` or `@key(0.5)`; the literal's digits as written. Means that string.
    case number(String)
  }

  /// An identifier; reserved words are allowed.
  public let key: String
  public let value: Value
  /// The whole annotation, `@` included.
  public let span: SourceSpan
  /// What stands between the parentheses; the key when there is nothing.
  public let valueSpan: SourceSpan

  public init(
    key: String, value: Value, span: SourceSpan = .none, valueSpan: SourceSpan = .none
  ) {
    self.key = key
    self.value = value
    self.span = span
    self.valueSpan = valueSpan
  }

  /// The value as standard Cedar sees it: a string, empty when absent.
  public var text: String {
    switch value {
    case .absent: ""
    case .string(let text), .number(let text): text
    }
  }
}
