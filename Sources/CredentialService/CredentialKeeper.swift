// SPDX-License-Identifier: MIT

import Bytes
public import Clocks
public import Credentials
import EventLoop
import ModelCatalog
import Network

/// What a keeper tells its owner, for the log.
public enum CredentialReport: Sendable {
  case obtained(origin: String, expiresAt: Timestamp?)
  case failed(FetchFailure, retryAt: Timestamp?)
}

/// Keeps one gateway's credential good: drives its fetches and publishes what comes of them.
///
/// SAFETY: `@unchecked Sendable` because all of it happens on the loop's thread; the slot is made
/// for several.
final class CredentialKeeper: @unchecked Sendable {
  let slot: CredentialSlot
  private let source: CredentialSource
  private let fieldStart: String
  private let surroundings: Surroundings
  private let transport: FetchTransport
  private let clock: WallClock
  private let report: @Sendable (CredentialReport) -> Void
  private var cache: TokenCache
  private var random = RandomSource()
  private var timer: LoopTimer?
  private var isClosed = false
  /// The token that was reported last: one that is read again and again is no news.
  private var lastToken: Secret?

  /// How often a key file is looked at.
  static let keyFileInterval = Interval.seconds(30)
  /// The timer is set for no longer, so that a clock that was set right is noticed.
  static let sleepMaximumMilliseconds: Int64 = 600_000

  init(
    slot: CredentialSlot, source: CredentialSource, fieldStart: String,
    surroundings: Surroundings, transport: FetchTransport, clock: WallClock,
    report: @escaping @Sendable (CredentialReport) -> Void
  ) {
    self.slot = slot
    self.source = source
    self.fieldStart = fieldStart
    self.surroundings = surroundings
    self.transport = transport
    self.clock = clock
    self.report = report
    var settings = TokenCache.Settings()
    if case .keyFile = source { settings.lookAgain = Self.keyFileInterval }
    cache = TokenCache(settings)
  }

  /// - Throws: `LoopError` when the system refuses another timer.
  func start() throws(LoopError) {
    timer = try LoopTimer(on: transport.loop)
    slot.setOwner { [weak self, loop = transport.loop] wish in
      loop.execute { [weak self] in self?.handle(wish == .renew ? .rejected : .time) }
    }
    handle(.start)
  }

  func reload() { handle(.reloaded) }

  func close() {
    isClosed = true
    timer?.close()
    timer = nil
  }

  private func handle(_ event: TokenCache.Event, _ published: PublishedCredential? = nil) {
    if isClosed { return }
    let actions = cache.handle(
      event, now: clock.now(), random: random.next(below: UInt32.max))
    switch actions.publication {
    case .issued: slot.publish(published.map { .ready($0) })
    case .pending: slot.publish(.pending)
    case .failure(let failure, let retryAt):
      slot.publish(.failed(failure, retryAt: retryAt))
      report(.failed(failure, retryAt: retryAt))
    case .unchanged:
      slot.publish(nil)
      if let failure = cache.lastFailure { report(.failed(failure, retryAt: actions.wakeAt)) }
    case nil: break
    }
    if actions.fetches { fetch() }
    sleep(until: actions.wakeAt)
  }

  private func sleep(until time: Timestamp?) {
    guard let time else {
      timer?.stop()
      return
    }
    // Rounded up: too early would be once more for nothing.
    let wait = ((time - clock.now()).nanoseconds + 999_999) / 1_000_000
    let delay = UInt64(min(max(wait, 0), Self.sleepMaximumMilliseconds))
    timer?.start(delayMilliseconds: delay) { [weak self] in self?.handle(.time) }
  }

  // MARK: Fetching

  private func fetch() {
    Task(executorPreference: transport.loop) { [weak self] in
      guard let (source, transport, clock) = self.map({ ($0.source, $0.transport, $0.clock) }),
        let surroundings = self?.surroundings
      else { return }
      let result = await transport.run(source.fetch(surroundings), clock)
      self?.finish(result)
    }
  }

  private func finish(_ result: Result<IssuedCredential, FetchFailure>) {
    switch result {
    case .failure(let failure): handle(.failed(failure))
    case .success(let issued):
      guard
        let published = PublishedCredential(
          issued, fieldStart: fieldStart, issuedAt: clock.now())
      else {
        handle(.failed(FetchFailure("the credential is no text that a header can hold")))
        return
      }
      handle(.issued(expiresAt: issued.expiresAt), published)
      if case .token(let token) = issued.content, case .keyFile = source {
        if token == lastToken { return }
        lastToken = token
      }
      report(.obtained(origin: issued.origin, expiresAt: issued.expiresAt))
    }
  }
}

extension CredentialSource {
  func fetch(_ surroundings: Surroundings) -> any CredentialFetch {
    switch self {
    case .keyFile(let path): KeyFileFetch(path: path)
    case .aws(let settings): settings.fetch(surroundings)
    case .google(let settings): settings.fetch(surroundings)
    case .entra(let settings): settings.fetch(surroundings)
    }
  }
}
