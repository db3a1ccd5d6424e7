// SPDX-License-Identifier: MIT

public import Bytes

/// The head of an answer as the gateway writes it for HTTP/1.1, as a field section of HTTP/2.
///
/// What HTTP/1.1 says about the connection is left out (RFC 9113 section 8.2.2); the framing it
/// spoke of is what the caller takes the body out of.
public struct HTTP2OutboundResponse: Equatable, Sendable {
  public var status: UInt16 = 0
  /// `untilClose` where neither a length nor chunks were announced.
  public var framing = BodyFraming.untilClose
  /// Bytes of the head, the empty line included.
  public var length = 0
  public var fieldCount = 0

  /// 1xx: another head follows.
  public var isInterim: Bool { status < 200 }

  /// Enough memory for a section made of `head`.
  public static func sectionBytesMaximum(of head: ByteView) -> Int {
    // A field of a one-byte name and no value is four bytes of text and nine of a section.
    head.count * 3 + 64
  }

  /// Translates the head at the start of `bytes`.
  ///
  /// - Parameter answersHead: the request's method was HEAD.
  /// - Returns: nil if there is no whole, well-formed head, or it does not fit.
  public static func write(
    _ bytes: ByteView, answersHead: Bool, to writer: inout ByteWriter
  ) -> HTTP2OutboundResponse? {
    var lines = HTTP1HeadLines(bytes)
    guard let start = lines.next(), start.count >= 12, start.starts(with: "HTTP/1."),
      start[8] == 0x20, let status = start[9..<12].decimalLength, status >= 100, status < 600
    else { return nil }
    var response = HTTP2OutboundResponse()
    response.status = UInt16(status)
    response.fieldCount = 1
    FieldSection.append(name: ":status", value: start[9..<12], to: &writer)
    while let line = lines.next() {
      if line.isEmpty {
        response.length = lines.offset
        if response.hasNoBody(answersHead: answersHead) { response.framing = .none }
        return writer.overflowed ? nil : response
      }
      guard let field = HTTP1HeadLines.field(of: line), response.note(field) else { return nil }
      if FieldRules.isConnectionSpecific(field.name) { continue }
      FieldSection.append(lowercasing: field.name, value: field.value, to: &writer)
      response.fieldCount += 1
    }
    return nil
  }

  /// Notes what the field says of the framing; false if it cannot be sent.
  private mutating func note(_ field: SectionField) -> Bool {
    guard field.name.tokenEnd(from: 0) == field.name.count,
      field.value.fieldValueEnd(from: 0) == field.value.count
    else { return false }
    if field.name.equalsIgnoringCase("transfer-encoding") {
      guard field.value.equalsIgnoringCase("chunked") else { return false }
      framing = .chunked
    } else if field.name.equalsIgnoringCase("content-length") {
      guard let length = field.value.decimalLength else { return false }
      if framing != .chunked { framing = .length(length) }
    }
    return true
  }

  private func hasNoBody(answersHead: Bool) -> Bool {
    answersHead || isInterim || status == 204 || status == 304 || framing == .length(0)
  }
}
