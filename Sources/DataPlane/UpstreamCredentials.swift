// SPDX-License-Identifier: MIT

internal import Bytes
internal import Clocks
internal import Credentials
internal import EventLoop
internal import HTTPWire
internal import JSON
internal import Network
internal import Providers

/// Credentials that are fetched: a request waits for the first one, shows the newest, and shows a
/// newer one when the provider refuses it. Gateways with a key of the configuration take no part.
extension Worker {
  // MARK: Beginning and end

  static func makeCredentials(
    _ credentials: [GatewayCredential]
  ) -> UnsafeMutablePointer<WorkerCredential> {
    let memory = UnsafeMutablePointer<WorkerCredential>.allocate(
      capacity: max(credentials.count, 1))
    for (index, credential) in credentials.enumerated() {
      (memory + index).initialize(to: WorkerCredential(credential))
    }
    return memory
  }

  func subscribeToCredentials() {
    for (index, credential) in shared.credentials.enumerated() {
      credential.slot.subscribe { [weak self] in
        guard let worker = self else { return }
        worker.loop.execute { worker.credentialChanged(worker.credentials + index) }
      }
    }
  }

  func destroyCredentials() {
    credentials.deinitialize(count: shared.credentials.count)
    credentials.deallocate()
  }

  /// The credential of the gateway called `name`; nil where that has a key, or none.
  func credential(of name: ByteView) -> UnsafeMutablePointer<WorkerCredential>? {
    if shared.credentials.isEmpty { return nil }
    let wanted = name.string
    return shared.credentials.firstIndex { $0.slot.gateway == wanted }.map { credentials + $0 }
  }

  /// How long a request waits for a credential, within its own time.
  static let credentialWaitMilliseconds: Int64 = 10_000
  /// One that a provider refuses is fetched anew only when it is older than this: a provider that
  /// refuses everything must not make the gateway ask for tokens without end.
  static let renewalAgeMinimumMilliseconds: Int64 = 5_000

  // MARK: Before a request

  /// Whether the attempt may go on. If not, the exchange waits, or the attempt has ended.
  @inline(__always)
  func hasCredential(_ client: Client) -> Bool {
    guard let credential = currentDeployment(client).pointee.credential else { return true }
    return hasCredential(client, credential)
  }

  @inline(never)
  private func hasCredential(
    _ client: Client, _ credential: UnsafeMutablePointer<WorkerCredential>
  ) -> Bool {
    client.pointee.exchange.isCredentialRefused = false
    if !credential.pointee.isCurrent { credential.pointee.adopt() }
    switch credential.pointee.standing {
    case .ready:
      if wallMilliseconds < credential.pointee.expiresMilliseconds { return true }
      // The control loop's timer is late; it is told, and the newer one is waited for.
      credential.pointee.slot._withUnsafeGuaranteedRef { $0.wish(.look) }
      park(client, credential)
    case .pending: park(client, credential)
    case .failed: failed(client, .noCredential)
    }
    return false
  }

  private func park(_ client: Client, _ credential: UnsafeMutablePointer<WorkerCredential>) {
    waitFor(client, .credential, Self.credentialWaitMilliseconds)
  }

  /// The control loop has published something: the exchanges that wait for it go on.
  func credentialChanged(_ credential: UnsafeMutablePointer<WorkerCredential>) {
    credential.pointee.adopt()
    if credential.pointee.standing == .pending { return }
    var next = firstClient
    while let client = next {
      next = client.pointee.next
      if client.pointee.phase == .exchange, let hedge = client.pointee.exchange.hedge {
        resumeParked(client, hedge, credential)
      }
      guard client.pointee.phase == .exchange, client.pointee.exchange.waitsFor == .credential,
        currentDeployment(client).pointee.credential == credential
      else { continue }
      resume(client, credential)
    }
  }

  func resume(_ client: Client, _ credential: UnsafeMutablePointer<WorkerCredential>) {
    if client.pointee.exchange.isCredentialRefused,
      client.pointee.exchange.credentialGeneration == credential.pointee.generation
    {
      // No newer one could be had.
      failed(client, .authentication)
      return
    }
    open(client, currentDeployment(client).pointee.endpoint)
  }

  // MARK: With a request

  /// Adds the gateway's credential to a head that is otherwise complete, its empty line included.
  ///
  /// - Parameter body: adds the body's pieces, exactly as they will be sent; called only where
  ///   requests are signed.
  /// - Returns: false when the request cannot be signed.
  @inline(__always)
  func showCredential(
    _ client: Client, _ head: inout ByteWriter, body: (SigV4Signer) -> Void
  ) -> Bool {
    guard let credential = currentDeployment(client).pointee.credential else { return true }
    return showCredential(client, credential, &head, body)
  }

