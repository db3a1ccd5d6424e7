// SPDX-License-Identifier: MIT

import COpenSSL
import Glibc

/// Settings, certificates and resumption keys shared by many sessions, on any threads.
///
/// A context never changes: new certificates are a new context, put in the `TLSContextSlot` that
/// listeners take theirs from. Sessions hold theirs until they end.
///
/// SAFETY: `SSL_CTX` is reference counted and locked by OpenSSL; all fields are set before the
/// context is shared and freed with the last reference, which sessions hold by `Unmanaged`.
public final class TLSContext: @unchecked Sendable {
  public enum Role: UInt8, Sendable {
    case client
    case server
  }

  public let role: Role
  /// One per certificate (a server's), else one. The first starts every handshake.
  let handles: [OpaquePointer]
  /// What OpenSSL's callbacks get as their argument.
  let lookup: UnsafeMutablePointer<TLSServerLookup>?
  let sessionsPerPeerMaximum: Int
  let isVerifying: Bool

  /// - Throws: `certificateFile`, `configuration`.
  public init(client configuration: TLSClientConfiguration) throws(TLSError) {
    let handle = try TLSContext.makeHandle(
      TLS_client_method(), configuration.minimumVersion, configuration.maximumVersion)
    let kept = max(0, configuration.sessionsPerPeerMaximum)
    do throws(TLSError) {
      try TLSContext.load(configuration.trust, into: handle)
      try TLSContext.offer(configuration.applicationProtocols, on: handle)
      if let certificate = configuration.certificate {
        try TLSContext.load(certificate, into: handle)
      }
    } catch {
      SSL_CTX_free(handle)
      throw error
    }
    if kept > 0 {
      // The peer objects keep the sessions, so OpenSSL's own table would be a second copy.
      _ = copenssl_ctx_set_session_cache_mode(
        handle, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL))
      SSL_CTX_sess_set_new_cb(handle, keepClientSession)
    } else {
      _ = copenssl_ctx_set_session_cache_mode(handle, Int(SSL_SESS_CACHE_OFF))
    }
    role = .client
    handles = [handle]
    lookup = nil
    sessionsPerPeerMaximum = kept
    isVerifying = configuration.trust != .unverified
  }

  /// - Parameter predecessor: the context this one replaces. Its ticket keys are taken over, so
  ///   that clients resume across a reload.
  /// - Throws: `certificateFile`, `configuration`.
  public init(
    server configuration: TLSServerConfiguration, replacing predecessor: TLSContext? = nil
  ) throws(TLSError) {
    let count = configuration.certificates.count
    if count == 0 || count > TLSServerConfiguration.certificatesMaximum {
      throw TLSError(kind: .configuration)
    }
    let lookup = TLSServerLookup.make(
      protocols: configuration.applicationProtocols, certificates: count)
    var handles: [OpaquePointer] = []
    do throws(TLSError) {
      for certificate in configuration.certificates {
        let handle = try TLSContext.makeHandle(
          TLS_server_method(), configuration.minimumVersion, configuration.maximumVersion)
        handles.append(handle)
        try TLSContext.load(certificate, into: handle)
        TLSContext.prepareServer(handle, lookup, predecessor?.handles.first)
        lookup.pointee.append(handle)
      }
    } catch {
      for handle in handles { SSL_CTX_free(handle) }
      TLSServerLookup.destroy(lookup)
      throw error
    }
    role = .server
    self.handles = handles
    self.lookup = lookup
    sessionsPerPeerMaximum = 0
    isVerifying = false
  }

  deinit {
    for handle in handles { SSL_CTX_free(handle) }
    if let lookup { TLSServerLookup.destroy(lookup) }
  }
}

extension TLSContext {
  private static func makeHandle(
    _ method: OpaquePointer?, _ minimum: TLSVersion, _ maximum: TLSVersion?
  ) throws(TLSError) -> OpaquePointer {
    guard let handle = SSL_CTX_new(method) else { throw .takeQueue(.configuration) }
    // What is shown is what the file has: no search for more of a chain in each handshake.
    let mode =
      SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
      | SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN
    _ = copenssl_ctx_set_mode(handle, Int(mode))
    copenssl_ctx_set_safe_options(handle)
    _ = copenssl_ctx_set_min_version(handle, minimum.number)
    _ = copenssl_ctx_set_max_version(handle, maximum?.number ?? 0)
    return handle
  }

