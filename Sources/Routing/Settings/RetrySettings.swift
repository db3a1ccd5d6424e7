// SPDX-License-Identifier: MIT

/// How often a request is tried again, and what the gateway as a whole may spend on it.
public struct RetrySettings: Hashable, Sendable {
  /// Attempts in all, the first included: 1 to `RoutePlan.attemptsMaximum`.
  public var attemptsMaximum: Int64 = 4
  /// Pause before the second attempt at the same deployment; doubled each time, full jitter.
  public var backoffMilliseconds: Int64 = 100
  public var backoffMaximumMilliseconds: Int64 = 2_000
  /// Retries allowed per thousand requests, so that an outage is not multiplied.
  public var budgetThousandths: Int64 = 200
  /// Retries allowed per second whatever the traffic.
  public var budgetMinimumPerSecond: Int64 = 10
  /// Upstream statuses worth another attempt.
  public var statuses: Set<Int> = [408, 409, 429, 500, 502, 503, 504, 529]

  public init() {}
}

extension RetrySettings {
  /// The most attempts that a configuration may ask for.
  public static let attemptsLimit = Int64(16)
}
