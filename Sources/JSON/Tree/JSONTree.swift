// SPDX-License-Identifier: MIT

public import Bytes

/// A parsed JSON text, for what has to understand a document and not only look at a few members:
/// every value as one row over a copy of the text. Numbers, strings and member order stay as they
/// were written.
///
/// A tree can parse one text after another and keeps its memory. Texts and fragments taken from it
/// stay valid: they share the bytes, which a later parse then leaves alone.
public final class JSONTree {
  struct Row {
    var start: UInt32
    var end: UInt32
    /// The row after this value's last descendant.
    var next: UInt32
    var kind: JSONKind
    var hasEscapes: Bool
  }

  public private(set) var bytes: [UInt8] = []
  var rows: [Row] = []
  private var open: [UInt32] = []

  public init() {}

  /// Parses `text` whole, in place of what was parsed before.
  ///
  /// - Returns: the value; nodes of an earlier parse must not be used any more.
  /// - Throws: where and why `text` is not one JSON value (RFC 8259).
  public func parse(_ text: ByteView) throws(JSONError) -> JSONNode {
    guard text.count < Int(UInt32.max) else { throw JSONError(.tooLong, at: text.count) }
    bytes.removeAll(keepingCapacity: true)
    rows.removeAll(keepingCapacity: true)
    open.removeAll(keepingCapacity: true)
    unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.base, count: text.count))
    var cursor = JSONCursor(text)
    _ = try cursor.token()
    repeat { try step(&cursor) } while !open.isEmpty
    cursor.trailingSpace()
    guard cursor.index == text.count else { throw JSONError(.trailingBytes, at: cursor.index) }
    return JSONNode(tree: self, row: 0)
  }

  /// Parses a text that is already in memory of its own.
  public func parse(_ text: ArraySlice<UInt8>) throws(JSONError) -> JSONNode {
    let result: Result<JSONNode, JSONError> = unsafe text.withUnsafeBufferPointer { buffer in
      let view = unsafe buffer.baseAddress.map { unsafe ByteView(base: $0, count: buffer.count) }
      do throws(JSONError) { return .success(try parse(view ?? .empty)) } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// One value at the cursor, and whatever closes or separates after it.
  private func step(_ cursor: inout JSONCursor) throws(JSONError) {
    switch try cursor.byte() {
    case 0x7b:
      try enter(.object, closing: 0x7d, &cursor)
    case 0x5b:
      try enter(.array, closing: 0x5d, &cursor)
    case 0x22:
      try appendString(&cursor)
      try leave(&cursor)
    case 0x2d, 0x30...0x39:
      let start = cursor.index
      try cursor.number()
      append(.number, from: start, to: cursor.index)
      try leave(&cursor)
    case 0x61...0x7a:
      let start = cursor.index
      let kind = try cursor.literal()
      append(kind, from: start, to: cursor.index)
      try leave(&cursor)
    default: throw JSONError(.unexpectedByte, at: cursor.index)
    }
  }

  private func enter(
    _ kind: JSONKind, closing: UInt8, _ cursor: inout JSONCursor
  ) throws(JSONError) {
    guard open.count < JSONLimits.depthMax else {
      throw JSONError(.depthExceeded, at: cursor.index)
    }
    open.append(UInt32(rows.count))
    append(kind, from: cursor.index, to: cursor.index)
    cursor.index &+= 1
    if try cursor.token() == closing {
      try leave(&cursor)
    } else if kind == .object {
      try name(&cursor)
    }
  }

  /// After a value: the brackets that close, or the comma before the next one.
  private func leave(_ cursor: inout JSONCursor) throws(JSONError) {
    while let container = open.last {
      let isObject = rows[Int(container)].kind == .object
      switch try cursor.token() {
      case 0x2c:
        // A comma right after the opening bracket separates nothing.
        guard rows.count > Int(container) + 1 else {
          throw JSONError(.unexpectedByte, at: cursor.index)
        }
        cursor.index &+= 1
        _ = try cursor.token()
        if isObject { try name(&cursor) }
        return
      case isObject ? 0x7d : 0x5d:
        cursor.index &+= 1
        rows[Int(container)].end = UInt32(cursor.index)
        rows[Int(container)].next = UInt32(rows.count)
        open.removeLast()
      default: throw JSONError(.unexpectedByte, at: cursor.index)
      }
    }
  }

  private func name(_ cursor: inout JSONCursor) throws(JSONError) {
    guard try cursor.byte() == 0x22 else { throw JSONError(.unexpectedByte, at: cursor.index) }
    try appendString(&cursor)
    _ = try cursor.colonAndToken()
  }

  private func appendString(_ cursor: inout JSONCursor) throws(JSONError) {
    let start = cursor.index
    let hasEscapes = try cursor.string()
    append(.string, from: start, to: cursor.index, hasEscapes: hasEscapes)
  }

  private func append(_ kind: JSONKind, from start: Int, to end: Int, hasEscapes: Bool = false) {
    rows.append(
      Row(
        start: UInt32(start), end: UInt32(end), next: UInt32(rows.count + 1), kind: kind,
        hasEscapes: hasEscapes))
  }

  /// The row of an object's last member with this name; nil where there is none, where its value
  /// is `null`, and in what is no object.
  ///
  /// SAFETY: rows and what they say of the text are `parse`'s own: a member's name is followed by
  /// the row of its value, and both are within their arrays.
  func member(_ name: StaticString, ofObject object: Int) -> Int? {
    let wanted = unsafe ByteView(base: name.utf8Start, count: name.utf8CodeUnitCount)
    return unsafe rows.withUnsafeBufferPointer { rows -> Int? in
      guard unsafe rows[object].kind == .object else { return nil }
      return unsafe bytes.withUnsafeBufferPointer { bytes -> Int? in
        guard let base = bytes.baseAddress else { return nil }
        let end = unsafe Int(rows[object].next)
        var found: Int?
        var place = object + 1
        while place < end {
          let row = unsafe rows[place]
          let contents = unsafe ByteView(
            base: base + Int(row.start) + 1, count: Int(row.end - row.start) - 2)
          if row.hasEscapes ? JSONString.equals(contents, name) : contents.equals(wanted) {
            found = place + 1
          }
          place = unsafe Int(rows[place + 1].next)
        }
        guard let found, unsafe rows[found].kind != .null else { return nil }
        return found
      }
    }
  }
}
