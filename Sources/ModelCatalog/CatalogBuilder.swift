// SPDX-License-Identifier: MIT

internal import Bytes

/// Turns a description into the rows of a catalogue.
struct CatalogBuilder {
  let arena = TextArena()
  private(set) var models: [Model] = []
  private(set) var tariffs: [Tariff] = []
  private(set) var unitPrices: [UnitPrices] = []
  private(set) var groups: [ModelGroup] = []
  private(set) var groupMembers: [ModelIndex] = []
  private(set) var providers: [Provider] = []
  private(set) var gateways: [Gateway] = []
  private(set) var deployments: [Deployment] = []
  private(set) var namedModelCount = 0
  private(set) var patterns: [NamePattern] = []

  private var modelIndices: [String: ModelIndex] = [:]
  private var gatewayIndices: [String: GatewayIndex] = [:]

  static func build(
    _ description: CatalogDescription, scriptedEndpoint: BaseURL?
  )
    throws(CatalogError) -> CatalogBuilder
  {
    var builder = CatalogBuilder()
    try builder.checkLimits(description)
    let named = description.models.sorted {
      $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
    // Those of patterns are behind all others, the most specific first.
    let order = Glob.bySpecificity(description.patterns.map(\.pattern))
    let sorted = named + order.compactMap { description.patterns[$0].model }
    builder.namedModelCount = named.count
    builder.addPatterns(order.map { description.patterns[$0] })
    for (position, model) in sorted.enumerated() {
      let index = ModelIndex(rawValue: UInt16(position))
      guard builder.modelIndices.updateValue(index, forKey: model.name) == nil else {
        throw .duplicateName(model.name)
      }
    }
    try builder.addGateways(description.gateways)
    try builder.addDeployments(description, sorted, scriptedEndpoint: scriptedEndpoint)
    builder.addProviders(sorted)
    builder.addModels(sorted, description)
    try builder.addGroups(description.groups)
    return builder
  }

  private func checkLimits(_ description: CatalogDescription) throws(CatalogError) {
    let counts = [
      (
        "models", description.models.count + description.patterns.count,
        CatalogLimits.modelsMaximum
      ),
      ("groups", description.groups.count, CatalogLimits.groupsMaximum),
      ("gateways", description.gateways.count, CatalogLimits.gatewaysMaximum),
      ("deployments", description.deployments.count, CatalogLimits.deploymentsMaximum),
      (
        "group members", description.groups.reduce(0) { $0 + $1.models.count },
        CatalogLimits.groupMembersMaximum
      ),
    ]
    for (name, count, maximum) in counts where count > maximum {
      throw .overLimit(name, maximum: maximum)
    }
    let names = description.models.map(\.name) + description.groups.map(\.name)
    if let long = names.first(where: { $0.utf8.count > CatalogLimits.nameBytesMaximum }) {
      throw .overLimit(long, maximum: CatalogLimits.nameBytesMaximum)
    }
  }

  private mutating func addGateways(_ descriptions: [GatewayDescription]) throws(CatalogError) {
    for (position, gateway) in descriptions.enumerated() {
      let index = GatewayIndex(rawValue: UInt16(position))
      guard gatewayIndices.updateValue(index, forKey: gateway.name) == nil else {
        throw .duplicateName(gateway.name)
      }
      gateways.append(
        Gateway(
          index: index, name: arena.intern(gateway.name), wireProtocol: gateway.wireProtocol,
          isScripted: gateway.baseURL == nil, concurrency: gateway.concurrency,
          deploymentConcurrency: gateway.deploymentConcurrency))
    }
  }

  private mutating func addDeployments(
    _ description: CatalogDescription, _ models: [ModelDescription], scriptedEndpoint: BaseURL?
  ) throws(CatalogError) {
    for deployment in description.deployments {
      guard let model = modelIndices[deployment.model] else {
        throw .unknownModel(deployment.model, in: deployment.gateway)
      }
      guard let gateway = gatewayIndices[deployment.gateway] else {
        throw .unknownGateway(deployment.gateway, of: deployment.model)
      }
      guard (1...CatalogLimits.weightMaximum).contains(deployment.weight) else {
        throw .invalidWeight(deployment.weight, of: deployment.model)
      }
      let written = description.gateways[Int(gateway.rawValue)]
      guard let url = written.baseURL ?? scriptedEndpoint else { throw .missingScriptedEndpoint }
      deployments.append(
        Deployment(
          index: DeploymentIndex(rawValue: 0), model: model, gateway: gateway,
          gatewayName: arena.intern(written.name), region: arena.intern(deployment.region),
          endpoint: endpoint(url), authentication: written.authentication,
          wireProtocol: deployment.hasResponsesOnly ? .openAIResponses : written.wireProtocol,
          isScripted: written.baseURL == nil,
          apiKey: arena.intern(deployment.apiKey),
          upstreamModel: arena.intern(deployment.upstreamModel), weight: deployment.weight,
          isTrusted: written.isTrusted,
          hasResponses: written.hasResponses || deployment.hasResponsesOnly,
          apiVersionQuery: arena.intern(written.apiVersion.map { "api-version=\($0)" } ?? ""),
          isOpen: models[Int(model.rawValue)].origin == .pattern,
          droppedPrefixCount: UInt16(clamping: deployment.droppedPrefixCount), metricRow: 0))
    }
    // Grouped by model, heaviest first, then as written: a model's deployments are one range.
    let order = deployments.indices.sorted {
      let (left, right) = (deployments[$0], deployments[$1])
      if left.model != right.model { return left.model < right.model }
      return left.weight != right.weight ? left.weight > right.weight : $0 < $1
    }
    let rows = MetricRows(
      order.map { place -> Int? in
        let row = deployments[place]
        guard models[Int(row.model.rawValue)].origin.isDiscovery else { return nil }
        return description.discoveries.firstIndex {
          gatewayIndices[$0.gateway] == row.gateway
        }
      })
    deployments = order.enumerated().map { position, old in
      deployments[old].moved(
        to: DeploymentIndex(rawValue: UInt16(position)), metricRow: rows[position])
    }
  }

  private mutating func addPatterns(_ descriptions: [PatternDescription]) {
    var next = namedModelCount
    for description in descriptions {
      let model = description.model.map { _ in ModelIndex(rawValue: UInt16(next)) }
      if model != nil { next += 1 }
      patterns.append(NamePattern(text: arena.intern(description.pattern), model: model))
    }
  }

  private mutating func addProviders(_ descriptions: [ModelDescription]) {
    let names = Set(descriptions.map(\.provider)).sorted()
    providers = names.enumerated().map { position, name in
      Provider(index: ProviderIndex(rawValue: UInt16(position)), name: arena.intern(name))
    }
  }

  private mutating func addModels(
    _ sorted: [ModelDescription], _ description: CatalogDescription
  ) {
    let shared = description.discoveredProviders
    let rows = MetricRows(
      sorted.map { model in
        model.origin.isDiscovery ? shared.firstIndex(of: model.provider) : nil
      })
    var providerIndices: [String: ProviderIndex] = [:]
    for provider in providers { providerIndices[provider.name.string] = provider.index }
    var next = 0
    for (position, model) in sorted.enumerated() {
      unitPrices.append(model.unitPrices)
      tariffs.append(model.tariff ?? model.prices.map { Tariff($0) } ?? .free)
      let first = next
      while next < deployments.count, Int(deployments[next].model.rawValue) == position {
        next += 1
      }
      models.append(
        Model(
          index: ModelIndex(rawValue: UInt16(position)),
          provider: providerIndices[model.provider] ?? ProviderIndex(rawValue: 0),
          name: arena.intern(model.name), family: arena.intern(model.family),
          contextWindowTokens: model.contextWindowTokens,
          maximumOutputTokens: model.maximumOutputTokens, capabilities: model.capabilities,
          prices: model.prices ?? ModelPrices(input: .zero, output: .zero),
          isPriced: model.prices != nil || model.isLocal, isLocal: model.isLocal,
          firstDeployment: UInt16(first), deploymentCount: UInt16(next - first),
          origin: model.origin, metricRow: rows[position]))
    }
  }

  private mutating func addGroups(_ descriptions: [GroupDescription]) throws(CatalogError) {
    var seen = Set(modelIndices.keys)
    for (position, group) in descriptions.enumerated() {
      guard seen.insert(group.name).inserted else { throw .duplicateName(group.name) }
      let first = groupMembers.count
      for name in group.models {
        guard let model = modelIndices[name] else { throw .unknownModel(name, in: group.name) }
        groupMembers.append(model)
      }
      groups.append(
        ModelGroup(
          index: GroupIndex(rawValue: UInt16(position)), name: arena.intern(group.name),
          strategy: group.strategy, affinity: group.affinity, isAlias: group.isAlias,
          firstMember: UInt16(first), memberCount: UInt16(groupMembers.count - first)))
    }
  }

  private func endpoint(_ url: BaseURL) -> Endpoint {
    let bracketed = url.host.contains(":") ? "[\(url.host)]" : url.host
    let isDefaultPort = url.port == (url.isTLS ? 443 : 80)
    return Endpoint(
      host: arena.intern(url.host),
      hostHeader: arena.intern(isDefaultPort ? bracketed : "\(bracketed):\(url.port)"),
      pathPrefix: arena.intern(url.pathPrefix), port: url.port, isTLS: url.isTLS,
      http2: url.http2)
  }
}

extension Deployment {
  fileprivate func moved(to index: DeploymentIndex, metricRow: UInt16) -> Deployment {
    Deployment(
      index: index, model: model, gateway: gateway, gatewayName: gatewayName, region: region,
      endpoint: endpoint, authentication: authentication, wireProtocol: wireProtocol,
      isScripted: isScripted, apiKey: apiKey, upstreamModel: upstreamModel, weight: weight,
      isTrusted: isTrusted, hasResponses: hasResponses, apiVersionQuery: apiVersionQuery,
      isOpen: isOpen, droppedPrefixCount: droppedPrefixCount, metricRow: metricRow)
  }
}
