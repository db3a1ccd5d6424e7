// SPDX-License-Identifier: MIT

internal import Bytes
public import Clocks
internal import ControlPlane
internal import HTTPWire
public import Network
public import Telemetry

/// What a receiver answered to an export, as OTLP/HTTP has it
/// (opentelemetry.io/docs/specs/otlp/#otlphttp-response).
public struct OTLPAnswer: Sendable, Equatable {
  public var result: ExportResult
  /// What the receiver said beside it, for the log; empty for nothing.
  public var message = ""

  /// Statuses after which the same data may be sent again.
  static let retryableStatuses: Set<Int> = [429, 502, 503, 504]
  static let messageBytesMaximum = 512

  public init(_ result: ExportResult, message: String = "") {
    self.result = result
    self.message = message
  }

  /// - Parameters:
  ///   - rejectedField: the name of the count in JSON, such as `rejectedSpans`.
  ///   - now: for a `Retry-After` that is a date.
  public init(
    _ head: HTTPClientHead, _ body: [UInt8], rejectedField: String, now: Timestamp
  ) {
    let status = head.status
    if (200..<300).contains(status) {
      let partial =
        head.header("content-type")?.hasPrefix("application/json") == true
        ? Self.jsonPartial(body, rejectedField) : Self.protobufPartial(body)
      self.init(.accepted(rejectedCount: partial.rejected), message: partial.message)
      return
    }
    let said = "status \(status)"
    if Self.retryableStatuses.contains(status) {
      let after = head.header("retry-after").flatMap { Self.delay($0, now) }
      self.init(.retryable(after: after), message: said)
    } else {
      self.init(.refused, message: said)
    }
  }

  /// Seconds, or a date (RFC 9110 section 10.2.3).
  static func delay(_ text: String, _ now: Timestamp) -> Interval? {
    if let seconds = Int64(text), seconds >= 0 { return .seconds(seconds) }
    return text.withByteView(HTTPDate.parse).map {
      max(.zero, Timestamp(secondsSinceEpoch: $0) - now)
    }
  }

  /// `{"partialSuccess": {"rejectedSpans": "3", "errorMessage": "…"}}`; numbers may be strings.
  private static func jsonPartial(
    _ body: [UInt8], _ field: String
  ) -> (rejected: Int, message: String) {
    guard let document = try? JSONValue(parsing: body),
      let partial = document["partialSuccess"] ?? document["partial_success"]
    else { return (0, "") }
    let count = partial[field]
    let rejected = count?.integerValue ?? count?.stringValue.flatMap { Int64($0) } ?? 0
    let message = partial["errorMessage"]?.stringValue ?? ""
    return (Int(clamping: max(rejected, 0)), String(message.prefix(messageBytesMaximum)))
  }

  /// Field 1 of the response: a message with a count in field 1 and a text in field 2.
  private static func protobufPartial(_ body: [UInt8]) -> (rejected: Int, message: String) {
    var outer = ProtobufReader(body[...])
    while let field = outer.next() {
      guard field.number == 1, case .bytes(let inner) = field.value else { continue }
      var rejected = 0
      var message = ""
      var reader = ProtobufReader(inner)
      while let part = reader.next() {
        switch (part.number, part.value) {
        case (1, .varint(let count)): rejected = Int(clamping: max(Int64(bitPattern: count), 0))
        case (2, .bytes(let text)):
          message = String(decoding: text.prefix(messageBytesMaximum), as: UTF8.self)
        default: continue
        }
      }
      return (rejected, message)
    }
    return (0, "")
  }
}

/// Steps through the fields of a protobuf message; ends at the first that is malformed.
struct ProtobufReader {
  enum Value {
    case varint(UInt64)
    case bytes(ArraySlice<UInt8>)
    /// Four or eight bytes, which nothing here asks for.
    case other
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func next() -> (number: UInt64, value: Value)? {
    guard let tag = varint() else { return nil }
    switch tag & 7 {
    case 0: return varint().map { (tag >> 3, .varint($0)) }
    case 1: return skip(8).map { _ in (tag >> 3, .other) }
    case 2:
      guard let count = varint(), count <= UInt64(rest.count) else { return nil }
      return skip(Int(count)).map { (tag >> 3, .bytes($0)) }
    case 5: return skip(4).map { _ in (tag >> 3, .other) }
    default: return nil
    }
  }

  private mutating func skip(_ count: Int) -> ArraySlice<UInt8>? {
    guard rest.count >= count else { return nil }
    let skipped = rest.prefix(count)
    rest = rest.dropFirst(count)
    return skipped
  }

  private mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    for shift: UInt64 in stride(from: 0, to: 64, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }
}
