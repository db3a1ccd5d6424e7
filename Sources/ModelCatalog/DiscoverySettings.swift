// SPDX-License-Identifier: MIT

/// How an upstream's list of models is kept up to date, and what of it is served.
public struct DiscoverySettings: Hashable, Sendable {
  /// Models of one gateway that its list can bring in at most.
  public static let modelsLimit: Int64 = 1_000

  public var intervalMilliseconds: Int64 = 600_000
  /// Of each request for a page of the list.
  public var timeoutMilliseconds: Int64 = 30_000
  /// How long a model that is listed no more is served yet.
  public var graceMilliseconds: Int64 = 3_600_000
  /// Which of the listed models are served: patterns of the upstream's names.
  public var patterns = ["*"]
  /// What stands before the upstream's name in ours.
  public var prefix = ""
  /// Of the models that the list brings in; nil where it is not known.
  public var prices: ModelPrices?
  /// They run on own machines and cost nothing.
  public var isLocal = false
  /// Models that are brought in at most; the first of the list.
  public var modelsMaximum: Int64 = 200
  /// An interval is drawn from ± this many thousandths of its length.
  public var jitterThousandths: Int64 = 100

  public init() {}
}

/// A gateway whose list is kept up to date.
public struct DiscoveryDescription: Sendable {
  public var gateway: String
  /// Of the models that it brings in.
  public var provider: String
  public var settings: DiscoverySettings
  /// One for each of the gateway's keys; the models' names are filled in.
  public var deployments: [DeploymentDescription]

  public init(
    gateway: String, provider: String, settings: DiscoverySettings,
    deployments: [DeploymentDescription]
  ) {
    self.gateway = gateway
    self.provider = provider
    self.settings = settings
    self.deployments = deployments
  }
}
