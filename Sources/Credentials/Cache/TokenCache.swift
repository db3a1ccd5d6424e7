// SPDX-License-Identifier: MIT

public import Clocks

/// When a credential is fetched, and which one is served meanwhile: one state machine for each
/// source, so that there is never more than one fetch under way however many requests wait.
///
/// Pure: time and randomness come in, what is to be done goes out.
public struct TokenCache: Sendable {
  public struct Settings: Sendable {
    /// A credential is fetched anew so long before it expires, but never before three quarters of
    /// its life are over.
    public var refreshMargin = Interval.seconds(300)
    /// Between fetches that fail: doubled from the first to the second.
    public var retryFirst = Interval.seconds(1)
    public var retryLast = Interval.seconds(60)
    /// One that does not expire is looked at again so often; nil for never.
    public var lookAgain: Interval?

    public init() {}
  }

  /// How long the one that is served is good for, and when the next is wanted.
  public struct Validity: Equatable, Sendable {
    public var expiresAt: Timestamp?
    public var fetchAt: Timestamp?

    public init(expiresAt: Timestamp? = nil, fetchAt: Timestamp? = nil) {
      self.expiresAt = expiresAt
      self.fetchAt = fetchAt
    }
  }

  public enum State: Equatable, Sendable {
    /// Nothing has been asked for yet → `fetching`.
    case empty
    /// None is served and one is being fetched → `fresh`, `failed`.
    case fetching
    /// One is served → `refreshing`.
    case fresh(Validity)
    /// One is served while the next is being fetched → `fresh`, with the new one or, when the fetch
    /// fails, with the old; `fetching` when the old one expires before that.
    case refreshing(Validity)
    /// None is served, because of this → `fetching`.
    case failed(FetchFailure, retryAt: Timestamp)
  }

  public enum Event: Sendable {
    case start
    /// The time asked for has come, or something else made the owner look.
    case time
    case issued(expiresAt: Timestamp?)
    case failed(FetchFailure)
    /// A provider refused the one that is served, though it has not expired.
    case rejected
    /// What it is made from may have changed: files, keys.
    case reloaded
  }

  /// What the owner does, in this order.
  public struct Actions: Equatable, Sendable {
    public enum Publication: Equatable, Sendable {
      /// The credential that came with the event.
      case issued
      /// None yet: whoever needs one waits.
      case pending
      case failure(FetchFailure, retryAt: Timestamp)
      /// The one before goes on: for those who wait for a newer one.
      case unchanged
    }

    public var publication: Publication?
    /// A fetch is to be started. Never while another is under way.
    public var fetches = false
    /// When `time` is to come, at the latest; nil for never.
    public var wakeAt: Timestamp?

    public init(
      _ publication: Publication? = nil, fetches: Bool = false, wakeAt: Timestamp? = nil
    ) {
      self.publication = publication
      self.fetches = fetches
      self.wakeAt = wakeAt
    }
  }

  public private(set) var state = State.empty
  public let settings: Settings
  /// Fetches that failed since one succeeded.
  public private(set) var failureCount = 0
  /// The last failure since one succeeded.
  public private(set) var lastFailure: FetchFailure?
  /// Something changed while a fetch was under way, which may have missed it.
  private var isOutdated = false

  public init(_ settings: Settings = Settings()) { self.settings = settings }

  /// - Parameter random: any number; it spreads the fetches of gateways that started together.
  public mutating func handle(_ event: Event, now: Timestamp, random: UInt32) -> Actions {
    switch event {
    case .start, .time: return timePassed(now)
    case .issued(let expiresAt): return issued(expiresAt, now, random)
    case .failed(let failure): return failed(failure, now, random)
    case .rejected: return wanted(now, isChange: false)
    case .reloaded: return wanted(now, isChange: true)
    }
  }

