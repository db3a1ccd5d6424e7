// SPDX-License-Identifier: MIT

import COpenSSL

/// Why a TLS context could not be made or a session ended. A plain value: making one on a failed
/// connection allocates nothing; the text is looked up when somebody asks for it.
public struct TLSError: Error, Equatable, Sendable {
  public enum Kind: UInt8, Sendable {
    /// A setting OpenSSL refuses (protocol names, versions).
    case configuration
    /// A certificate, key or authority file that is missing, malformed or does not match.
    case certificateFile
    /// The peer's certificate is for another name (RFC 6125, RFC 9110 §4.3.4).
    case hostNameMismatch
    case certificateExpired
    case certificateNotYetValid
    /// Self-signed, unknown issuer, wrong purpose, bad signature.
    case certificateUntrusted
    /// The peer speaks something else (often: plain HTTP) on this port.
    case notTLS
    /// No protocol version or cipher in common.
    case noCommonVersion
    /// No application protocol in common (RFC 7301 §3.2).
    case noApplicationProtocol
    /// The peer ended the session by an alert.
    case peerAlert
    /// The connection ended without the peer's close_notify: bytes may be missing.
    case truncated
    /// A call after the session failed or was closed.
    case closed
    /// Anything else OpenSSL reports.
    case protocolFailure
  }

  public let kind: Kind
  /// OpenSSL's packed error code; 0 if it gave none.
  public let code: UInt
  /// The X.509 verification result; 0 (`X509_V_OK`) unless the chain was refused.
  public let verification: Int

  public init(kind: Kind, code: UInt = 0, verification: Int = 0) {
    self.kind = kind
    self.code = code
    self.verification = verification
  }

  /// OpenSSL's words for the cause, lower-case.
  public var reason: String {
    if verification != 0, let text = X509_verify_cert_error_string(verification) {
      return String(cString: text)
    }
    if code != 0, let text = ERR_reason_error_string(code) { return String(cString: text) }
    switch kind {
    case .truncated: return "connection closed without close_notify"
    case .closed: return "session is closed"
    case .noApplicationProtocol: return "no application protocol in common"
    default: return "\(kind)"
    }
  }
}

extension TLSError: CustomStringConvertible {
  public var description: String { "tls \(kind): \(reason)" }
}

extension TLSError {
  /// Empties this thread's OpenSSL error queue, which `SSL_get_error` reads: another user of the
  /// library on this thread may have left something. Asking first is cheaper than clearing.
  @inline(__always)
  static func clearQueue() {
    if ERR_peek_error() != 0 { ERR_clear_error() }
  }

  /// Takes this thread's OpenSSL error queue, so that it does not colour the next call.
  ///
  /// The first entry is the cause; later ones are callers that passed it on.
  static func takeQueue(_ fallback: Kind, verification: Int = 0) -> TLSError {
    let code = ERR_get_error()
    ERR_clear_error()
    let refused = verification != 0 && reason(of: code) == reasonCertificateVerifyFailed
    if refused {
      return TLSError(kind: kind(verification), code: code, verification: verification)
    }
    return TLSError(kind: kind(code: code, fallback), code: code)
  }

  private static let reasonCertificateVerifyFailed = Int(SSL_R_CERTIFICATE_VERIFY_FAILED)

  private static func reason(of code: UInt) -> Int { Int(ERR_GET_REASON(code)) }

  private static func kind(_ verification: Int) -> Kind {
    switch Int32(truncatingIfNeeded: verification) {
    case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: return .hostNameMismatch
    case X509_V_ERR_CERT_HAS_EXPIRED: return .certificateExpired
    case X509_V_ERR_CERT_NOT_YET_VALID: return .certificateNotYetValid
    default: return .certificateUntrusted
    }
  }

  private static func kind(code: UInt, _ fallback: Kind) -> Kind {
    if Int(ERR_GET_LIB(code)) != Int(ERR_LIB_SSL) { return fallback }
    switch Int32(truncatingIfNeeded: reason(of: code)) {
    case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST, SSL_R_WRONG_VERSION_NUMBER:
      return .notTLS
    case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_NO_SHARED_CIPHER, SSL_R_VERSION_TOO_LOW,
      SSL_R_NO_PROTOCOLS_AVAILABLE, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return .noCommonVersion
    case SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL, SSL_R_NO_APPLICATION_PROTOCOL:
      return .noApplicationProtocol
    case SSL_R_UNEXPECTED_EOF_WHILE_READING: return .truncated
    case let reason where reason >= SSL_AD_REASON_OFFSET: return .peerAlert
    default: return fallback
    }
  }
}
