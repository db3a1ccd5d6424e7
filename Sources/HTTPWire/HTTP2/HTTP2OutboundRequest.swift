// SPDX-License-Identifier: MIT

public import Bytes

/// The head of a request as the gateway writes it for an upstream of HTTP/1.1, as a field section
/// of HTTP/2.
public struct HTTP2OutboundRequest: Equatable, Sendable {
  public var framing = BodyFraming.none
  /// Bytes of the head, the empty line included.
  public var length = 0
  public var fieldCount = 0
  /// The answer will have no body.
  public var isHead = false

  /// Enough memory for a section made of `head`.
  public static func sectionBytesMaximum(of head: ByteView) -> Int {
    HTTP2OutboundResponse.sectionBytesMaximum(of: head) + 64
  }

  /// Translates the head at the start of `bytes`.
  ///
  /// - Parameter isSecure: the connection has TLS, which makes the scheme `https`.
  /// - Returns: nil if there is no whole, well-formed head, or it does not fit.
  public static func write(
    _ bytes: ByteView, isSecure: Bool, to writer: inout ByteWriter
  ) -> HTTP2OutboundRequest? {
    var lines = HTTP1HeadLines(bytes)
    guard let start = lines.next(), let first = start.firstIndex(of: 0x20),
      let second = start.firstIndex(of: 0x20, from: first + 1), first > 0, second > first + 1
    else { return nil }
    var request = HTTP2OutboundRequest()
    let method = start.prefix(first)
    request.isHead = method.equals("HEAD")
    FieldSection.append(name: ":method", value: method, to: &writer)
    FieldSection.append(
      name: ":scheme", value: isSecure ? staticView("https") : staticView("http"), to: &writer)
    FieldSection.append(name: ":path", value: start[first + 1..<second], to: &writer)
    request.fieldCount = 3
    // Pseudo-header fields come first (RFC 9113 section 8.3), and Host is one of them here.
    guard request.appendAuthority(lines, to: &writer) else { return nil }
    while let line = lines.next() {
      if line.isEmpty {
        request.length = lines.offset
        return writer.overflowed ? nil : request
      }
      guard let field = HTTP1HeadLines.field(of: line), request.note(field) else { return nil }
      if FieldRules.isConnectionSpecific(field.name) || field.name.equalsIgnoringCase("host") {
        continue
      }
      FieldSection.append(lowercasing: field.name, value: field.value, to: &writer)
      request.fieldCount += 1
    }
    return nil
  }

  private mutating func appendAuthority(
    _ lines: HTTP1HeadLines, to writer: inout ByteWriter
  ) -> Bool {
    var lines = lines
    while let line = lines.next(), !line.isEmpty {
      guard let field = HTTP1HeadLines.field(of: line) else { return false }
      guard field.name.equalsIgnoringCase("host") else { continue }
      FieldSection.append(name: ":authority", value: field.value, to: &writer)
      fieldCount += 1
      return true
    }
    return false
  }

  private mutating func note(_ field: SectionField) -> Bool {
    guard field.name.tokenEnd(from: 0) == field.name.count,
      field.value.fieldValueEnd(from: 0) == field.value.count
    else { return false }
    if field.name.equalsIgnoringCase("transfer-encoding") {
      guard field.value.equalsIgnoringCase("chunked") else { return false }
      framing = .chunked
    } else if field.name.equalsIgnoringCase("content-length") {
      guard let length = field.value.decimalLength else { return false }
      if framing != .chunked { framing = length == 0 ? .none : .length(length) }
    }
    return true
  }
}

private func staticView(_ text: StaticString) -> ByteView {
  // SAFETY: the text of a static string is constant and lives as long as the program.
  unsafe ByteView(base: text.utf8Start, count: text.utf8CodeUnitCount)
}
