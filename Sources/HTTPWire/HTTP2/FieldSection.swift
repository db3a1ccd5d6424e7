// SPDX-License-Identifier: MIT

public import Bytes

/// A field section of HTTP/2 (RFC 9113 section 8.2) in one run of bytes: each field as its name's
/// length, its value's length (four bytes each, least significant first), its name, its value.
///
/// What the frame layer decodes or encodes is in this form; what the request path reads and writes
/// is text of HTTP/1.1. The translations between the two are pure and in this folder.
public enum FieldSection {
  /// Bytes a field takes besides its name and value.
  public static var overheadBytes: Int { 8 }

  @inlinable
  public static func append(
    name: ByteView, value: ByteView, to writer: inout ByteWriter
  ) {
    appendLengths(name.count, value.count, to: &writer)
    writer.append(name)
    writer.append(value)
  }

  @inlinable
  public static func append(
    name: StaticString, value: ByteView, to writer: inout ByteWriter
  ) {
    appendLengths(name.utf8CodeUnitCount, value.count, to: &writer)
    writer.append(name)
    writer.append(value)
  }

  /// Appends a field whose name is written in lower case, as RFC 9113 section 8.2.1 wants.
  @inlinable
  static func append(
    lowercasing name: ByteView, value: ByteView, to writer: inout ByteWriter
  ) {
    appendLengths(name.count, value.count, to: &writer)
    for index in 0..<name.count {
      let byte = name[index]
      writer.append(byte &- 0x41 < 26 ? byte | 0x20 : byte)
    }
    writer.append(value)
  }

  @inlinable
  static func appendLengths(_ name: Int, _ value: Int, to writer: inout ByteWriter) {
    append(length: name, to: &writer)
    append(length: value, to: &writer)
  }

  @inlinable
  static func append(length: Int, to writer: inout ByteWriter) {
    for place in 0..<4 { writer.append(UInt8(truncatingIfNeeded: length &>> (8 &* place))) }
  }
}

/// One field of a section, in place.
public struct SectionField {
  public let name: ByteView
  public let value: ByteView

  /// A pseudo-header field (RFC 9113 section 8.3).
  public var isPseudo: Bool { !name.isEmpty && name[0] == 0x3a }
}

/// The fields of a section in order. A section cut short ends early.
public struct SectionFields {
  let bytes: ByteView
  var offset = 0

  public init(_ bytes: ByteView) { self.bytes = bytes }

  public mutating func next() -> SectionField? {
    guard let name = length(at: offset), let value = length(at: offset + 4) else { return nil }
    let start = offset + FieldSection.overheadBytes
    guard name <= bytes.count - start, value <= bytes.count - start - name else { return nil }
    offset = start + name + value
    return SectionField(
      name: bytes[start..<start + name], value: bytes[start + name..<offset])
  }

  private func length(at index: Int) -> Int? {
    guard index + 4 <= bytes.count else { return nil }
    var length = 0
    for place in 0..<4 { length |= Int(bytes[index + place]) << (8 * place) }
    return length
  }
}
