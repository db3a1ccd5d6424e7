// SPDX-License-Identifier: MIT

internal import ModelCatalog

/// Models that the configuration does not name: those that patterns take, and those that lists of
/// upstreams will bring in.
extension CatalogAssembly {
  func isPriced(_ route: ReadRoute) -> Bool {
    route.isLocal || route.prices != nil || gateways.ceiling != nil
  }

  /// Every line of `model_routing` takes the names that it matches and no model has. Without a
  /// price it serves none of them, and only keeps wider patterns from taking them.
  func addPatterns(to catalog: inout CatalogDescription) {
    let taken = Set(modelNames + models.groups.map(\.name))
    for route in gateways.routes where !taken.contains(route.pattern) {
      let serving = route.gateways.compactMap { name, _ in
        gateways.gateways.first { $0.description.name == name }
      }
      let deployments = (isPriced(route) ? serving : []).flatMap { gateway in
        gateway.keys.map { key -> DeploymentDescription in
          var deployment = gateway.deployment(of: route.pattern, key, upstreamModel: nil)
          deployment.droppedPrefixCount = droppedPrefixCount(route.pattern, serving)
          return deployment
        }
      }
      // What lists bring in has a row in the metrics for each provider.
      guard
        catalog.models.count + catalog.patterns.count + catalog.discoveries.count
          < CatalogLimits.modelsMaximum,
        catalog.deployments.count + deployments.count <= CatalogLimits.deploymentsMaximum
      else {
        route.field.report("there is no room for `\(route.pattern)` beside so many models")
        return
      }
      // With a gateway that is skipped the names are nobody else's all the same.
      let model = ModelDescription(
        name: route.pattern, provider: serving.first?.provider ?? "",
        capabilities: Capabilities(Capabilities.named.map(\.value)),
        prices: route.prices ?? (route.isLocal ? nil : gateways.ceiling), isLocal: route.isLocal)
      catalog.patterns.append(
        PatternDescription(route.pattern, model: deployments.isEmpty ? nil : model))
      catalog.deployments += deployments
    }
  }

  /// `openrouter/*` of a gateway `openrouter` says where to, and only the rest what to ask there.
  private func droppedPrefixCount(_ pattern: String, _ serving: [ReadGateway]) -> Int {
    guard let slash = pattern.utf8.firstIndex(of: UInt8(ascii: "/")) else { return 0 }
    let place = String(pattern[..<slash])
    let isPlace = serving.contains { $0.description.name == place || $0.type == place }
    return isPlace ? place.utf8.count + 1 : 0
  }

  func addDiscoveries(to catalog: inout CatalogDescription) {
    for gateway in gateways.gateways {
      guard var settings = gateway.discovery else { continue }
      guard gateway.description.baseURL != nil else {
        gateway.field.report("a gateway of type `scripted` has no list of models to discover")
        continue
      }
      if settings.prices == nil, !settings.isLocal { settings.prices = gateways.ceiling }
      if settings.prices == nil, !settings.isLocal {
        gateway.field.report(
          "the models that `discovery` finds have no price, so they would all be refused",
          help: "give `discovery` a `price`, `local: true` for own machines, or set "
            + "`routing.unpriced_models`")
      }
      guard catalog.models.count + catalog.discoveries.count < CatalogLimits.modelsMaximum else {
        gateway.field.report("there is no room for what `discovery` finds beside so many models")
        return
      }
      catalog.discoveries.append(
        DiscoveryDescription(
          gateway: gateway.description.name, provider: gateway.provider, settings: settings,
          deployments: gateway.keys.map { gateway.deployment(of: "", $0, upstreamModel: "") }))
    }
  }
}

extension ReadGateway {
  /// Of models that only the gateway knows.
  var provider: String {
    let generic = [GatewayType.generic, GatewayType.scripted, "ollama", "vllm"]
    return generic.contains(type) ? description.name : type
  }

  func deployment(
    of model: String, _ key: Key, upstreamModel: String?
  ) -> DeploymentDescription {
    DeploymentDescription(
      model: model, gateway: description.name, region: key.region, apiKey: key.text,
      upstreamModel: upstreamModel, weight: key.weight,
      hasResponsesOnly: responsesOnly.contains { Glob.matches(pattern: $0, name: model) })
  }
}
