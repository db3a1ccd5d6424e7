// SPDX-License-Identifier: MIT

import COpenSSL

/// What a server context's callbacks need during a handshake: certificates by name, protocols.
///
/// SAFETY: allocated by the `TLSContext` that owns it, read-only once the context is made, freed
/// with it; sessions keep their context alive, and callbacks run only within a session's calls.
struct TLSServerLookup {
  var handles: UnsafeMutablePointer<OpaquePointer>
  var count: Int
  var protocols: UnsafeMutablePointer<UInt8>
  var protocolsLength: Int

  static func make(
    protocols: [ApplicationProtocol], certificates: Int
  ) -> UnsafeMutablePointer<TLSServerLookup> {
    let wire = ApplicationProtocol.wireFormat(protocols)
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, wire.count))
    for (index, byte) in wire.enumerated() { bytes[index] = byte }
    let lookup = UnsafeMutablePointer<TLSServerLookup>.allocate(capacity: 1)
    lookup.initialize(
      to: TLSServerLookup(
        handles: .allocate(capacity: certificates), count: 0, protocols: bytes,
        protocolsLength: wire.count))
    return lookup
  }

  static func destroy(_ lookup: UnsafeMutablePointer<TLSServerLookup>) {
    lookup.pointee.handles.deallocate()
    lookup.pointee.protocols.deallocate()
    lookup.deallocate()
  }

  mutating func append(_ handle: OpaquePointer) {
    (handles + count).initialize(to: handle)
    count += 1
  }
}

/// Shows the first certificate that is good for the name the client asked for (RFC 6066 §3); a
/// client that names none, or one nobody has, sees the first certificate.
func chooseCertificate(
  _ ssl: OpaquePointer?, _ alert: UnsafeMutablePointer<Int32>?, _ argument: UnsafeMutableRawPointer?
) -> Int32 {
  guard let ssl, let argument, let name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else {
    return SSL_TLSEXT_ERR_NOACK
  }
  let lookup = argument.assumingMemoryBound(to: TLSServerLookup.self)
  // There is no choice between less than two, and to read a certificate's names takes time.
  guard lookup.pointee.count > 1 else { return SSL_TLSEXT_ERR_OK }
  for index in 0..<lookup.pointee.count {
    let handle = lookup.pointee.handles[index]
    guard let certificate = SSL_CTX_get0_certificate(handle) else { continue }
    if X509_check_host(certificate, name, 0, 0, nil) == 1 {
      SSL_set_SSL_CTX(ssl, handle)
      return SSL_TLSEXT_ERR_OK
    }
  }
  return SSL_TLSEXT_ERR_OK
}

/// The server's preference among what the client offers; no overlap is a fatal alert, as
/// RFC 7301 §3.2 wants.
func chooseApplicationProtocol(
  _ ssl: OpaquePointer?, _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
  _ chosenLength: UnsafeMutablePointer<UInt8>?, _ offered: UnsafePointer<UInt8>?,
  _ offeredLength: UInt32, _ argument: UnsafeMutableRawPointer?
) -> Int32 {
  guard let argument, let chosen else { return SSL_TLSEXT_ERR_NOACK }
  let lookup = argument.assumingMemoryBound(to: TLSServerLookup.self)
  var selected: UnsafeMutablePointer<UInt8>?
  let answer = SSL_select_next_proto(
    &selected, chosenLength, lookup.pointee.protocols, UInt32(lookup.pointee.protocolsLength),
    offered, offeredLength)
  if answer != OPENSSL_NPN_NEGOTIATED { return SSL_TLSEXT_ERR_ALERT_FATAL }
  chosen.pointee = UnsafePointer(selected)
  return SSL_TLSEXT_ERR_OK
}
