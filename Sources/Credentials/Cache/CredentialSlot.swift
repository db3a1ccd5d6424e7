// SPDX-License-Identifier: MIT

public import Bytes
public import Clocks
internal import ModelCatalog
internal import Synchronization

/// A credential as requests use it. Immutable; the views live as long as the object.
public final class PublishedCredential: Sendable {
  private let arena = TextArena()
  /// One header field or two, each with its CRLF; empty where requests are signed instead.
  public let field: ByteView
  public let aws: AWSKeys?
  public let issuedAt: Timestamp
  public let expiresAt: Timestamp?

  /// Nil where the text could not stand in a header field.
  ///
  /// - Parameter fieldStart: what stands before a token, such as `authorization: Bearer `.
  public init?(_ issued: IssuedCredential, fieldStart: String, issuedAt: Timestamp) {
    switch issued.content {
    case .token(let token):
      guard !token.isEmpty, token.isFieldValue else { return nil }
      let project = issued.quotaProject.map { "x-goog-user-project: \($0)\r\n" } ?? ""
      field = arena.intern(fieldStart + token.text + "\r\n" + project)
      aws = nil
    case .aws(let keys):
      field = .empty
      aws = keys
    }
    self.issuedAt = issuedAt
    expiresAt = issued.expiresAt
  }
}

/// Where one gateway's credential lies for all workers: written by the control loop, read by each
/// worker when the version has moved. Reading an unmoved version is one atomic load.
public final class CredentialSlot: Sendable {
  public enum Standing: Sendable {
    /// None yet, and one is being fetched.
    case pending
    case ready(PublishedCredential)
    case failed(FetchFailure, retryAt: Timestamp)
  }

  /// What a worker wants of the control loop.
  public enum Wish: Sendable {
    /// The served one has expired by the worker's clock.
    case look
    /// A provider refused it.
    case renew
  }

  private struct Contents: Sendable {
    var standing = Standing.pending
    var subscribers: [@Sendable () -> Void] = []
    var owner: (@Sendable (Wish) -> Void)?
  }

  /// The gateway's name, for messages.
  public let gateway: String
  private let version = Atomic<UInt64>(1)
  private let skewNanoseconds = Atomic<Int64>(0)
  private let contents = Mutex(Contents())

  public init(gateway: String) { self.gateway = gateway }

  /// Moves with each publication.
  @inline(__always)
  public var newestVersion: UInt64 { version.load(ordering: .acquiring) }

  /// How much the provider's clock is ahead of ours, as far as refusals have told.
  public var skew: Interval {
    get { Interval(nanoseconds: skewNanoseconds.load(ordering: .relaxed)) }
    set { skewNanoseconds.store(newValue.nanoseconds, ordering: .relaxed) }
  }

  public var standing: Standing { contents.withLock { $0.standing } }

  /// Makes `standing` what requests from now on see, and tells the subscribers; nil tells them that
  /// what was wanted could not be had, and the one before goes on.
  public func publish(_ standing: Standing?) {
    let subscribers = contents.withLock { contents in
      if let standing { contents.standing = standing }
      return contents.subscribers
    }
    version.wrappingAdd(1, ordering: .releasing)
    for subscriber in subscribers { subscriber() }
  }

  /// Calls `body` after each publication, on the publisher's thread.
  public func subscribe(_ body: @escaping @Sendable () -> Void) {
    contents.withLock { $0.subscribers.append(body) }
  }

  /// Where wishes go.
  public func setOwner(_ owner: @escaping @Sendable (Wish) -> Void) {
    contents.withLock { $0.owner = owner }
  }

  public func wish(_ wish: Wish) { contents.withLock { $0.owner }?(wish) }
}
