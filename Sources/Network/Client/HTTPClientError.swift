// SPDX-License-Identifier: MIT

import CCurl

/// Why an exchange of `HTTPClient` came to nothing.
public struct HTTPClientError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Kind: String, Sendable {
    case invalidRequest
    case nameNotFound
    case connectFailed
    case tlsFailed
    case timedOut
    case tooManyRedirects
    case bodyTooLarge
    /// The connection broke, or what came was no HTTP.
    case exchangeFailed
    case cancelled
  }

  public let kind: Kind
  /// One sentence, lower case.
  public let message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  public var description: String { "\(kind.rawValue): \(message)" }

  static let cancelled = HTTPClientError(.cancelled, "the exchange was cancelled")

  init(_ code: CURLcode) {
    let kind: Kind =
      switch code {
      case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .invalidRequest
      case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .nameNotFound
      case CURLE_COULDNT_CONNECT, CURLE_PROXY: .connectFailed
      case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
        CURLE_SSL_CERTPROBLEM, CURLE_SSL_ISSUER_ERROR:
        .tlsFailed
      case CURLE_OPERATION_TIMEDOUT: .timedOut
      case CURLE_TOO_MANY_REDIRECTS: .tooManyRedirects
      default: .exchangeFailed
      }
    self.init(kind, String(cString: ccurl_easy_strerror(code)).lowercased())
  }
}
