// SPDX-License-Identifier: MIT

public import Bytes

/// The head of a request that came over HTTP/2, as the text of an equal request of HTTP/1.1.
///
/// The text says `connection: close`: a stream carries one exchange. A body of unknown length gets
/// the chunked coding, whose framing the caller puts around the DATA frames.
public struct HTTP2InboundRequest: Equatable, Sendable {
  /// How the body that follows is framed in HTTP/1.1.
  public var framing = BodyFraming.none
  /// The answer will have no body.
  public var isHead = false

  /// A bound of the text's length for a section.
  public static func textBytesMaximum(of section: ByteView) -> Int {
    // Each field's eight bytes of lengths are more than the four that HTTP/1.1 puts around it.
    section.count + 128
  }

  /// Translates a request's field section.
  ///
  /// - Parameters:
  ///   - section: as `FieldSection` has it, in the order received.
  ///   - hasBody: the section did not end the stream.
  /// - Throws: what makes the message malformed; `writer` then holds nothing of use.
  public static func write(
    _ section: ByteView, hasBody: Bool, to writer: inout ByteWriter
  ) throws(HTTP2FieldError) -> HTTP2InboundRequest {
    let pseudo = try RequestPseudoFields(section)
    var request = HTTP2InboundRequest()
    request.isHead = pseudo.method.equals("HEAD")
    pseudo.appendStart(to: &writer)
    var host = pseudo.authority
    var fields = SectionFields(section)
    var cookies = 0
    var length: UInt64?
    while let field = fields.next() {
      if field.isPseudo { continue }
      try check(field)
      if field.name.equals("host") {
        if let host, !host.equals(field.value) { throw .hostMismatch }
        if host == nil { appendField("host", field.value, to: &writer) }
        host = field.value
      } else if field.name.equals("content-length") {
        guard length == nil, let value = field.value.decimalLength else {
          throw .contentLengthInvalid
        }
        length = value
      } else if field.name.equals("cookie") {
        cookies += 1
      } else if !field.name.equals("te") {
        append(field, to: &writer)
      }
    }
    if cookies > 0 { appendCookies(section, to: &writer) }
    if !hasBody, let length, length > 0 { throw .contentLengthMismatch }
    request.appendFraming(length, hasBody: hasBody, to: &writer)
    writer.append("connection: close\r\n\r\n")
    if writer.overflowed { throw .tooLarge }
    return request
  }

  private static func check(_ field: SectionField) throws(HTTP2FieldError) {
    guard FieldRules.isName(field.name) else { throw .nameInvalid }
    guard FieldRules.isValue(field.value) else { throw .valueInvalid }
    if FieldRules.isConnectionSpecific(field.name) { throw .connectionSpecific }
    // Section 8.2.2: TE may only say "trailers".
    if field.name.equals("te") && !field.value.equalsIgnoringCase("trailers") {
      throw .connectionSpecific
    }
  }

  private static func append(_ field: SectionField, to writer: inout ByteWriter) {
    writer.append(field.name)
    writer.append(": ")
    writer.append(field.value)
    writer.append("\r\n")
  }

  private static func appendField(
    _ name: StaticString, _ value: ByteView, to writer: inout ByteWriter
  ) {
    writer.append(name)
    writer.append(": ")
    writer.append(value)
    writer.append("\r\n")
  }

  /// A cookie may come in pieces, which are one field outside HTTP/2 (section 8.2.3).
  private static func appendCookies(_ section: ByteView, to writer: inout ByteWriter) {
    var fields = SectionFields(section)
    var isFirst = true
    writer.append("cookie: ")
    while let field = fields.next() {
      guard field.name.equals("cookie") else { continue }
      if !isFirst { writer.append("; ") }
      writer.append(field.value)
      isFirst = false
    }
    writer.append("\r\n")
  }

  private mutating func appendFraming(
    _ length: UInt64?, hasBody: Bool, to writer: inout ByteWriter
  ) {
    if let length {
      framing = .length(length)
      writer.append("content-length: ")
      writer.append(decimal: length)
      writer.append("\r\n")
    } else if hasBody {
      framing = .chunked
      writer.append("transfer-encoding: chunked\r\n")
    }
  }
}

/// The pseudo-header fields of a request (RFC 9113 section 8.3.1), checked.
struct RequestPseudoFields {
  var method = ByteView.empty
  var path: ByteView?
  var authority: ByteView?
  private var scheme: ByteView?

  init(_ section: ByteView) throws(HTTP2FieldError) {
    var fields = SectionFields(section)
    var hasMethod = false
    var isBehind = false
    while let field = fields.next() {
      guard field.isPseudo else {
        isBehind = true
        continue
      }
      if isBehind { throw .pseudoInvalid }
      if field.name.equals(":method") && !hasMethod {
        hasMethod = true
        method = field.value
      } else if field.name.equals(":path") && path == nil {
        path = field.value
      } else if field.name.equals(":authority") && authority == nil {
        authority = field.value
      } else if field.name.equals(":scheme") && scheme == nil {
        scheme = field.value
      } else {
        throw .pseudoInvalid
      }
    }
    guard hasMethod else { throw .pseudoMissing }
    try check()
  }

  private func check() throws(HTTP2FieldError) {
    guard !method.isEmpty, method.tokenEnd(from: 0) == method.count else { throw .methodInvalid }
    if let authority, !FieldRules.isAuthority(authority) { throw .authorityInvalid }
    if method.equals("CONNECT") {
      // Section 8.5: only the authority.
      guard authority != nil else { throw .pseudoMissing }
      guard path == nil, scheme == nil else { throw .pseudoInvalid }
      return
    }
    guard let path, let scheme else { throw .pseudoMissing }
    guard scheme.equals("https") || scheme.equals("http") else { throw .schemeInvalid }
    guard FieldRules.isPath(path) else { throw .pathInvalid }
    if path[0] == 0x2a && !method.equals("OPTIONS") { throw .pathInvalid }
  }

  func appendStart(to writer: inout ByteWriter) {
    writer.append(method)
    writer.append(0x20)
    writer.append(path ?? authority ?? .empty)
    writer.append(" HTTP/1.1\r\n")
    guard let authority else { return }
    writer.append("host: ")
    writer.append(authority)
    writer.append("\r\n")
  }
}
