// SPDX-License-Identifier: MIT

public import ModelCatalog

extension CatalogDescription {
  /// The same with what lists have brought in, in the order of `discoveries`: models of their own,
  /// served by those that list them, and in the groups that wait for them. What there is no room
  /// for is left out.
  ///
  /// A model has one price, which holds for each of its deployments, and is what budgets reckon
  /// with before a call. So where upstreams list the same name, only those of one price serve it:
  /// that of the first whose price is known.
  public func adding(_ found: [DiscoveredModels]) -> CatalogDescription {
    var result = addingModels(found)
    let names = result.models.filter(\.origin.isDiscovery).map(\.name).sorted()
    var room =
      CatalogLimits.groupMembersMaximum - groups.reduce(0) { $0 + $1.models.count }
    result.groups = groups.map { group in
      let grown = group.adding(names, countMaximum: room)
      room -= grown.models.count - group.models.count
      return grown
    }
    return result
  }

  private func addingModels(_ found: [DiscoveredModels]) -> CatalogDescription {
    var result = self
    var places: [String: Int] = [:]
    let terms = terms(found)
    for (discovery, models) in zip(discoveries, found) {
      for (name, entry) in models.entries.sorted(by: { $0.key < $1.key }) {
        guard terms[name] == Terms(discovery.settings) else { continue }
        guard
          result.deployments.count + discovery.deployments.count
            <= CatalogLimits.deploymentsMaximum
        else { return result }
        let isListed = entry.vanishedAtMilliseconds == nil
        if let place = places[name] {
          if isListed { result.models[place].origin = .discovered }
        } else {
          guard result.models.count + patterns.count < CatalogLimits.modelsMaximum
          else { return result }
          places[name] = result.models.count
          result.models.append(Self.model(name, entry.listed, discovery, isListed))
        }
        result.deployments += discovery.deployments.map { template in
          var deployment = template
          deployment.model = name
          deployment.upstreamModel = entry.listed.name
          return deployment
        }
      }
    }
    return result
  }

  /// What calls of a model cost.
  private struct Terms: Equatable {
    var prices: ModelPrices?
    var isLocal: Bool

    init(_ settings: DiscoverySettings) {
      (prices, isLocal) = (settings.prices, settings.isLocal)
    }

    var isKnown: Bool { prices != nil || isLocal }
  }

  private func terms(_ found: [DiscoveredModels]) -> [String: Terms] {
    var result: [String: Terms] = [:]
    for (discovery, models) in zip(discoveries, found) {
      let terms = Terms(discovery.settings)
      for name in models.entries.keys where !(result[name]?.isKnown ?? false) {
        if result[name] == nil || terms.isKnown { result[name] = terms }
      }
    }
    return result
  }

  private static func model(
    _ name: String, _ listed: ListedModel, _ discovery: DiscoveryDescription, _ isListed: Bool
  ) -> ModelDescription {
    var model = ModelDescription(
      name: name, provider: discovery.provider,
      capabilities: listed.capabilities.isEmpty ? [.chat, .tools] : listed.capabilities,
      prices: discovery.settings.prices, isLocal: discovery.settings.isLocal)
    if let tokens = listed.contextTokens, tokens > 0 { model.contextWindowTokens = tokens }
    if let tokens = listed.outputTokens, tokens >= 0 { model.maximumOutputTokens = tokens }
    model.origin = isListed ? .discovered : .vanished
    return model
  }
}
