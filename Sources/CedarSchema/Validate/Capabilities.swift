// SPDX-License-Identifier: MIT

import CedarSyntax

/// Attributes and tags that are known to be present, by tests to the left.
struct Capabilities {
  private var keys: Set<ExactString> = []

  /// "`expression` has the attribute".
  static func attribute(_ expression: Expression, _ name: String) -> ExactString {
    ExactString("\(expression.cedarText)\u{0}\(name)")
  }

  /// "`expression` has the tag", the tag named by an expression.
  static func tag(_ expression: Expression, _ tag: Expression) -> ExactString {
    ExactString("\(expression.cedarText)\u{0}\u{0}\(tag.cedarText)")
  }

  init() {}

  init(_ key: ExactString) {
    keys = [key]
  }

  var isEmpty: Bool { keys.isEmpty }

  func contains(_ key: ExactString) -> Bool { !keys.isEmpty && keys.contains(key) }

  mutating func formUnion(_ other: Capabilities) {
    if keys.isEmpty { keys = other.keys } else { keys.formUnion(other.keys) }
  }

  func union(_ other: Capabilities) -> Capabilities {
    var result = self
    result.formUnion(other)
    return result
  }

  func intersection(_ other: Capabilities) -> Capabilities {
    var result = self
    result.keys.formIntersection(other.keys)
    return result
  }
}
