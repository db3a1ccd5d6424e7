// SPDX-License-Identifier: MIT

import Bytes

/// A field name read a word at a time and folded to lower case by setting bit 5 of each byte.
///
/// Among tchars that folding is exact for names made of letters and '-': only a letter folds to its
/// lower case, and only '-' to '-' (0x0D, the other candidate, is no tchar). Comparisons with
/// literals become comparisons with immediate words once inlined.
///
/// SAFETY: the words read lie within the view: eight bytes are read only where the length is at
/// least eight, four where it is at least four. Literals are compared only at equal length.
@safe
struct FoldedName {
  let name: ByteView

  private static var fold8: UInt64 { 0x2020_2020_2020_2020 }
  private static var fold4: UInt32 { 0x2020_2020 }

  @inline(__always)
  private func word8(_ base: UnsafePointer<UInt8>, _ offset: Int) -> UInt64 {
    unsafe UnsafeRawPointer(base + offset).loadUnaligned(as: UInt64.self) | Self.fold8
  }

  @inline(__always)
  private func word4(_ base: UnsafePointer<UInt8>, _ offset: Int) -> UInt32 {
    unsafe UnsafeRawPointer(base + offset).loadUnaligned(as: UInt32.self) | Self.fold4
  }

  /// Whether the name is `lowercase`, a literal of letters and '-' of the same length.
  @inline(__always)
  func matches(_ lowercase: StaticString) -> Bool {
    let length = lowercase.utf8CodeUnitCount
    guard name.count == length else { return false }
    let mine = unsafe name.base
    let theirs = unsafe lowercase.utf8Start
    if length >= 8 {
      var difference = unsafe word8(mine, 0) ^ word8(theirs, 0)
      if length > 16 { unsafe difference |= word8(mine, 8) ^ word8(theirs, 8) }
      unsafe difference |= word8(mine, length &- 8) ^ word8(theirs, length &- 8)
      return difference == 0
    }
    if length >= 4 {
      var difference = unsafe word4(mine, 0) ^ word4(theirs, 0)
      unsafe difference |= word4(mine, length &- 4) ^ word4(theirs, length &- 4)
      return difference == 0
    }
    for index in 0..<length where unsafe mine[index] | 0x20 != theirs[index] { return false }
    return true
  }
}

extension KnownHeader {
  /// The header called `name` in any case. Only tchars may be in `name`.
  @inline(__always)
  init(name: ByteView) {
    self = Self.find(FoldedName(name: name))
  }

  private static func find(_ name: FoldedName) -> KnownHeader {
    switch name.name.count {
    case 2: return name.matches("te") ? .te : .other
    case 3: return name.matches("via") ? .via : .other
    case 4: return name.matches("host") ? .host : name.matches("date") ? .date : .other
    case 6:
      if name.matches("accept") { return .accept }
      if name.matches("server") { return .server }
      if name.matches("cookie") { return .cookie }
      if name.matches("expect") { return .expect }
      return name.matches("origin") ? .origin : .other
    case 7:
      if name.matches("api-key") { return .apiKey }
      if name.matches("trailer") { return .trailer }
      return name.matches("upgrade") ? .upgrade : .other
    case 8: return name.matches("location") ? .location : .other
    case 9:
      if name.matches("x-api-key") { return .xAPIKey }
      if name.matches("forwarded") { return .forwarded }
      return name.matches("x-real-ip") ? .xRealIP : .other
    case 10:
      if name.matches("user-agent") { return .userAgent }
      if name.matches("connection") { return .connection }
      if name.matches("keep-alive") { return .keepAlive }
      if name.matches("set-cookie") { return .setCookie }
      return name.matches("tracestate") ? .tracestate : .other
    case 11:
      if name.matches("traceparent") { return .traceparent }
      return name.matches("retry-after") ? .retryAfter : .other
    default: return findLong(name)
    }
  }

  private static func findLong(_ name: FoldedName) -> KnownHeader {
    switch name.name.count {
    case 12:
      if name.matches("content-type") { return .contentType }
      return name.matches("x-request-id") ? .xRequestID : .other
    case 13:
      if name.matches("authorization") { return .authorization }
      return name.matches("cache-control") ? .cacheControl : .other
    case 14:
      if name.matches("content-length") { return .contentLength }
      if name.matches("x-goog-api-key") { return .xGoogAPIKey }
      if name.matches("retry-after-ms") { return .retryAfterMilliseconds }
      if name.matches("x-should-retry") { return .xShouldRetry }
      // The digit makes folding inexact (0x12 would fold to '2'), but 0x12 is no tchar either.
      if name.matches("http2-settings") { return .http2Settings }
      return name.matches("openai-project") ? .openAIProject : .other
    case 15:
      if name.matches("accept-encoding") { return .acceptEncoding }
      if name.matches("x-forwarded-for") { return .xForwardedFor }
      return name.matches("idempotency-key") ? .idempotencyKey : .other
    case 16:
      if name.matches("content-encoding") { return .contentEncoding }
      if name.matches("x-forwarded-host") { return .xForwardedHost }
      return name.matches("proxy-connection") ? .proxyConnection : .other
    case 17:
      if name.matches("transfer-encoding") { return .transferEncoding }
      return name.matches("x-forwarded-proto") ? .xForwardedProtocol : .other
    case 18: return name.matches("proxy-authenticate") ? .proxyAuthenticate : .other
    case 19:
      if name.matches("proxy-authorization") { return .proxyAuthorization }
      return name.matches("openai-organization") ? .openAIOrganization : .other
    default: return .other
    }
  }
}
