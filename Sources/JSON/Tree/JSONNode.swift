// SPDX-License-Identifier: MIT

/// A value of a `JSONTree`.
public struct JSONNode {
  let tree: JSONTree
  let row: Int

  public var kind: JSONKind { tree.rows[row].kind }

  /// The value as it was written.
  public var fragment: JSONFragment {
    let row = tree.rows[row]
    return JSONFragment(validated: tree.bytes[Int(row.start)..<Int(row.end)])
  }

  /// The string's text; nil for other kinds.
  public var text: JSONText? {
    let row = tree.rows[row]
    guard row.kind == .string else { return nil }
    return JSONText(escaped: tree.bytes[Int(row.start) + 1..<Int(row.end) - 1])
  }

  /// A string's characters; nil for other kinds.
  public var string: String? { text?.plain }

  /// True or false; nil for other kinds.
  public var bool: Bool? { kind == .true ? true : kind == .false ? false : nil }

  /// A number without fraction and exponent that fits; nil for anything else.
  public var integer: Int64? {
    guard kind == .number else { return nil }
    return fragment.integer
  }

  public var isObject: Bool { kind == .object }
  public var isArray: Bool { kind == .array }

  /// Whether the value is the string `text`.
  public func equals(_ text: StaticString) -> Bool { self.text?.equals(text) ?? false }

  /// The member `name` of an object; nil if it is missing or `null`, which APIs treat alike. Of two
  /// with one name the last counts, as for nearly every other parser.
  public subscript(name: StaticString) -> JSONNode? {
    tree.member(name, ofObject: row).map { JSONNode(tree: tree, row: $0) }
  }

  /// The elements of an array; none for other kinds.
  public var elements: JSONElements { JSONElements(self) }

  /// The members of an object in their order; none for other kinds.
  public var members: JSONObjectMembers { JSONObjectMembers(self) }

  /// Where in the text the value starts, in bytes.
  public var offset: Int { Int(tree.rows[row].start) }
}

/// The elements of an array.
public struct JSONElements: Sequence, IteratorProtocol {
  private let tree: JSONTree?
  private var row: Int
  private let end: Int

  init(_ node: JSONNode) {
    tree = node.tree
    row = node.row + 1
    end = node.kind == .array ? Int(node.tree.rows[node.row].next) : row
  }

  private init() {
    tree = nil
    row = 0
    end = 0
  }

  /// Of an array that is not there.
  public static var none: JSONElements { JSONElements() }

  public mutating func next() -> JSONNode? {
    guard row < end, let tree else { return nil }
    let node = JSONNode(tree: tree, row: row)
    row = Int(tree.rows[row].next)
    return node
  }
}

/// The members of an object.
public struct JSONObjectMembers: Sequence, IteratorProtocol {
  private let tree: JSONTree
  private var row: Int
  private let end: Int

  init(_ node: JSONNode) {
    tree = node.tree
    row = node.row + 1
    end = node.kind == .object ? Int(tree.rows[node.row].next) : row
  }

  public mutating func next() -> (name: JSONText, value: JSONNode)? {
    guard row < end else { return nil }
    let name = tree.rows[row]
    let value = JSONNode(tree: tree, row: row + 1)
    row = Int(tree.rows[row + 1].next)
    return (JSONText(escaped: tree.bytes[Int(name.start) + 1..<Int(name.end) - 1]), value)
  }
}
