// SPDX-License-Identifier: MIT

internal import Accounts
internal import Bytes
internal import HTTPWire
internal import Network
internal import Providers
internal import Routing

/// The credential a connection presented last, so that a kept-alive client is not hashed again for
/// each request. Nothing but the connection that showed the credential holds it.
struct CredentialCache {
  static let bytesMax = 160

  /// Padded with zeros to whole words.
  private var words: InlineArray<20, UInt64> = .init(repeating: 0)
  var count = 0
  var key = KeyIndex(rawValue: 0)
  /// The snapshot whose keys it was found in; another one means another look-up.
  var snapshotVersion: UInt64 = 0

  /// Compares in time that depends on the length alone.
  @inline(__always)
  func holds(_ credential: ByteView, snapshotVersion version: UInt64) -> Bool {
    guard count == credential.count, count > 0, snapshotVersion == version else { return false }
    var difference: UInt64 = 0
    var offset = 0
    while offset < count {
      difference |= words[offset >> 3] ^ Self.word(credential, at: offset)
      offset &+= 8
    }
    return difference == 0
  }

  /// Up to eight bytes as a word; what is missing is zero.
  @inline(__always)
  private static func word(_ bytes: ByteView, at offset: Int) -> UInt64 {
    let rest = bytes.count &- offset
    if rest >= 8 {
      // SAFETY: eight bytes at `offset` lie within the view.
      return UnsafeRawPointer(bytes.base + offset).loadUnaligned(as: UInt64.self)
    }
    var word: UInt64 = 0
    for index in 0..<rest { word |= UInt64(bytes[offset &+ index]) << UInt64(8 &* index) }
    return word
  }

  mutating func remember(_ credential: ByteView, key: KeyIndex, snapshotVersion: UInt64) {
    guard credential.count <= Self.bytesMax else {
      count = 0
      return
    }
    for index in 0..<((credential.count + 7) / 8) {
      words[index] = Self.word(credential, at: index * 8)
    }
    count = credential.count
    self.key = key
    self.snapshotVersion = snapshotVersion
  }
}

/// Whose key the head was found to hold that was parsed last: the same head from the next
/// connection need not be asked again.
struct AuthenticatedHead {
  private var generation = UInt64.max
  private var snapshotVersion: UInt64 = 0
  /// Nil before the first.
  private var key: KeyIndex?

  init() {}

  /// The key, if the head of `generation` was found to hold it in that snapshot.
  @inline(__always)
  func key(of generation: UInt64, snapshotVersion version: UInt64) -> KeyIndex? {
    generation == self.generation && version == snapshotVersion ? key : nil
  }

  @inline(__always)
  mutating func remember(_ key: KeyIndex, of generation: UInt64, snapshotVersion: UInt64) {
    self.key = key
    self.generation = generation
    self.snapshotVersion = snapshotVersion
  }
}

extension Worker {
  /// The credential in the request's head: `Authorization: Bearer`, or one of the headers that
  /// other providers' clients send (data-plane.md, stage 2).
  @inline(__always)
  func credential(in fields: RequestFields) -> ByteView? {
    if let value = fields.value(of: .authorization) {
      guard value.count > 7, value.prefix(7).equalsIgnoringCase("bearer ") else { return nil }
      var start = 7
      while start < value.count, value[start] == 0x20 { start += 1 }
      return value.dropFirst(start)
    }
    return fields.value(of: .xAPIKey) ?? fields.value(of: .apiKey)
      ?? fields.value(of: .xGoogAPIKey)
      ?? OpenAIRealtime.key(in: fields.head, table: fields.table)
  }

  /// Stage 2: who is calling. Answers the request and returns false when that is nobody.
  func authenticate(_ client: Client, _ fields: RequestFields) -> Bool {
    let version = client.pointee.exchange.lease!.pointee.version
    if let key = authenticated.key(of: fields.generation, snapshotVersion: version) {
      client.pointee.exchange.key = key
      return true
    }
    guard let credential = credential(in: fields), !credential.isEmpty else {
      refuse(
        client,
        GatewayError(
          .missingKey,
          "No API key was sent. Send it as 'Authorization: Bearer KEY' (or x-api-key, api-key)."))
      return false
    }
    let lease = client.pointee.exchange.lease!
    let keys = lease.pointee.snapshot.keys
    if client.pointee.credential.holds(credential, snapshotVersion: version) {
      accept(client, client.pointee.credential.key, keys, version, fields.generation)
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
          .keyNotAllowed,
          "The development key works only from this machine. Configure a key of your own."))
      return false
    }
    client.pointee.credential.remember(credential, key: key, snapshotVersion: version)
    accept(client, key, keys, version, fields.generation)
    return true
  }

  private func accept(
    _ client: Client, _ key: KeyIndex, _ keys: KeyTable, _ version: UInt64, _ generation: UInt64
  ) {
    client.pointee.exchange.key = key
    // Where a key may be used from depends on the connection, which a head does not tell.
    if !keys.record(key).isLoopbackOnly {
      authenticated.remember(key, of: generation, snapshotVersion: version)
    }
  }
}
