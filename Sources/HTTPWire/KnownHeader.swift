// SPDX-License-Identifier: MIT

/// The header fields the gateway itself looks at. Fewer than 64, so that the set of those present
/// in a head is one word.
public enum KnownHeader: UInt8, CaseIterable, Sendable {
  case other
  case host
  case contentLength
  case transferEncoding
  case connection
  case expect
  case authorization
  case xAPIKey
  case apiKey
  case xGoogAPIKey
  case contentType
  case contentEncoding
  case traceparent
  case tracestate
  case accept
  case acceptEncoding
  case keepAlive
  case te
  case trailer
  case upgrade
  case proxyAuthorization
  case proxyAuthenticate
  case proxyConnection
  case retryAfter
  case retryAfterMilliseconds
  case xShouldRetry
  case idempotencyKey
  case userAgent
  case xRequestID
  case cookie
  case setCookie
  case origin
  case server
  case date
  case via
  case forwarded
  case xForwardedFor
  case xForwardedHost
  case xForwardedProtocol
  case xRealIP
  case cacheControl
  case openAIOrganization
  case openAIProject
  case location
  case http2Settings
  case alternativeServices
  case strictTransportSecurity
  case baggage
  case xAmzDate
  case xAmzSecurityToken
  case xAmzContentSHA256

  /// The lower-case name; empty for `other`.
  public var name: StaticString {
    switch self {
    case .other: ""
    case .host: "host"
    case .contentLength: "content-length"
    case .transferEncoding: "transfer-encoding"
    case .connection: "connection"
    case .expect: "expect"
    case .authorization: "authorization"
    case .xAPIKey: "x-api-key"
    case .apiKey: "api-key"
    case .xGoogAPIKey: "x-goog-api-key"
    case .contentType: "content-type"
    case .contentEncoding: "content-encoding"
    case .traceparent: "traceparent"
    case .tracestate: "tracestate"
    case .accept: "accept"
    case .acceptEncoding: "accept-encoding"
    case .keepAlive: "keep-alive"
    case .te: "te"
    case .trailer: "trailer"
    case .upgrade: "upgrade"
    case .proxyAuthorization: "proxy-authorization"
    case .proxyAuthenticate: "proxy-authenticate"
    case .proxyConnection: "proxy-connection"
    default: laterName
    }
  }

  private var laterName: StaticString {
    switch self {
    case .retryAfter: "retry-after"
    case .retryAfterMilliseconds: "retry-after-ms"
    case .xShouldRetry: "x-should-retry"
    case .idempotencyKey: "idempotency-key"
    case .userAgent: "user-agent"
    case .xRequestID: "x-request-id"
    case .cookie: "cookie"
    case .setCookie: "set-cookie"
    case .origin: "origin"
    case .server: "server"
    case .date: "date"
    case .via: "via"
    case .forwarded: "forwarded"
    case .xForwardedFor: "x-forwarded-for"
    case .xForwardedHost: "x-forwarded-host"
    case .xForwardedProtocol: "x-forwarded-proto"
    case .xRealIP: "x-real-ip"
    case .cacheControl: "cache-control"
    case .openAIOrganization: "openai-organization"
    case .openAIProject: "openai-project"
    case .location: "location"
    case .http2Settings: "http2-settings"
    case .alternativeServices: "alt-svc"
    case .strictTransportSecurity: "strict-transport-security"
    case .baggage: "baggage"
    case .xAmzDate: "x-amz-date"
    case .xAmzSecurityToken: "x-amz-security-token"
    case .xAmzContentSHA256: "x-amz-content-sha256"
    default: ""
    }
  }
}
