// SPDX-License-Identifier: MIT

import Bytes

extension KnownHeader {
  /// The header called by `count` bytes in any case. The comparison is exact: a name that is known
  /// consists of tchars.
  @inline(__always)
  init(_ base: UnsafePointer<UInt8>, _ count: Int) {
    self = unsafe Self.find(ByteView(base: base, count: count))
  }

  @inline(__always)
  private static func find(_ name: ByteView) -> KnownHeader {
    switch name.count {
    case 2: return name.equalsIgnoringCase("te") ? .te : .other
    case 3: return name.equalsIgnoringCase("via") ? .via : .other
    case 4:
      return name.equalsIgnoringCase("host")
        ? .host : name.equalsIgnoringCase("date") ? .date : .other
    case 6:
      if name.equalsIgnoringCase("accept") { return .accept }
      if name.equalsIgnoringCase("server") { return .server }
      if name.equalsIgnoringCase("cookie") { return .cookie }
      if name.equalsIgnoringCase("expect") { return .expect }
      return name.equalsIgnoringCase("origin") ? .origin : .other
    case 7:
      if name.equalsIgnoringCase("api-key") { return .apiKey }
      if name.equalsIgnoringCase("trailer") { return .trailer }
      if name.equalsIgnoringCase("baggage") { return .baggage }
      if name.equalsIgnoringCase("alt-svc") { return .alternativeServices }
      return name.equalsIgnoringCase("upgrade") ? .upgrade : .other
    case 8: return name.equalsIgnoringCase("location") ? .location : .other
    case 9:
      if name.equalsIgnoringCase("x-api-key") { return .xAPIKey }
      if name.equalsIgnoringCase("forwarded") { return .forwarded }
      return name.equalsIgnoringCase("x-real-ip") ? .xRealIP : .other
    case 10:
      if name.equalsIgnoringCase("user-agent") { return .userAgent }
      if name.equalsIgnoringCase("connection") { return .connection }
      if name.equalsIgnoringCase("keep-alive") { return .keepAlive }
      if name.equalsIgnoringCase("set-cookie") { return .setCookie }
      if name.equalsIgnoringCase("x-amz-date") { return .xAmzDate }
      return name.equalsIgnoringCase("tracestate") ? .tracestate : .other
    case 11:
      if name.equalsIgnoringCase("traceparent") { return .traceparent }
      return name.equalsIgnoringCase("retry-after") ? .retryAfter : .other
    default: return findLong(name)
    }
  }

  @inline(__always)
  private static func findLong(_ name: ByteView) -> KnownHeader {
    switch name.count {
    case 12:
      if name.equalsIgnoringCase("content-type") { return .contentType }
      return name.equalsIgnoringCase("x-request-id") ? .xRequestID : .other
    case 13:
      if name.equalsIgnoringCase("authorization") { return .authorization }
      return name.equalsIgnoringCase("cache-control") ? .cacheControl : .other
    case 14:
      if name.equalsIgnoringCase("content-length") { return .contentLength }
      if name.equalsIgnoringCase("x-goog-api-key") { return .xGoogAPIKey }
      if name.equalsIgnoringCase("retry-after-ms") { return .retryAfterMilliseconds }
      if name.equalsIgnoringCase("x-should-retry") { return .xShouldRetry }
      if name.equalsIgnoringCase("http2-settings") { return .http2Settings }
      return name.equalsIgnoringCase("openai-project") ? .openAIProject : .other
    case 15:
      if name.equalsIgnoringCase("accept-encoding") { return .acceptEncoding }
      if name.equalsIgnoringCase("x-forwarded-for") { return .xForwardedFor }
      return name.equalsIgnoringCase("idempotency-key") ? .idempotencyKey : .other
    case 16:
      if name.equalsIgnoringCase("content-encoding") { return .contentEncoding }
      if name.equalsIgnoringCase("x-forwarded-host") { return .xForwardedHost }
      return name.equalsIgnoringCase("proxy-connection") ? .proxyConnection : .other
    case 17:
      if name.equalsIgnoringCase("transfer-encoding") { return .transferEncoding }
      return name.equalsIgnoringCase("x-forwarded-proto") ? .xForwardedProtocol : .other
    case 18: return name.equalsIgnoringCase("proxy-authenticate") ? .proxyAuthenticate : .other
    case 19:
      if name.equalsIgnoringCase("proxy-authorization") { return .proxyAuthorization }
      return name.equalsIgnoringCase("openai-organization") ? .openAIOrganization : .other
    case 20:
      if name.equalsIgnoringCase("x-amz-security-token") { return .xAmzSecurityToken }
      return name.equalsIgnoringCase("x-amz-content-sha256") ? .xAmzContentSHA256 : .other
    case 25:
      return name.equalsIgnoringCase("strict-transport-security")
        ? .strictTransportSecurity : .other
    default: return .other
    }
  }
}
