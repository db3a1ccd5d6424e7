// SPDX-License-Identifier: MIT

public import Bytes

/// The head of an answer that came over HTTP/2, as the text of an equal one of HTTP/1.1. It says
/// nothing of the connection: the end of the framing is to be read, then the stream is over.
public struct HTTP2InboundResponse: Equatable, Sendable {
  public var status: UInt16 = 0
  /// How the body that follows is framed in HTTP/1.1.
  public var framing = BodyFraming.none

  /// 1xx: another head follows.
  public var isInterim: Bool { status < 200 }

  /// A bound of the text's length for a section.
  public static func textBytesMaximum(of section: ByteView) -> Int { section.count + 128 }

  /// Translates a response's field section.
  ///
  /// - Parameters:
  ///   - hasBody: the section did not end the stream.
  ///   - answersHead: the request's method was HEAD.
  /// - Throws: what makes the message malformed.
  public static func write(
    _ section: ByteView, hasBody: Bool, answersHead: Bool, to writer: inout ByteWriter
  ) throws(HTTP2FieldError) -> HTTP2InboundResponse {
    var response = HTTP2InboundResponse()
    try response.readStatus(section)
    // HTTP/2 has no 101 (RFC 9113 section 8.6), and an interim answer never ends the stream.
    guard response.status != 101, hasBody || !response.isInterim else { throw .statusInvalid }
    ResponseHeadWriter.appendStatusLine(response.status, to: &writer)
    var fields = SectionFields(section)
    var length: UInt64?
    while let field = fields.next() {
      if field.isPseudo { continue }
      guard FieldRules.isName(field.name) else { throw .nameInvalid }
      guard FieldRules.isValue(field.value) else { throw .valueInvalid }
      if FieldRules.isConnectionSpecific(field.name) { throw .connectionSpecific }
      if field.name.equals("content-length") {
        guard length == nil, let value = field.value.decimalLength else {
          throw .contentLengthInvalid
        }
        length = value
        continue
      }
      writer.append(field.name)
      writer.append(": ")
      writer.append(field.value)
      writer.append("\r\n")
    }
    try response.appendFraming(length, hasBody: hasBody, answersHead: answersHead, to: &writer)
    if writer.overflowed { throw .tooLarge }
    return response
  }

  private mutating func readStatus(_ section: ByteView) throws(HTTP2FieldError) {
    var fields = SectionFields(section)
    var isBehind = false
    while let field = fields.next() {
      guard field.isPseudo else {
        isBehind = true
        continue
      }
      guard !isBehind, status == 0, field.name.equals(":status") else { throw .pseudoInvalid }
      guard field.value.count == 3, let value = field.value.decimalLength, value >= 100 else {
        throw .statusInvalid
      }
      status = UInt16(value)
    }
    if status == 0 { throw .pseudoMissing }
  }

  private mutating func appendFraming(
    _ length: UInt64?, hasBody: Bool, answersHead: Bool, to writer: inout ByteWriter
  ) throws(HTTP2FieldError) {
    if isInterim {
      writer.append("\r\n")
      return
    }
    let isBare = answersHead || status == 204 || status == 304
    if let length {
      if !hasBody && !isBare && length > 0 { throw .contentLengthMismatch }
      if !isBare { framing = .length(length) }
      writer.append("content-length: ")
      writer.append(decimal: length)
      writer.append("\r\n")
    } else if hasBody && !isBare {
      framing = .chunked
      writer.append("transfer-encoding: chunked\r\n")
    } else if !isBare {
      writer.append("content-length: 0\r\n")
    }
    writer.append("\r\n")
  }
}
