// SPDX-License-Identifier: MIT

import CedarSyntax

extension CedarType {
  /// The least upper bound of two types, or nil when they do not agree.
  ///
  /// Strict: types must be equal but for what is known of booleans. Permissive: entity types unite,
  /// records keep the attributes that agree.
  func bound(_ other: CedarType, strict: Bool) -> CedarType? {
    switch (self, other) {
    case (.boolean(let left), .boolean(let right)):
      return .boolean(left == right ? left : .any)
    case (.set(nil), .set), (.set, .set(nil)):
      if case .set(nil) = self { return other }
      return self
    case (.set(let left?), .set(let right?)):
      return left.bound(right, strict: strict).map { .set($0) }
    case (.record(let left), .record(let right)):
      return left.bound(right, strict: strict).map { .record($0) }
    case (.entity(let left), .entity(let right)):
      if left == right { return self }
      if strict { return nil }
      return .entity(Set(left + right).sorted(by: Name.less))
    default: return self == other ? self : nil
    }
  }

  /// The type without what is known of its booleans.
  var general: CedarType {
    switch self {
    case .boolean: .boolean(.any)
    case .set(let element): .set(element?.general)
    default: self
    }
  }
}

extension RecordType {
  func bound(_ other: RecordType, strict: Bool) -> RecordType? {
    if strict, attributes.count != other.attributes.count { return nil }
    var result = RecordType(isOpen: isOpen || other.isOpen)
    for (name, left) in attributes {
      guard let right = other.attributes[name],
        let type = left.type.bound(right.type, strict: strict)
      else {
        if strict { return nil }
        result.isOpen = true
        continue
      }
      if strict, left.isRequired != right.isRequired { return nil }
      result.attributes[name] = Attribute(type, isRequired: left.isRequired && right.isRequired)
    }
    if !strict, result.attributes.count < other.attributes.count { result.isOpen = true }
    return result
  }
}
