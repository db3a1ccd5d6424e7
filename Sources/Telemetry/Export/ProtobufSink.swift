// SPDX-License-Identifier: MIT

/// Writes messages in protobuf's wire format (protobuf.dev/programming-guides/encoding): a tag of
/// field number and wire type, then a varint (0), eight bytes (1), a length and so many bytes (2),
/// or four bytes (5), little-endian.
struct ProtobufSink: OTLPSink {
  private(set) var bytes: [UInt8] = []

  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case delimited = 2
    case fixed32 = 5
  }

  mutating func message(_ field: OTLPField, _ body: (inout Self) -> Void) {
    tag(field, .delimited)
    let start = bytes.count
    body(&self)
    // The length stands before what it counts, and is as long as it needs to be.
    var length: [UInt8] = []
    Self.append(UInt64(bytes.count - start), to: &length)
    bytes.insert(contentsOf: length, at: start)
  }

  mutating func messages<Element>(
    _ field: OTLPField, _ elements: [Element], _ body: (inout Self, Element) -> Void
  ) {
    for element in elements { message(field) { body(&$0, element) } }
  }

  mutating func text(_ field: OTLPField, _ value: String, always: Bool) {
    guard always || !value.isEmpty else { return }
    tag(field, .delimited)
    Self.append(UInt64(value.utf8.count), to: &bytes)
    bytes.append(contentsOf: value.utf8)
  }

  mutating func identifier(_ field: OTLPField, _ words: [UInt64]) {
    guard words.contains(where: { $0 != 0 }) else { return }
    tag(field, .delimited)
    Self.append(UInt64(words.count * 8), to: &bytes)
    for word in words {
      for shift in stride(from: 56, through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
      }
    }
  }

  mutating func truth(_ field: OTLPField, _ value: Bool, always: Bool) {
    guard always || value else { return }
    tag(field, .varint)
    bytes.append(value ? 1 : 0)
  }

  mutating func integer(_ field: OTLPField, _ value: Int64, always: Bool) {
    guard always || value != 0 else { return }
    tag(field, .varint)
    Self.append(UInt64(bitPattern: value), to: &bytes)
  }

  mutating func fixed64(_ field: OTLPField, _ value: UInt64, always: Bool) {
    guard always || value != 0 else { return }
    tag(field, .fixed64)
    append(value)
  }

  mutating func signedFixed64(_ field: OTLPField, _ value: Int64) {
    fixed64(field, UInt64(bitPattern: value), always: true)
  }

  mutating func fixed32(_ field: OTLPField, _ value: UInt32) {
    guard value != 0 else { return }
    tag(field, .fixed32)
    append(value)
  }

  mutating func enumeration(_ field: OTLPField, _ value: UInt32) {
    guard value != 0 else { return }
    tag(field, .varint)
    Self.append(UInt64(value), to: &bytes)
  }

  mutating func number(_ field: OTLPField, _ value: Double, always: Bool) {
    guard always || value.bitPattern != 0 else { return }
    tag(field, .fixed64)
    append(value.bitPattern)
  }

  mutating func fixed64s(_ field: OTLPField, _ values: [UInt64]) {
    guard !values.isEmpty else { return }
    tag(field, .delimited)
    Self.append(UInt64(values.count * 8), to: &bytes)
    for value in values { append(value) }
  }

  mutating func numbers(_ field: OTLPField, _ values: [Double]) {
    fixed64s(field, values.map(\.bitPattern))
  }

  private mutating func tag(_ field: OTLPField, _ type: WireType) {
    Self.append(UInt64(field.number) << 3 | type.rawValue, to: &bytes)
  }

  private mutating func append(_ value: some FixedWidthInteger & UnsignedInteger) {
    var rest = value
    for _ in 0..<value.bitWidth / 8 {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}
