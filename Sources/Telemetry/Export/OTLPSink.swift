// SPDX-License-Identifier: MIT

/// A field of a message of OTLP (`opentelemetry-proto` 1.x): its number in protobuf, its name in
/// JSON.
struct OTLPField {
  let number: UInt32
  /// In lowerCamelCase, as proto3's JSON mapping has it.
  let name: StaticString

  init(_ number: UInt32, _ name: StaticString) {
    self.number = number
    self.name = name
  }
}

/// Where a message goes, field by field in ascending order of their numbers. One walk over spans or
/// metrics writes both encodings, so they cannot disagree.
///
/// Fields with proto3's default (0, "", false) are left out, but where `always` says otherwise:
/// members of a `oneof`.
protocol OTLPSink {
  mutating func message(_ field: OTLPField, _ body: (inout Self) -> Void)
  /// A repeated message; nothing where there is none.
  mutating func messages<Element>(
    _ field: OTLPField, _ elements: [Element], _ body: (inout Self, Element) -> Void)
  mutating func text(_ field: OTLPField, _ value: String, always: Bool)
  /// Bytes of big-endian words: an id, in hexadecimal in JSON. Left out where all are 0.
  mutating func identifier(_ field: OTLPField, _ words: [UInt64])
  mutating func truth(_ field: OTLPField, _ value: Bool, always: Bool)
  /// `int64`: a varint, a decimal string in JSON.
  mutating func integer(_ field: OTLPField, _ value: Int64, always: Bool)
  /// `fixed64`: eight bytes, a decimal string in JSON.
  mutating func fixed64(_ field: OTLPField, _ value: UInt64, always: Bool)
  /// `sfixed64` within a `oneof`: the same with a sign, and always written.
  mutating func signedFixed64(_ field: OTLPField, _ value: Int64)
  /// `fixed32`: four bytes, a number in JSON.
  mutating func fixed32(_ field: OTLPField, _ value: UInt32)
  /// A varint, a number in JSON.
  mutating func enumeration(_ field: OTLPField, _ value: UInt32)
  mutating func number(_ field: OTLPField, _ value: Double, always: Bool)
  /// Packed.
  mutating func fixed64s(_ field: OTLPField, _ values: [UInt64])
  /// Packed.
  mutating func numbers(_ field: OTLPField, _ values: [Double])
}
