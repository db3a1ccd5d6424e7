// SPDX-License-Identifier: MIT

/// Writes messages as OTLP's JSON (opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding):
/// proto3's mapping, but with ids in hexadecimal and enumerations as numbers. 64-bit integers are
/// strings.
struct JSONSink: OTLPSink {
  private(set) var bytes: [UInt8] = [UInt8(ascii: "{")]
  private var needsComma = false

  /// The text with its closing brace.
  var document: [UInt8] { bytes + [UInt8(ascii: "}")] }

  mutating func message(_ field: OTLPField, _ body: (inout Self) -> Void) {
    name(field)
    object { body(&$0) }
  }

  mutating func messages<Element>(
    _ field: OTLPField, _ elements: [Element], _ body: (inout Self, Element) -> Void
  ) {
    guard !elements.isEmpty else { return }
    list(field, elements) { sink, element in sink.object { body(&$0, element) } }
  }

  mutating func text(_ field: OTLPField, _ value: String, always: Bool) {
    guard always || !value.isEmpty else { return }
    name(field)
    appendJSONString(value, to: &bytes)
  }

  mutating func identifier(_ field: OTLPField, _ words: [UInt64]) {
    guard words.contains(where: { $0 != 0 }) else { return }
    name(field)
    quoted(words.map(HexadecimalDigits.text).joined())
  }

  mutating func truth(_ field: OTLPField, _ value: Bool, always: Bool) {
    guard always || value else { return }
    name(field)
    raw(value ? "true" : "false")
  }

  mutating func integer(_ field: OTLPField, _ value: Int64, always: Bool) {
    guard always || value != 0 else { return }
    name(field)
    quoted(String(value))
  }

  mutating func fixed64(_ field: OTLPField, _ value: UInt64, always: Bool) {
    guard always || value != 0 else { return }
    name(field)
    quoted(String(value))
  }

  mutating func signedFixed64(_ field: OTLPField, _ value: Int64) {
    integer(field, value, always: true)
  }

  mutating func fixed32(_ field: OTLPField, _ value: UInt32) {
    guard value != 0 else { return }
    name(field)
    raw(String(value))
  }

  mutating func enumeration(_ field: OTLPField, _ value: UInt32) { fixed32(field, value) }

  mutating func number(_ field: OTLPField, _ value: Double, always: Bool) {
    guard always || value.bitPattern != 0 else { return }
    name(field)
    append(value)
  }

  mutating func fixed64s(_ field: OTLPField, _ values: [UInt64]) {
    guard !values.isEmpty else { return }
    list(field, values) { $0.quoted(String($1)) }
  }

  mutating func numbers(_ field: OTLPField, _ values: [Double]) {
    guard !values.isEmpty else { return }
    list(field, values) { $0.append($1) }
  }

  // MARK: Parts

  private mutating func name(_ field: OTLPField) {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
    quoted("\(field.name)")
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func object(_ body: (inout Self) -> Void) {
    bytes.append(UInt8(ascii: "{"))
    needsComma = false
    body(&self)
    bytes.append(UInt8(ascii: "}"))
    needsComma = true
  }

  private mutating func list<Element>(
    _ field: OTLPField, _ elements: [Element], _ body: (inout Self, Element) -> Void
  ) {
    name(field)
    bytes.append(UInt8(ascii: "["))
    for (index, element) in elements.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      body(&self, element)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  private mutating func quoted(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: text.utf8)
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// proto3's mapping has names for what JSON has no number for.
  private mutating func append(_ value: Double) {
    if value.isFinite {
      raw(value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value))
    } else {
      quoted(value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity")
    }
  }
}
