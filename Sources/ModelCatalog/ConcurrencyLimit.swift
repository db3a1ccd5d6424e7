// SPDX-License-Identifier: MIT

/// How many requests an account or a deployment is given at a time, and how many may wait for it.
@frozen
public struct ConcurrencyLimit: BitwiseCopyable, Hashable, Sendable {
  /// Requests at a time, over all workers: 1 to `maximumLimit`.
  public var maximum: Int64
  /// Where the limit follows the provider's latency, up to `maximum`.
  public var adaptive: AdaptiveLimit?
  /// Requests that may wait for a place, over all workers; what comes beyond is refused.
  public var queueMaximum: Int64
  /// How long one waits at most.
  public var queueTimeoutMilliseconds: Int64

  public static let maximumLimit: Int64 = 1_000_000
  public static let queueLimit: Int64 = 1_000_000
  /// Where the configuration names none.
  public static let queueTimeoutMillisecondsStandard: Int64 = 2_000

  /// - Parameter queueMaximum: nil for as many as have places.
  public init(
    maximum: Int64, adaptive: AdaptiveLimit? = nil, queueMaximum: Int64? = nil,
    queueTimeoutMilliseconds: Int64 = ConcurrencyLimit.queueTimeoutMillisecondsStandard
  ) {
    self.maximum = min(max(maximum, 1), Self.maximumLimit)
    self.adaptive = adaptive
    self.queueMaximum = min(max(queueMaximum ?? maximum, 0), Self.queueLimit)
    self.queueTimeoutMilliseconds = max(queueTimeoutMilliseconds, 1)
  }
}
