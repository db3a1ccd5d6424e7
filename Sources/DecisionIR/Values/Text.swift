// SPDX-License-Identifier: MIT

/// A string compared and hashed byte by byte, as the language does. Swift's `==` on `String` goes
/// by canonical equivalence and would hold different strings for the same.
public struct Text: Sendable, Hashable, ExpressibleByStringLiteral {
  public let string: String

  public init(_ string: String) {
    self.string = string
  }

  public init(stringLiteral value: String) {
    string = value
  }

  public static func == (left: Text, right: Text) -> Bool {
    let (left, right) = (left.string.utf8, right.string.utf8)
    guard left.count == right.count else { return false }
    // The bytes side by side: the views' own iterators decide about the storage at every byte.
    let isEqual = unsafe left.withContiguousStorageIfAvailable { leftBytes in
      unsafe right.withContiguousStorageIfAvailable { rightBytes in
        unsafe leftBytes.elementsEqual(rightBytes)
      }
    }
    return (isEqual ?? nil) ?? left.elementsEqual(right)
  }

  public func hash(into hasher: inout Hasher) {
    var copy = string
    copy.withUTF8 { bytes in
      unsafe hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
    }
    hasher.combine(UInt8(0xFF))
  }
}

/// An entity's type and id as text.
public struct EntityName: Sendable, Hashable, CustomStringConvertible {
  /// The fully qualified type, such as `Acme::User`.
  public let type: String
  /// Any string, also empty.
  public let id: Text

  public init(type: String, id: String) {
    self.type = type
    self.id = Text(id)
  }

  /// `Type::"id"` with quotes and backslashes escaped.
  public var description: String { "\(type)::\(Datum.quoted(id.string))" }
}
