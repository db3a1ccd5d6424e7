// SPDX-License-Identifier: MIT

/// A certificate chain and its private key, as PEM files; the leaf comes first in the chain.
public struct TLSCertificate: Sendable, Equatable {
  public var chainFile: String
  public var keyFile: String

  public init(chainFile: String, keyFile: String) {
    self.chainFile = chainFile
    self.keyFile = keyFile
  }
}

/// Whom a client believes.
public enum TLSTrust: Sendable, Equatable {
  /// The system's store; `SSL_CERT_FILE` overrides it.
  case system
  /// Only the authorities in this PEM file.
  case authorities(file: String)
  /// Nobody is checked: only for an upstream the operator has marked so.
  case unverified
}

/// The protocols spoken above TLS that this gateway knows (RFC 7301).
public enum ApplicationProtocol: UInt8, Sendable {
  case http11
  case http2

  var name: StaticString {
    switch self {
    case .http11: return "http/1.1"
    case .http2: return "h2"
    }
  }
}

public enum TLSVersion: UInt8, Sendable {
  case tls12
  case tls13
}

public struct TLSClientConfiguration: Sendable, Equatable {
  public var trust: TLSTrust
  /// Offered in this order; empty offers no ALPN at all.
  public var applicationProtocols: [ApplicationProtocol]
  public var minimumVersion: TLSVersion
  /// The newest version to offer; nil for the newest OpenSSL has.
  public var maximumVersion: TLSVersion?
  /// Shown if the server asks for a client certificate.
  public var certificate: TLSCertificate?
  /// Sessions kept per peer for resumption; 0 turns resumption off.
  public var sessionsPerPeerMaximum: Int

  public init(
    trust: TLSTrust = .system, applicationProtocols: [ApplicationProtocol] = [.http11],
    minimumVersion: TLSVersion = .tls12, maximumVersion: TLSVersion? = nil,
    certificate: TLSCertificate? = nil, sessionsPerPeerMaximum: Int = 8
  ) {
    self.trust = trust
    self.applicationProtocols = applicationProtocols
    self.minimumVersion = minimumVersion
    self.maximumVersion = maximumVersion
    self.certificate = certificate
    self.sessionsPerPeerMaximum = sessionsPerPeerMaximum
  }
}

public struct TLSServerConfiguration: Sendable, Equatable {
  /// The first that matches the client's server name is shown; the first of all if none does.
  public var certificates: [TLSCertificate]
  /// Chosen in this order of preference; empty answers no ALPN at all.
  public var applicationProtocols: [ApplicationProtocol]
  public var minimumVersion: TLSVersion
  public var maximumVersion: TLSVersion?

  public static let certificatesMaximum = 256

  public init(
    certificates: [TLSCertificate], applicationProtocols: [ApplicationProtocol] = [.http11],
    minimumVersion: TLSVersion = .tls12, maximumVersion: TLSVersion? = nil
  ) {
    self.certificates = certificates
    self.applicationProtocols = applicationProtocols
    self.minimumVersion = minimumVersion
    self.maximumVersion = maximumVersion
  }
}
