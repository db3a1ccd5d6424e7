// SPDX-License-Identifier: MIT

/// One finding about a source text.
///
/// Messages are lower case, quote the user's words in backticks and name no type of this library.
/// `labels[0]` is the place the finding is about; further labels are related places.
public struct Diagnostic: Sendable, Equatable, Error {
  /// How grave a finding is.
  public enum Severity: String, Sendable, CaseIterable {
    case error
    case warning
    case note
  }

  /// A place in the source and what is to be said about it.
  public struct Label: Sendable, Equatable {
    public let span: SourceSpan
    /// Short text shown at the underlined place; may be empty.
    public let text: String

    public init(_ span: SourceSpan, _ text: String = "") {
      self.span = span
      self.text = text
    }
  }

  public let severity: Severity
  /// The stable code, for example `CEDAR0012`.
  public let code: DiagnosticCode
  public let message: String
  public let labels: [Label]
  /// How to mend it, when that is known.
  public let help: String?
  /// A replacement that mends it, when one is certain.
  public let fix: Fix?

  /// A textual change an editor can apply.
  public struct Fix: Sendable, Equatable {
    public let span: SourceSpan
    public let replacement: String

    public init(_ span: SourceSpan, _ replacement: String) {
      self.span = span
      self.replacement = replacement
    }
  }

  public init(
    _ severity: Severity = .error, _ code: DiagnosticCode, _ message: String,
    labels: [Label] = [], help: String? = nil, fix: Fix? = nil
  ) {
    self.severity = severity
    self.code = code
    self.message = message
    self.labels = labels
    self.help = help
    self.fix = fix
  }

  /// The place the finding is about; `SourceSpan.none` when it has none.
  public var span: SourceSpan { labels.first?.span ?? .none }
}

extension Sequence where Element == Diagnostic {
  /// Whether any of the findings is an error.
  public var hasErrors: Bool { contains { $0.severity == .error } }
}
