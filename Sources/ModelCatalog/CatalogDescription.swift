// SPDX-License-Identifier: MIT

/// A model as written: the input of `Catalog.init`.
public struct ModelDescription: Sendable {
  public var name: String
  public var provider: String
  public var family: String
  public var contextWindowTokens: Int64
  public var maximumOutputTokens: Int64
  public var capabilities: Capabilities
  /// Nil when unknown.
  public var prices: ModelPrices?
  /// What attempts are charged; nil: as `prices` say.
  public var tariff: Tariff?
  public var unitPrices = UnitPrices.none
  public var isLocal: Bool
  public var origin = ModelOrigin.configured

  public init(
    name: String, provider: String, family: String = "", contextWindowTokens: Int64 = 128_000,
    maximumOutputTokens: Int64 = 4_096, capabilities: Capabilities = [.chat],
    prices: ModelPrices? = nil, tariff: Tariff? = nil, isLocal: Bool = false
  ) {
    self.name = name
    self.provider = provider
    self.family = family
    self.contextWindowTokens = contextWindowTokens
    self.maximumOutputTokens = maximumOutputTokens
    self.capabilities = capabilities
    self.prices = prices
    self.tariff = tariff
    self.isLocal = isLocal
  }
}

/// A gateway as written, with its variables already replaced.
public struct GatewayDescription: Sendable {
  public var name: String
  public var wireProtocol: WireProtocol
  public var authentication: AuthenticationStyle
  /// Nil where the credential is a key of the deployments, or none.
  public var credentialSource: CredentialSource?
  /// Nil for the built-in scripted provider, whose address is known when it has started.
  public var baseURL: BaseURL?
  /// Whether it may know of traces: the gateway sends it `traceparent`, `tracestate` and `baggage`.
  public var isTrusted: Bool
  /// Nil where it is not probed.
  public var healthCheck: HealthCheckSettings?
  /// Whether requests of the Responses API go there as they are.
  public var hasResponses: Bool
  /// Of Azure's older paths, which name the deployment; nil for all others.
  public var apiVersion: String?
  /// Of all its deployments together, and of each of them; nil: as many as come.
  public var concurrency: ConcurrencyLimit?
  public var deploymentConcurrency: ConcurrencyLimit?

  public init(
    name: String, baseURL: BaseURL?, wireProtocol: WireProtocol = .openAICompatible,
    authentication: AuthenticationStyle = .bearer, credentialSource: CredentialSource? = nil,
    isTrusted: Bool = false, hasResponses: Bool = false, apiVersion: String? = nil,
    concurrency: ConcurrencyLimit? = nil, deploymentConcurrency: ConcurrencyLimit? = nil
  ) {
    self.hasResponses = hasResponses
    self.apiVersion = apiVersion
    self.name = name
    self.baseURL = baseURL
    self.wireProtocol = wireProtocol
    self.authentication = authentication
    self.isTrusted = isTrusted
    self.credentialSource = credentialSource
    self.concurrency = concurrency
    self.deploymentConcurrency = deploymentConcurrency
  }
}

/// A deployment as written.
public struct DeploymentDescription: Sendable {
  public var model: String
  public var gateway: String
  public var region: String
  public var apiKey: String
  public var upstreamModel: String
  public var weight: UInt32
  /// The model is there by the Responses API alone.
  public var hasResponsesOnly: Bool
  /// Of a pattern's deployment: so many bytes of a name are not sent upstream.
  public var droppedPrefixCount = 0

  public init(
    model: String, gateway: String, region: String = "", apiKey: String = "",
    upstreamModel: String? = nil, weight: UInt32 = 1, hasResponsesOnly: Bool = false
  ) {
    self.hasResponsesOnly = hasResponsesOnly
    self.model = model
    self.gateway = gateway
    self.region = region
    self.apiKey = apiKey
    self.upstreamModel = upstreamModel ?? model
    self.weight = weight
  }
}

/// A line of `model_routing`, for names that no model has.
public struct PatternDescription: Sendable {
  public var pattern: String
  /// What such names are served as, by the pattern's name, which deployments use as well; nil where
  /// the pattern only keeps others from taking them.
  public var model: ModelDescription?

  public init(_ pattern: String, model: ModelDescription?) {
    self.pattern = pattern
    self.model = model
    self.model?.name = pattern
    self.model?.origin = .pattern
  }
}

/// Everything a `Catalog` is made of.
public struct CatalogDescription: Sendable {
  public var models: [ModelDescription]
  public var groups: [GroupDescription]
  public var gateways: [GatewayDescription]
  public var deployments: [DeploymentDescription]
  /// What takes names that no model has, in any order.
  public var patterns: [PatternDescription] = []
  /// The gateways whose lists of models are kept up to date.
  public var discoveries: [DiscoveryDescription] = []
  public var defaultStrategy: RoutingStrategy
  public var affinity = AffinityDescription()

  public init(
    models: [ModelDescription] = [], groups: [GroupDescription] = [],
    gateways: [GatewayDescription] = [], deployments: [DeploymentDescription] = [],
    defaultStrategy: RoutingStrategy = .order
  ) {
    self.models = models
    self.groups = groups
    self.gateways = gateways
    self.deployments = deployments
    self.defaultStrategy = defaultStrategy
  }

  /// Whether the scripted provider must run for this catalogue to be served.
  public var needsScriptedProvider: Bool { gateways.contains { $0.baseURL == nil } }

  /// What requests can ask for: models, also as `provider/model`, groups, names that have a line of
  /// `model_routing` to themselves, and everything. No upstream's list may give these another
  /// meaning.
  public var takenNames: Set<String> {
    var names: Set<String> = ["auto"]
    for model in models {
      names.insert(model.name)
      names.insert("\(model.provider)/\(model.name)")
    }
    return names.union(groups.map(\.name)).union(patterns.map(\.pattern))
  }
}

/// Why a description is not a catalogue. Configuration reports the same with file and line
/// before it gets here; this is the check for descriptions made by hand.
public enum CatalogError: Error, Hashable, Sendable {
  case duplicateName(String)
  case unknownModel(String, in: String)
  case unknownGateway(String, of: String)
  case missingScriptedEndpoint
  case overLimit(String, maximum: Int)
  case invalidWeight(UInt32, of: String)
}