  private mutating func timePassed(_ now: Timestamp) -> Actions {
    switch state {
    case .empty: return fetch(.pending)
    case .fetching: return Actions()
    case .fresh(let validity):
      if let expiry = validity.expiresAt, expiry <= now { return fetch(.pending) }
      guard let wanted = validity.fetchAt, wanted <= now else {
        return Actions(wakeAt: Self.earlier(validity.fetchAt, validity.expiresAt))
      }
      return refresh(validity)
    case .refreshing(let validity):
      guard let expiry = validity.expiresAt, expiry <= now else {
        return Actions(wakeAt: validity.expiresAt)
      }
      state = .fetching
      return Actions(.pending)
    case .failed(_, let retryAt):
      return retryAt <= now ? fetch(nil) : Actions(wakeAt: retryAt)
    }
  }

  private mutating func issued(
    _ expiresAt: Timestamp?, _ now: Timestamp, _ random: UInt32
  ) -> Actions {
    guard isFetching else { return Actions() }
    if let expiresAt, expiresAt <= now {
      return failed(FetchFailure("the credential that was issued has expired already"), now, random)
    }
    failureCount = 0
    lastFailure = nil
    let validity = Validity(expiresAt: expiresAt, fetchAt: fetchTime(expiresAt, now, random))
    if isOutdated {
      isOutdated = false
      state = .refreshing(validity)
      return Actions(.issued, fetches: true, wakeAt: expiresAt)
    }
    state = .fresh(validity)
    return Actions(.issued, wakeAt: Self.earlier(validity.fetchAt, expiresAt))
  }

  private mutating func failed(
    _ failure: FetchFailure, _ now: Timestamp, _ random: UInt32
  ) -> Actions {
    guard isFetching else { return Actions() }
    isOutdated = false
    lastFailure = failure
    let retryAt = now + retryDelay(random)
    failureCount += 1
    if case .refreshing(var validity) = state, validity.expiresAt.map({ $0 > now }) ?? true {
      validity.fetchAt = retryAt
      state = .fresh(validity)
      return Actions(.unchanged, wakeAt: Self.earlier(retryAt, validity.expiresAt))
    }
    state = .failed(failure, retryAt: retryAt)
    return Actions(.failure(failure, retryAt: retryAt), wakeAt: retryAt)
  }

  private mutating func wanted(_ now: Timestamp, isChange: Bool) -> Actions {
    switch state {
    case .empty: return fetch(.pending)
    case .fetching, .refreshing:
      if isChange { isOutdated = true }
      return timePassed(now)
    case .fresh(let validity): return refresh(validity)
    case .failed: return isChange ? fetch(.pending) : timePassed(now)
    }
  }

  // MARK: Steps

  private var isFetching: Bool {
    switch state {
    case .fetching, .refreshing: true
    case .empty, .fresh, .failed: false
    }
  }

  private mutating func fetch(_ publication: Actions.Publication?) -> Actions {
    state = .fetching
    return Actions(publication, fetches: true)
  }

  private mutating func refresh(_ validity: Validity) -> Actions {
    state = .refreshing(validity)
    return Actions(fetches: true, wakeAt: validity.expiresAt)
  }

  /// Earlier by up to a fifth of the margin, at random.
  private func fetchTime(
    _ expiresAt: Timestamp?, _ now: Timestamp, _ random: UInt32
  ) -> Timestamp? {
    guard let expiresAt else { return settings.lookAgain.map { now + $0 } }
    let life = (expiresAt - now).nanoseconds
    let margin = min(settings.refreshMargin.nanoseconds, life / 4)
    let spread = margin / 5 / 1_000 * Int64(random % 1_000)
    return expiresAt + Interval(nanoseconds: -margin - spread)
  }

  /// Half of it is sure, half is drawn.
  private func retryDelay(_ random: UInt32) -> Interval {
    let first = max(settings.retryFirst.nanoseconds, 1)
    let doublings = Int64(min(failureCount, 20))
    let full = min(first << doublings, max(settings.retryLast.nanoseconds, first))
    return Interval(nanoseconds: full / 2 + full / 2 / 1_000 * Int64(random % 1_000))
  }

  private static func earlier(_ one: Timestamp?, _ other: Timestamp?) -> Timestamp? {
    guard let one, let other else { return one ?? other }
    return min(one, other)
  }
}
