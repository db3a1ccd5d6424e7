// SPDX-License-Identifier: MIT

public import Bytes

/// The members of a small JSON object, copied out as texts: token answers, key files. For the
/// control plane; the request path scans without copies.
public struct JSONPlainObject: Sendable {
  public enum Value: Equatable, Sendable {
    /// Unescaped.
    case string(String)
    /// As it is written.
    case number(String)
    case boolean(Bool)
    case null
    /// An array or object, as it is written.
    case container([UInt8])
  }

  private var values: [String: Value] = [:]

  /// Members read at most.
  public static let membersMaximum = 256

  /// - Throws: where `text` is no JSON object; `tooLong` beyond `membersMaximum` members.
  public init(_ text: ByteView) throws(JSONError) {
    guard text.count < Int(UInt32.max) else { throw JSONError(.tooLong, at: 0) }
    var start = JSONCursor(text)
    guard try start.token() == 0x7b else { throw JSONError(.notAnObject, at: start.index) }
    var members = try JSONMembers(entering: start)
    while let name = try members.next() {
      guard values.count < Self.membersMaximum else { throw JSONError(.tooLong, at: 0) }
      let span = try members.cursor.value(at: members.cursor.index, depth: 1)
      members.cursor.index = Int(span.range.start) + Int(span.range.count)
      values[Self.unescaped(name)] = Self.value(span, in: text)
    }
    members.cursor.trailingSpace()
    guard members.cursor.index == text.count else {
      throw JSONError(.trailingBytes, at: members.cursor.index)
    }
  }

  public subscript(name: String) -> Value? { values[name] }

  /// The text under `name`; nil when it is missing or no string.
  public func string(_ name: String) -> String? {
    if case .string(let text)? = values[name] { return text }
    return nil
  }

  /// The whole number under `name`, also where it stands in quotes.
  public func integer(_ name: String) -> Int64? {
    switch values[name] {
    case .number(let text), .string(let text): Int64(text)
    default: nil
    }
  }

  private static func value(_ span: JSONSpan, in text: ByteView) -> Value {
    switch span.kind {
    case .string: .string(unescaped(text[span.contents]))
    case .number: .number(text[span.range].string)
    case .true: .boolean(true)
    case .false: .boolean(false)
    case .null, .absent: .null
    case .array, .object: .container(bytes(text[span.range]))
    }
  }

  private static func bytes(_ view: ByteView) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(view.count)
    for index in 0..<view.count { bytes.append(view[index]) }
    return bytes
  }

  private static func unescaped(_ contents: ByteView) -> String {
    // What an escape stands for is never longer than the escape.
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: contents.count + 1) { memory in
      guard let base = memory.baseAddress else { return "" }
      var writer = unsafe ByteWriter(base: base, capacity: contents.count + 1)
      JSONString.unescape(contents, into: &writer)
      return writer.written.string
    }
  }
}
