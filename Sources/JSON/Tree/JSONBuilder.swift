// SPDX-License-Identifier: MIT

/// Writes one JSON document into memory of its own. Commas are set by themselves.
public struct JSONBuilder {
  public private(set) var bytes: [UInt8] = []
  private var needsComma = false

  public init() {}

  /// Goes on behind bytes that are there, such as the `data: ` of an event.
  public init(_ bytes: consuming [UInt8]) { self.bytes = bytes }

  /// Gives up the memory.
  public consuming func finish() -> [UInt8] { bytes }

  private mutating func separate() {
    if needsComma { bytes.append(0x2c) }
    needsComma = true
  }

  // MARK: Containers

  public mutating func beginObject() {
    separate()
    bytes.append(0x7b)
    needsComma = false
  }

  public mutating func endObject() {
    bytes.append(0x7d)
    needsComma = true
  }

  public mutating func beginArray() {
    separate()
    bytes.append(0x5b)
    needsComma = false
  }

  public mutating func endArray() {
    bytes.append(0x5d)
    needsComma = true
  }

  public mutating func object(_ body: (inout JSONBuilder) -> Void) {
    beginObject()
    body(&self)
    endObject()
  }

  public mutating func array(_ body: (inout JSONBuilder) -> Void) {
    beginArray()
    body(&self)
    endArray()
  }

  public mutating func object(_ name: StaticString, _ body: (inout JSONBuilder) -> Void) {
    key(name)
    object(body)
  }

  public mutating func array(_ name: StaticString, _ body: (inout JSONBuilder) -> Void) {
    key(name)
    array(body)
  }

  // MARK: Names

  /// - Precondition: `name` needs no escape.
  public mutating func key(_ name: StaticString) {
    separate()
    bytes.append(0x22)
    append(name)
    bytes.append(0x22)
    bytes.append(0x3a)
    needsComma = false
  }

  public mutating func key(text name: JSONText) {
    string(name)
    bytes.append(0x3a)
    needsComma = false
  }

  // MARK: Values

  public mutating func string(_ text: JSONText) {
    separate()
    bytes.append(0x22)
    bytes += text.escaped
    bytes.append(0x22)
  }

  /// - Precondition: `text` needs no escape.
  public mutating func string(literal text: StaticString) {
    separate()
    bytes.append(0x22)
    append(text)
    bytes.append(0x22)
  }

  public mutating func string(_ text: String) {
    separate()
    bytes.append(0x22)
    JSONText.escape(text.utf8, into: &bytes)
    bytes.append(0x22)
  }

  public mutating func raw(_ value: JSONFragment) {
    separate()
    bytes += value.bytes
  }

  public mutating func integer(_ value: some FixedWidthInteger) {
    separate()
    bytes += String(value).utf8
  }

  public mutating func bool(_ value: Bool) {
    separate()
    append(value ? "true" : "false")
  }

  public mutating func null() {
    separate()
    append("null")
  }

  private mutating func append(_ text: StaticString) {
    unsafe bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  // MARK: Members; those without a value are not written

  public mutating func member(_ name: StaticString, _ text: JSONText?) {
    guard let text else { return }
    key(name)
    string(text)
  }

  public mutating func member(_ name: StaticString, literal text: StaticString) {
    key(name)
    string(literal: text)
  }

  public mutating func member(_ name: StaticString, string text: String?) {
    guard let text else { return }
    key(name)
    string(text)
  }

  public mutating func member(_ name: StaticString, _ value: JSONFragment?) {
    guard let value else { return }
    key(name)
    raw(value)
  }

  public mutating func member(_ name: StaticString, integer value: Int64?) {
    guard let value else { return }
    key(name)
    integer(value)
  }

  public mutating func member(_ name: StaticString, bool value: Bool?) {
    guard let value else { return }
    key(name)
    bool(value)
  }

  public mutating func nullMember(_ name: StaticString) {
    key(name)
    null()
  }
}
