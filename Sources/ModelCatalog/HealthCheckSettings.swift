// SPDX-License-Identifier: MIT

/// How a gateway's upstream is probed for its health.
public struct HealthCheckSettings: Hashable, Sendable {
  public enum Kind: String, CaseIterable, Sendable {
    /// The upstream's list of models, or `path`: costs nothing, and says that the server answers
    /// and takes the key.
    case models
    /// A chat of one token: costs that, and says that a model answers.
    case chat
  }

  public var kind = Kind.models
  /// Asked with GET instead of the list of models; below the base URL.
  public var path: String?
  /// The model of chats; nil for the cheapest of the gateway's.
  public var model: String?
  public var intervalMilliseconds: Int64 = 10_000
  /// Of one probe, from connecting to the last byte.
  public var timeoutMilliseconds: Int64 = 2_000
  /// Probes in a row that must fail before nothing is sent there any more.
  public var unhealthyAfter: Int64 = 3
  /// Probes in a row that must succeed before requests are sent there again.
  public var healthyAfter: Int64 = 2
  /// An interval is drawn from ± this many thousandths of its length.
  public var jitterThousandths: Int64 = 200

  public init() {}
}