  private static func load(
    _ certificate: TLSCertificate, into handle: OpaquePointer
  ) throws(TLSError) {
    guard SSL_CTX_use_certificate_chain_file(handle, certificate.chainFile) == 1,
      SSL_CTX_use_PrivateKey_file(handle, certificate.keyFile, SSL_FILETYPE_PEM) == 1,
      SSL_CTX_check_private_key(handle) == 1
    else { throw .takeQueue(.certificateFile) }
  }

  /// The usual homes of the system's authorities, as one file: read once here, where the default
  /// path of OpenSSL would read a directory from disk during handshakes on the loop.
  private static let systemBundles: [String] = [
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
  ]

  private static func load(_ trust: TLSTrust, into handle: OpaquePointer) throws(TLSError) {
    switch trust {
    case .unverified:
      SSL_CTX_set_verify(handle, SSL_VERIFY_NONE, nil)
      return
    case .authorities(let file):
      guard SSL_CTX_load_verify_file(handle, file) == 1 else { throw .takeQueue(.certificateFile) }
    case .system:
      let named = getenv("SSL_CERT_FILE").map { String(cString: $0) }
      let file = named ?? systemBundles.first { access($0, R_OK) == 0 }
      let loaded =
        file.map { SSL_CTX_load_verify_file(handle, $0) }
        ?? SSL_CTX_set_default_verify_paths(handle)
      guard loaded == 1 else { throw .takeQueue(.certificateFile) }
    }
    SSL_CTX_set_verify(handle, SSL_VERIFY_PEER, nil)
  }

  private static func offer(
    _ protocols: [ApplicationProtocol], on handle: OpaquePointer
  ) throws(TLSError) {
    if protocols.isEmpty { return }
    let wire = ApplicationProtocol.wireFormat(protocols)
    // This call alone in OpenSSL answers 0 for success.
    let refused = wire.withUnsafeBufferPointer {
      SSL_CTX_set_alpn_protos(handle, $0.baseAddress, UInt32($0.count))
    }
    if refused != 0 { throw .takeQueue(.configuration) }
  }

  private static func prepareServer(
    _ handle: OpaquePointer, _ lookup: UnsafeMutablePointer<TLSServerLookup>,
    _ predecessor: OpaquePointer?
  ) {
    copenssl_ctx_set_server_name_callback(handle, chooseCertificate, lookup)
    if lookup.pointee.protocolsLength > 0 {
      SSL_CTX_set_alpn_select_cb(handle, chooseApplicationProtocol, lookup)
    }
    // Tickets carry the session: no server-side table, and any worker can resume any session. With
    // TLS 1.3 there is one (OpenSSL would send two), which goes out with the first answer: see
    // `TLSSession.write`.
    SSL_CTX_set_num_tickets(handle, 0)
    _ = copenssl_ctx_set_session_cache_mode(handle, Int(SSL_SESS_CACHE_OFF))
    var identifier: [UInt8] = Array("gateway".utf8)
    _ = SSL_CTX_set_session_id_context(handle, &identifier, UInt32(identifier.count))
    guard let predecessor else { return }
    let length = copenssl_ctx_ticket_keys_length(predecessor)
    var keys = [UInt8](repeating: 0, count: length)
    if copenssl_ctx_get_ticket_keys(predecessor, &keys, Int32(length)) == 1 {
      _ = copenssl_ctx_set_ticket_keys(handle, &keys, Int32(length))
    }
  }
}

extension TLSVersion {
  var number: Int32 { self == .tls12 ? TLS1_2_VERSION : TLS1_3_VERSION }
}

extension ApplicationProtocol {
  /// Each name behind its length (RFC 7301 §3.1).
  static func wireFormat(_ protocols: [ApplicationProtocol]) -> [UInt8] {
    protocols.flatMap { item in
      item.name.withUTF8Buffer { [UInt8($0.count)] + $0 }
    }
  }
}
