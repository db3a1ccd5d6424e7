// SPDX-License-Identifier: MIT

public import Bytes
public import HTTPWire

/// Which header fields do not pass through the gateway: a list of what is denied, so that new
/// fields of providers and SDKs work without a change here.
public enum HeaderPolicy {
  /// Hop-by-hop fields (RFC 9110 section 7.6.1), as bits of `KnownHeader.rawValue`.
  static var hopByHop: UInt64 {
    bit(.connection) | bit(.keepAlive) | bit(.proxyConnection) | bit(.te) | bit(.trailer)
      | bit(.transferEncoding) | bit(.upgrade) | bit(.http2Settings) | bit(.proxyAuthorization)
      | bit(.proxyAuthenticate)
  }

  /// W3C Trace Context and Baggage, as bits of `KnownHeader.rawValue`.
  static var traceContext: UInt64 { bit(.traceparent) | bit(.tracestate) | bit(.baggage) }

  /// Besides the hop-by-hop ones: what the gateway says itself (`host`, `content-length`), what it
  /// has dealt with (`expect`; `content-encoding`, since bodies go upstream decoded), what must not
  /// leave (the client's credentials, the parts of an AWS signature among them; the organization
  /// and project belong to the client's key, not to the one used upstream), `accept-encoding`,
  /// because usage is read from the answer, and trace context and baggage, which go to trusted
  /// upstreams only and are written anew for them.
  public static var deniedInRequests: UInt64 {
    hopByHop
      | bit(.host) | bit(.contentLength) | bit(.expect) | bit(.authorization) | bit(.xAPIKey)
      | bit(.apiKey) | bit(.xGoogAPIKey) | bit(.cookie) | bit(.openAIOrganization)
      | bit(.openAIProject) | bit(.acceptEncoding) | bit(.contentEncoding) | traceContext
      | bit(.xAmzDate) | bit(.xAmzSecurityToken) | bit(.xAmzContentSHA256)
  }

  /// Besides the hop-by-hop ones: `content-length` (the gateway frames the body itself), and what
  /// speaks about the provider's host and would be taken to be about the gateway's. The trace that
  /// a client hears of is the gateway's.
  public static var deniedInResponses: UInt64 {
    hopByHop
      | bit(.contentLength) | bit(.setCookie) | bit(.alternativeServices)
      | bit(.strictTransportSecurity) | traceContext
  }

  /// Besides those: `content-type`, since the body is another one.
  public static var deniedInTranslatedResponses: UInt64 { deniedInResponses | bit(.contentType) }

  @inline(__always)
  private static func bit(_ header: KnownHeader) -> UInt64 { 1 << UInt64(header.rawValue) }

  /// Appends the fields that pass, as they were received, in their order.
  ///
  /// Runs of fields that pass are copied at once: a head that parsed has its lines back to back.
  ///
  /// - Parameters:
  ///   - head: the bytes of the head, up to and including its empty line.
  ///   - denied: bits of `KnownHeader.rawValue`.
  ///   - namesConnectionOptions: as the parser said; then the fields named by Connection are
  ///     hop-by-hop too.
  public static func appendFields(
    of head: ByteView, _ table: HeaderTable, denied: UInt64, namesConnectionOptions: Bool,
    to writer: inout ByteWriter
  ) {
    var runStart = -1
    var index = 0
    while index < table.count {
      let field = table[index]
      var isDenied = (denied &>> UInt64(field.known.rawValue)) & 1 != 0
      if namesConnectionOptions && !isDenied {
        isDenied = isNamedByConnection(head[field.name], head, table)
      }
      if field.spaceBeforeColon != 0 {
        flush(head, &runStart, Int(field.nameStart), &writer)
        if !isDenied { appendField(field, head, &writer) }
      } else if isDenied {
        flush(head, &runStart, Int(field.nameStart), &writer)
      } else if runStart < 0 {
        runStart = Int(field.nameStart)
      }
      index &+= 1
    }
    // The empty line's two bytes do not belong to the last field.
    flush(head, &runStart, head.count &- 2, &writer)
  }

  @inline(__always)
  private static func flush(
    _ head: ByteView, _ runStart: inout Int, _ end: Int, _ writer: inout ByteWriter
  ) {
    guard runStart >= 0 else { return }
    writer.append(head[runStart..<end])
    runStart = -1
  }

  private static func appendField(
    _ field: HeaderField, _ head: ByteView, _ writer: inout ByteWriter
  ) {
    writer.append(head[field.name])
    writer.append(": ")
    writer.append(head[field.value])
    writer.append("\r\n")
  }

  private static func isNamedByConnection(
    _ name: ByteView, _ head: ByteView, _ table: HeaderTable
  ) -> Bool {
    var index = 0
    while let found = table.firstIndex(of: .connection, from: index) {
      var options = ConnectionOptions(head[table[found].value])
      while let option = options.next() {
        if option.equalsIgnoringCase(name) { return true }
      }
      index = found + 1
    }
    return false
  }
}

extension ByteView {
  /// ASCII case-insensitive equality.
  fileprivate func equalsIgnoringCase(_ other: ByteView) -> Bool {
    guard count == other.count else { return false }
    for index in 0..<count where lowered(self[index]) != lowered(other[index]) { return false }
    return true
  }
}

private func lowered(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
