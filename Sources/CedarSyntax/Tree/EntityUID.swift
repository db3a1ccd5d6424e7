// SPDX-License-Identifier: MIT

/// An entity's type and id, such as `User::"alice"`.
///
/// Ids are compared scalar by scalar as Cedar does. Swift's `String ==` compares by canonical
/// equivalence and would hold two different ids for the same, so equality goes over UTF-8.
public struct EntityUID: Sendable, Hashable, CustomStringConvertible {
  public let type: Name
  /// The id with escapes resolved; may be empty.
  public let id: String
  public let span: SourceSpan

  public init(type: Name, id: String, span: SourceSpan = .none) {
    self.type = type
    self.id = id
    self.span = span
  }

  /// `Type::"id"` with the id escaped, as Cedar source.
  public var description: String { "\(type)::\(CedarText.quoted(id))" }

  public static func == (left: EntityUID, right: EntityUID) -> Bool {
    left.type == right.type && CedarText.equal(left.id, right.id)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(type)
    CedarText.hash(id, into: &hasher)
  }
}
