// SPDX-License-Identifier: MIT

public import ModelCatalog
public import Routing

/// How a probe ended.
public enum ProbeResult: UInt8, CaseIterable, Sendable {
  case success
  case failure
  /// It says nothing of the upstream's health: it was not sent, or was answered with 429.
  case inconclusive
}

/// When one account of an upstream is probed, and what the probes say of it. Pure: time and
/// randomness are arguments, what to do is the answer.
///
/// Valid transitions of the verdict
/// - unknown → healthy on the first success; → unhealthy after `unhealthyAfter` failures in a row
/// - healthy → unhealthy after `unhealthyAfter` failures in a row
/// - unhealthy → healthy after `healthyAfter` successes in a row
/// - inconclusive probes change nothing, and break no row
public struct ProbeMonitor: Sendable {
  public enum Event: Sendable {
    /// Time has passed.
    case time
    /// Requests have found a fault: the next probe does not wait for its time.
    case suspicion
    case ended(ProbeResult)
  }

  public struct Actions: Equatable, Sendable {
    /// A probe is to be sent; its end is the next event but `time` and `suspicion`.
    public var probes = false
    /// The verdict, where it has changed.
    public var change: ProbeVerdict?

    public init(probes: Bool = false, change: ProbeVerdict? = nil) {
      self.probes = probes
      self.change = change
    }
  }

  /// Between two probes of one that is under suspicion, if its interval is longer.
  public static let suspicionIntervalMilliseconds: Int64 = 1_000

  private let settings: HealthCheckSettings
  public private(set) var verdict = ProbeVerdict.unknown
  /// When the next probe is due.
  public private(set) var nextMilliseconds: Int64
  private var lastMilliseconds = Int64.min / 2
  private var isProbing = false
  private var successes: Int64 = 0
  private var failures: Int64 = 0

  /// - Parameter random: uniform bits. The first probe comes within a tenth of the interval, so
  ///   that many gateways are not all probed at once.
  public init(_ settings: HealthCheckSettings, nowMilliseconds now: Int64, random: UInt64) {
    self.settings = settings
    let spread = max(settings.intervalMilliseconds / 10, 1)
    nextMilliseconds = now + Int64(random % UInt64(spread))
  }

  public mutating func handle(
    _ event: Event, nowMilliseconds now: Int64, random: UInt64
  ) -> Actions {
    switch event {
    case .time: return probeIfDue(now, random)
    case .suspicion:
      let gap = min(settings.intervalMilliseconds, Self.suspicionIntervalMilliseconds)
      nextMilliseconds = min(nextMilliseconds, max(lastMilliseconds + gap, now))
      return probeIfDue(now, random)
    case .ended(let result):
      isProbing = false
      return Actions(change: count(result))
    }
  }

  private mutating func probeIfDue(_ now: Int64, _ random: UInt64) -> Actions {
    guard !isProbing, now >= nextMilliseconds else { return Actions() }
    isProbing = true
    lastMilliseconds = now
    nextMilliseconds = now + interval(random)
    return Actions(probes: true)
  }

  private func interval(_ random: UInt64) -> Int64 {
    let length = max(settings.intervalMilliseconds, 1)
    let spread = length * min(max(settings.jitterThousandths, 0), 1_000) / 1_000
    return max(length - spread + Int64(random % UInt64(2 * spread + 1)), 1)
  }

  private mutating func count(_ result: ProbeResult) -> ProbeVerdict? {
    switch result {
    case .inconclusive: return nil
    case .success:
      successes += 1
      failures = 0
      guard verdict == .unknown || (verdict == .unhealthy && successes >= settings.healthyAfter)
      else { return nil }
      verdict = .healthy
    case .failure:
      failures += 1
      successes = 0
      guard verdict != .unhealthy, failures >= settings.unhealthyAfter else { return nil }
      verdict = .unhealthy
    }
    return verdict
  }
}