  @inline(never)
  private func showCredential(
    _ client: Client, _ credential: UnsafeMutablePointer<WorkerCredential>,
    _ head: inout ByteWriter, _ body: (SigV4Signer) -> Void
  ) -> Bool {
    client.pointee.exchange.credentialGeneration = credential.pointee.generation
    client.pointee.exchange.credentialSkew = credential.pointee.skew
    head.truncate(to: head.count - 2)
    if !credential.pointee.field.isEmpty {
      head.append(credential.pointee.field)
    } else if !credential.pointee.sign(
      &head, wallMilliseconds: wallMilliseconds, hashing: body)
    {
      return false
    }
    head.append("\r\n")
    return !head.overflowed
  }

  /// What keeps the gateway from having a credential; nil where it has one by now.
  func credentialError(_ client: Client) -> GatewayError? {
    guard let credential = currentDeployment(client).pointee.credential else { return nil }
    let slot = credential.pointee.slot.takeUnretainedValue()
    let start = "The gateway '\(slot.gateway)' has no credential for its provider: "
    switch slot.standing {
    case .ready: return nil
    case .pending:
      return GatewayError(
        .credentialUnavailable, start + "none was issued in time.", retryAfterSeconds: 1)
    case .failed(let failure, let retryAt):
      let wait = retryAt.millisecondsSinceEpoch - wallMilliseconds
      return GatewayError(
        .credentialUnavailable, "\(start)\(failure.summary).",
        retryAfterSeconds: UInt64(max(1, (wait + 999) / 1_000)))
    }
  }

  // MARK: After a refusal

  /// Whether the request goes out again, once, because the answer says that the credential or the
  /// time of its signature is bad; its connection is free again then.
  @inline(__always)
  func showsCredentialAgain(_ client: Client, _ body: ByteView) -> Bool {
    let status = client.pointee.exchange.upstreamStatus
    guard status == 400 || status == 401 || status == 403,
      let credential = currentDeployment(client).pointee.credential
    else { return false }
    return showsAgain(client, credential, status, body)
  }

  @inline(never)
  private func showsAgain(
    _ client: Client, _ credential: UnsafeMutablePointer<WorkerCredential>, _ status: UInt16,
    _ body: ByteView
  ) -> Bool {
    guard !client.pointee.exchange.hasShownCredentialAgain else { return false }
    let isSigned = credential.pointee.field.isEmpty
    if isSigned, correctClock(client, credential, status, body) {
      showAgain(client)
      return true
    }
    guard status == 401 || (isSigned && CredentialRefusal.isAboutKeys(body)) else { return false }
    if client.pointee.exchange.credentialGeneration != credential.pointee.generation {
      showAgain(client)
      return true
    }
    let age = wallMilliseconds - credential.pointee.issuedMilliseconds
    guard age >= Self.renewalAgeMinimumMilliseconds else { return false }
    prepareToShowAgain(client)
    client.pointee.exchange.isCredentialRefused = true
    park(client, credential)
    credential.pointee.slot._withUnsafeGuaranteedRef { $0.wish(.renew) }
    return true
  }

  private func correctClock(
    _ client: Client, _ credential: UnsafeMutablePointer<WorkerCredential>, _ status: UInt16,
    _ body: ByteView
  ) -> Bool {
    let seconds = client.pointee.exchange.upstreamDateSeconds
    guard
      let correction = ClockSkew.correction(
        status: status, body: body,
        theirs: seconds > 0 ? Timestamp(secondsSinceEpoch: seconds) : nil,
        now: Timestamp(nanosecondsSinceEpoch: wallMilliseconds &* 1_000_000),
        applied: client.pointee.exchange.credentialSkew)
    else { return false }
    credential.pointee.slot._withUnsafeGuaranteedRef { $0.skew = correction }
    return true
  }

  private func prepareToShowAgain(_ client: Client) {
    client.pointee.exchange.hasShownCredentialAgain = true
    releaseUpstream(client)
    clearAnswer(client)
  }

  private func showAgain(_ client: Client) {
    prepareToShowAgain(client)
    open(client, currentDeployment(client).pointee.endpoint)
  }
}

/// What AWS says about keys that it does not take.
enum CredentialRefusal {
  private static let lookedAtBytesMaximum = 4 << 10

  /// Not where the keys are good but may not do this.
  static func isAboutKeys(_ body: ByteView) -> Bool {
    let text = body.prefix(lookedAtBytesMaximum)
    return text.firstIndex(of: "ExpiredToken") != nil
      || text.firstIndex(of: "security token") != nil
      || text.firstIndex(of: "UnrecognizedClient") != nil
      || text.firstIndex(of: "InvalidClientTokenId") != nil
      || text.firstIndex(of: "InvalidSignature") != nil
      || text.firstIndex(of: "request signature we calculated does not match") != nil
  }
}
