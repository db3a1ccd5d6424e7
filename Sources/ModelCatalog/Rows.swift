// SPDX-License-Identifier: MIT

public import Bytes

/// One model, as a plain row. The views live as long as the catalogue.
@frozen
public struct Model: BitwiseCopyable, Sendable {
  public let index: ModelIndex
  public let provider: ProviderIndex
  public let name: ByteView
  public let family: ByteView
  public let contextWindowTokens: Int64
  /// 0 for models that produce no text (embeddings).
  public let maximumOutputTokens: Int64
  public let capabilities: Capabilities
  public let prices: ModelPrices
  /// False when the catalogue knows no price and the model does not run on own machines: such a
  /// model is refused or charged at the configured ceiling, never at 0.
  public let isPriced: Bool
  /// True for models on own machines, whose price is 0 by right.
  public let isLocal: Bool
  /// The model's deployments: a range of `Catalog.deployment(_:)`, heaviest weight first.
  public let firstDeployment: UInt16
  public let deploymentCount: UInt16
  public let origin: ModelOrigin
  /// Its row in the metrics, which a later catalogue keeps for the same model.
  public let metricRow: UInt16

  /// The raw indices of the model's deployments.
  @inlinable public var deployments: Range<Int> {
    Int(firstDeployment)..<Int(firstDeployment) + Int(deploymentCount)
  }
}

/// How the catalogue came to have a model.
@frozen
public enum ModelOrigin: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case configured
  /// It stands for every name that no model has and `name`, a pattern of `model_routing`, takes.
  case pattern
  /// Its upstream lists it.
  case discovered
  /// Its upstream listed it, and does not any more.
  case vanished

  public var name: String { "\(self)" }

  /// Whether an upstream's list, and not the configuration, has brought it in.
  @inlinable public var isDiscovery: Bool { self == .discovered || self == .vanished }
}

/// What takes names that no model has.
@frozen
public struct NamePattern: BitwiseCopyable, Sendable {
  public let text: ByteView
  /// What they are served as; nil where no price or no gateway is known for them.
  public let model: ModelIndex?
}

/// A group or an alias: an ordered list of models under one name.
@frozen
public struct ModelGroup: BitwiseCopyable, Sendable {
  public let index: GroupIndex
  public let name: ByteView
  /// Nil: the configured default strategy.
  public let strategy: RoutingStrategy?
  /// Nil: as `Catalog.affinity` says.
  public let affinity: AffinityKeys?
  /// True for a name that merely stands for others and is not a `ModelGroup` entity to policies.
  public let isAlias: Bool
  public let firstMember: UInt16
  public let memberCount: UInt16

  /// Positions for `Catalog.groupMember(_:)`, in the order of the configuration.
  @inlinable public var members: Range<Int> {
    Int(firstMember)..<Int(firstMember) + Int(memberCount)
  }
}

/// Who makes or serves a model.
@frozen
public struct Provider: BitwiseCopyable, Sendable {
  public let index: ProviderIndex
  public let name: ByteView
}

/// An upstream account: base URL, protocol, credential style.
@frozen
public struct Gateway: BitwiseCopyable, Sendable {
  public let index: GatewayIndex
  public let name: ByteView
  public let wireProtocol: WireProtocol
  /// True for the built-in provider that answers without any network.
  public let isScripted: Bool
  /// Of all its deployments together, and of each of them; nil: as many as come.
  public let concurrency: ConcurrencyLimit?
  public let deploymentConcurrency: ConcurrencyLimit?
}

/// One way to reach one model: gateway × region × key.
@frozen
public struct Deployment: BitwiseCopyable, Sendable {
  public let index: DeploymentIndex
  public let model: ModelIndex
  public let gateway: GatewayIndex
  public let gatewayName: ByteView
  /// Empty when the gateway has no region.
  public let region: ByteView
  public let endpoint: Endpoint
  public let authentication: AuthenticationStyle
  public let wireProtocol: WireProtocol
  public let isScripted: Bool
  /// The provider's credential. Never written to logs, traces, errors or the ledger.
  public let apiKey: ByteView
  /// The name under which the upstream knows the model.
  public let upstreamModel: ByteView
  /// Share of traffic among the model's deployments, 1 to 10,000.
  public let weight: UInt32
  /// Whether trace context and baggage go there.
  public let isTrusted: Bool
  /// Whether requests of the Responses API go there as they are.
  public let hasResponses: Bool
  /// `api-version=…` of Azure's older paths, which name the deployment; empty for others.
  public let apiVersionQuery: ByteView
  /// Whether its model is a pattern: requests name what the upstream is asked for.
  public let isOpen: Bool
  /// So many bytes at the start of such a name are for the gateway alone.
  public let droppedPrefixCount: UInt16
  /// Its row in the metrics, which a later catalogue keeps for the same deployment.
  public let metricRow: UInt16
}

/// What a requested name stands for.
@frozen
public enum CatalogName: BitwiseCopyable, Hashable, Sendable {
  case model(ModelIndex)
  case group(GroupIndex)
}
