// SPDX-License-Identifier: MIT

internal import Accounts
internal import Bytes
internal import HTTPWire
internal import Network
internal import Routing

/// The credential a connection presented last, so that a kept-alive client is not hashed again for
/// each request. Nothing but the connection that showed the credential holds it.
struct CredentialCache {
  static let bytesMax = 160

  var bytes: InlineArray<160, UInt8> = .init(repeating: 0)
  var count = 0
  var key = KeyIndex(rawValue: 0)
  /// The snapshot whose keys it was found in; another one means another look-up.
  var snapshotVersion: UInt64 = 0

  /// Compares in time that depends on the length alone.
  @inline(__always)
  func holds(_ credential: ByteView, snapshotVersion version: UInt64) -> Bool {
    guard count == credential.count, count > 0, snapshotVersion == version else { return false }
    var difference: UInt8 = 0
    for index in 0..<count { difference |= bytes[index] ^ credential[index] }
    return difference == 0
  }

  mutating func remember(_ credential: ByteView, key: KeyIndex, snapshotVersion: UInt64) {
    guard credential.count <= Self.bytesMax else {
      count = 0
      return
    }
    for index in 0..<credential.count { bytes[index] = credential[index] }
    count = credential.count
    self.key = key
    self.snapshotVersion = snapshotVersion
  }
}

extension Worker {
  /// The credential in the request's head: `Authorization: Bearer`, or one of the headers that
  /// other providers' clients send (data-plane.md, stage 2).
  @inline(__always)
  func credential(in head: ByteView) -> ByteView? {
    if let value = requestFields.value(of: .authorization, in: head) {
      guard value.count > 7, value.prefix(7).equalsIgnoringCase("bearer ") else { return nil }
      var start = 7
      while start < value.count, value[start] == 0x20 { start += 1 }
      return value.dropFirst(start)
    }
    return requestFields.value(of: .xAPIKey, in: head)
      ?? requestFields.value(of: .apiKey, in: head)
      ?? requestFields.value(of: .xGoogAPIKey, in: head)
  }

  /// Stage 2: who is calling. Answers the request and returns false when that is nobody.
  func authenticate(_ client: Client, head: ByteView) -> Bool {
    guard let credential = credential(in: head), !credential.isEmpty else {
      refuse(
        client,
        GatewayError(
          .missingKey,
          "No API key was sent. Send it as 'Authorization: Bearer KEY' (or x-api-key, api-key)."))
      return false
    }
    let lease = client.pointee.exchange.lease!
    let version = lease.pointee.version
    let keys = lease.pointee.snapshot.keys
    if client.pointee.credential.holds(credential, snapshotVersion: version) {
      client.pointee.exchange.key = client.pointee.credential.key
      return true
    }
    let digest = SHA256.withDigest(of: credential) { KeyDigest(bytes: $0) } ?? nil
    guard let digest, let key = keys.lookup(digest) else {
      refuse(client, GatewayError(.invalidKey, "The API key is not known to this gateway."))
      return false
    }
    if keys.record(key).isLoopbackOnly && !client.pointee.isLoopback {
      refuse(
        client,
        GatewayError(
          .keyNotAllowedHere,
          "The development key works only from this machine. Configure a key of your own."))
      return false
    }
    client.pointee.credential.remember(credential, key: key, snapshotVersion: version)
    client.pointee.exchange.key = key
    return true
  }
}
