// SPDX-License-Identifier: MIT

/// Header fields in their order, names as sent; look-ups ignore case.
public struct HTTPFields: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  public struct Field: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  public private(set) var all: [Field]

  public init(_ fields: [Field] = []) { all = fields }

  public init(dictionaryLiteral elements: (String, String)...) {
    all = elements.map { Field($0.0, $0.1) }
  }

  /// The first value under `name`; setting replaces all, setting nil removes them.
  public subscript(name: String) -> String? {
    get { all.first { HTTPFields.isSame($0.name, name) }?.value }
    set {
      all.removeAll { HTTPFields.isSame($0.name, name) }
      if let newValue { all.append(Field(name, newValue)) }
    }
  }

  public mutating func append(_ name: String, _ value: String) { all.append(Field(name, value)) }

  static func isSame(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count
      && zip(left.utf8, right.utf8).allSatisfy { lowered($0) == lowered($1) }
  }

  private static func lowered(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
}
