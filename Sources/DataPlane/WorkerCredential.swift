// SPDX-License-Identifier: MIT

internal import Bytes
internal import Clocks
public import Credentials
internal import Network

/// A gateway's credential that is fetched: where it is published, and how requests are signed.
public struct GatewayCredential: Sendable {
  public var slot: CredentialSlot
  /// Where requests may have to be signed: the region to sign for.
  public var signingRegion: String?

  public init(_ slot: CredentialSlot, signingRegion: String? = nil) {
    self.slot = slot
    self.signingRegion = signingRegion
  }
}

/// A gateway's credential as one worker knows it.
struct WorkerCredential {
  enum Standing {
    /// None is there yet.
    case pending
    case ready
    case failed
  }

  let slot: Unmanaged<CredentialSlot>
  /// Of the publication that was read last.
  var version: UInt64 = 0
  var standing = Standing.pending
  /// Counts the credentials that were served one after another.
  var generation: UInt32 = 0
  /// Kept while its views are in use.
  var current: PublishedCredential?
  /// The header field to send; empty where requests are signed.
  var field = ByteView.empty
  var issuedMilliseconds = Int64.min
  var expiresMilliseconds = Int64.max
  var signingRegion: String?
  /// Made when the first request is signed.
  var signer: SigV4Signer?

  init(_ credential: GatewayCredential) {
    slot = .passUnretained(credential.slot)
    signingRegion = credential.signingRegion
  }

  /// How much the provider's clock is ahead of ours; what one worker learns all know.
  var skew: Interval { slot._withUnsafeGuaranteedRef { $0.skew } }

  @inline(__always)
  var isCurrent: Bool { slot._withUnsafeGuaranteedRef { $0.newestVersion } == version }

  /// Reads what was published last.
  mutating func adopt() {
    // The version first: what is published in between is then read once more, not missed.
    version = slot._withUnsafeGuaranteedRef { $0.newestVersion }
    switch slot._withUnsafeGuaranteedRef({ $0.standing }) {
    case .pending: standing = .pending
    case .failed: standing = .failed
    case .ready(let credential):
      standing = .ready
      if credential === current { return }
      current = credential
      generation &+= 1
      field = credential.field
      issuedMilliseconds = credential.issuedAt.millisecondsSinceEpoch
      expiresMilliseconds = credential.expiresAt?.millisecondsSinceEpoch ?? .max
    }
  }

  /// Signs `head`; false when that cannot be done.
  mutating func sign(
    _ head: inout ByteWriter, wallMilliseconds: Int64, hashing body: (SigV4Signer) -> Void
  ) -> Bool {
    guard let keys = current?.aws else { return false }
    if signer == nil { signer = signingRegion.flatMap { SigV4Signer(region: $0) } }
    guard let signer else { return false }
    signer.beginBody()
    body(signer)
    let now = Timestamp(nanosecondsSinceEpoch: wallMilliseconds &* 1_000_000)
    return signer.sign(&head, keys: keys, at: now + skew)
  }
}
