// SPDX-License-Identifier: MIT

public import Clocks
public import EventLoop
public import ModelCatalog

/// An upstream whose list is kept up to date.
public struct DiscoveryTarget: Sendable {
  /// The ways in: the first that is let in is asked.
  public var accounts: [UpstreamAccount]
  public var settings: DiscoverySettings
  /// The upstream's names of models that the configuration has here.
  public var placed: Set<String>

  public init(
    accounts: [UpstreamAccount], settings: DiscoverySettings, placed: Set<String> = []
  ) {
    self.accounts = accounts
    self.settings = settings
    self.placed = placed
  }
}

/// What the service tells its owner, for metrics and the log. `target` counts from 0.
public enum DiscoveryReport: Sendable {
  /// - Parameter isFirst: the listing before it had not failed.
  case failed(target: Int, ListingProblem, isFirst: Bool)
  /// - Parameter isListing: by a list, not by a grace that is over.
  case listed(target: Int, DiscoveredModels, DiscoveredModels.Changes, isListing: Bool)
}

/// Lists the models of upstreams again and again from the control loop, each at its own pace and
/// never two at a time of one: first at once, since nothing that is discovered is served before. A
/// listing that fails changes nothing, and is tried again soon.
///
/// SAFETY: `@unchecked Sendable` because all of it happens on the loop's thread.
public final class DiscoveryService: @unchecked Sendable {
  /// After one failure; it doubles with each, up to the interval.
  static let retryMilliseconds: Int64 = 5_000
  /// How often is looked whether a credential has come.
  static let credentialMilliseconds: Int64 = 100

  private struct State {
    let target: DiscoveryTarget
    var models: DiscoveredModels
    var nextMilliseconds: Int64
    var isListing = false
    var failureCount: Int64 = 0
  }

  private let client: UpstreamClient
  private let clock: MonotonicClock
  private let report: @Sendable (DiscoveryReport) -> Void
  private var random: RandomSource
  private var states: [State] = []
  private var timer: LoopTimer?
  private var isClosed = false

  /// - Parameters:
  ///   - taken: names that requests can use without any list.
  ///   - report: called on the loop's thread.
  public init(
    _ targets: [DiscoveryTarget], taken: Set<String>, with client: UpstreamClient,
    clock: MonotonicClock = .system, random: RandomSource = RandomSource(),
    report: @escaping @Sendable (DiscoveryReport) -> Void
  ) {
    self.client = client
    self.clock = clock
    self.report = report
    self.random = random
    let now = nowMilliseconds
    states = targets.map { target in
      State(
        target: target,
        models: DiscoveredModels(target.settings, taken: taken, placed: target.placed),
        nextMilliseconds: now)
    }
  }

  /// What has been found so far, in the order of the targets. On the loop's thread.
  public var found: [DiscoveredModels] { states.map(\.models) }

  /// On the loop's thread, or before the loop runs.
  ///
  /// - Throws: `LoopError` when the system refuses another timer.
  public func start() throws(LoopError) {
    timer = try LoopTimer(on: client.loop)
    tick()
  }

  /// On the loop's thread, or after the loop has ended. A listing under way comes to nothing.
  public func close() {
    isClosed = true
    timer?.close()
    timer = nil
  }

  private var nowMilliseconds: Int64 { clock.now().nanoseconds / 1_000_000 }

  private func tick() {
    if isClosed { return }
    let now = nowMilliseconds
    var wake = Int64.max
    for index in states.indices {
      if let expiry = states[index].models.nextExpiryMilliseconds, expiry <= now {
        let changes = states[index].models.expire(nowMilliseconds: now)
        report(.listed(target: index, states[index].models, changes, isListing: false))
      }
      if !states[index].isListing {
        if states[index].nextMilliseconds > now {
          wake = min(wake, states[index].nextMilliseconds)
        } else if states[index].target.accounts.contains(where: \.isWaitingForCredential) {
          wake = min(wake, now + Self.credentialMilliseconds)
        } else {
          list(index)
        }
      }
      wake = min(wake, states[index].models.nextExpiryMilliseconds ?? .max)
    }
    // Listings under way call this again at their end.
    guard wake < .max else { return }
    timer?.start(delayMilliseconds: UInt64(max(wake - now, 1))) { [weak self] in self?.tick() }
  }

  private func list(_ index: Int) {
    states[index].isListing = true
    let target = states[index].target
    let explorer = UpstreamExplorer(
      client, timeoutMilliseconds: Int(target.settings.timeoutMilliseconds))
    Task(executorPreference: client.loop) { [weak self] in
      let result = await Self.list(target.accounts, with: explorer)
      self?.take(result, index)
    }
  }

  /// A key that is refused, or has no requests left, says nothing of the next one.
  private static func list(
    _ accounts: [UpstreamAccount], with explorer: UpstreamExplorer
  ) async -> Result<[ListedModel], ListingProblem> {
    var problem = ListingProblem("it has no account")
    for account in accounts {
      do throws(ListingProblem) {
        return .success(try await explorer.list(account))
      } catch {
        problem = error
        guard [401, 403, 429].contains(error.status) else { break }
      }
    }
    return .failure(problem)
  }

  private func take(_ result: Result<[ListedModel], ListingProblem>, _ index: Int) {
    if isClosed { return }
    states[index].isListing = false
    let settings = states[index].target.settings
    let now = nowMilliseconds
    switch result {
    case .failure(let problem):
      states[index].failureCount += 1
      let doubled = Self.retryMilliseconds << min(states[index].failureCount - 1, 20)
      states[index].nextMilliseconds =
        now + drawn(min(doubled, settings.intervalMilliseconds), settings)
      report(.failed(target: index, problem, isFirst: states[index].failureCount == 1))
    case .success(let listed):
      states[index].failureCount = 0
      states[index].nextMilliseconds = now + drawn(settings.intervalMilliseconds, settings)
      let changes = states[index].models.take(listed, nowMilliseconds: now)
      report(.listed(target: index, states[index].models, changes, isListing: true))
    }
    tick()
  }

  private func drawn(_ length: Int64, _ settings: DiscoverySettings) -> Int64 {
    let spread = length * min(max(settings.jitterThousandths, 0), 1_000) / 1_000
    return max(length - spread + Int64(random.next() % UInt64(2 * spread + 1)), 1)
  }
}
