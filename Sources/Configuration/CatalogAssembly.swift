// SPDX-License-Identifier: MIT

internal import ModelCatalog

/// Combines models and gateways into a catalogue: checks every name, expands globs and aliases,
/// and decides which gateways serve which model.
struct CatalogAssembly {
  let models: ModelsDocument
  let gateways: GatewaysDocument
  let reading: Reading

  private(set) var modelNames: [String] = []
  private var groupMembers: [String: [GroupDescription.Member]] = [:]
  /// Names that mean something else, so that no list brings in a model of them.
  private let reserved: Set<String>

  init(models: ModelsDocument, gateways: GatewaysDocument, reading: Reading) {
    self.models = models
    self.gateways = gateways
    self.reading = reading
    var reserved: Set<String> = ["auto"]
    reserved.formUnion(models.groups.map(\.name))
    reserved.formUnion(gateways.routes.map(\.pattern))
    for model in models.models.map(\.description) {
      reserved.insert("\(model.provider)/\(model.name)")
    }
    self.reserved = reserved
  }

  /// Names that a key's `models` may hold.
  var knownNames: [String] { modelNames + models.groups.map(\.name) }

  /// Patterns of names that a key's `models` may hold as well: no model has them yet.
  var openPatterns: [String] {
    gateways.routes.filter { isPriced($0) }.map(\.pattern) + discoveredPatterns
  }

  /// What models that lists bring in may be called.
  private var discoveredPatterns: [String] {
    gateways.gateways.compactMap(\.discovery).flatMap { discovery in
      discovery.patterns.map { discovery.prefix + $0 }
    }
  }

  mutating func assemble() -> CatalogDescription {
    var catalog = CatalogDescription(defaultStrategy: gateways.strategy ?? .order)
    catalog.affinity = gateways.affinity
    catalog.models = checkedModels()
    modelNames = catalog.models.map(\.name).sorted()
    catalog.groups = checkedGroups()
    checkUpstreamModels()
    addDeployments(to: &catalog)
    addDiscoveries(to: &catalog)
    addPatterns(to: &catalog)
    return catalog
  }

  private func checkedModels() -> [ModelDescription] {
    var first: [String: Field] = [:]
    var result: [ModelDescription] = []
    for model in models.models {
      if let earlier = first[model.description.name] {
        reportTwice("model", model.description.name, model.field, earlier)
        continue
      }
      first[model.description.name] = model.field
      var description = model.description
      if description.prices == nil, !description.isLocal { description.prices = gateways.ceiling }
      result.append(description)
    }
    noticeUnpriced(
      models.models.filter {
        !$0.description.isLocal && $0.description.prices == nil && gateways.ceiling == nil
          && $0.description.unitPrices == .none
      })
    if result.count > CatalogLimits.modelsMaximum, let last = models.models.last {
      last.field.report("more than \(CatalogLimits.modelsMaximum) models")
      result.removeLast(result.count - CatalogLimits.modelsMaximum)
    }
    return result
  }

  private func reportTwice(_ what: String, _ name: String, _ field: Field, _ earlier: Field) {
    field.report(
      "\(what) `\(name)` is defined twice",
      help: "the first is on line \(earlier.place.line) of \(earlier.file.path)")
  }

  private mutating func checkedGroups() -> [GroupDescription] {
    var first: [String: Field] = [:]
    for model in models.models { first[model.description.name] = model.field }
    var result: [GroupDescription] = []
    for group in models.groups {
      if let earlier = first[group.name] {
        reportTwice(group.isAlias ? "alias" : "group", group.name, group.field, earlier)
        continue
      }
      first[group.name] = group.field
      var members: [GroupDescription.Member] = []
      for member in group.members {
        for name in expand(member) where !members.contains(name) { members.append(name) }
      }
      groupMembers[group.name] = members
      result.append(
        GroupDescription(
          name: group.name, members: members, strategy: group.strategy, isAlias: group.isAlias,
          affinity: group.affinity))
    }
    if result.count > CatalogLimits.groupsMaximum, let last = models.groups.last {
      last.field.report("more than \(CatalogLimits.groupsMaximum) groups and aliases")
    }
    return result
  }

  /// What a member stands for: itself, the members of an earlier group, or the models of a glob;
  /// and what lists may bring in by its name.
  private func expand(_ member: (text: String, field: Field)) -> [GroupDescription.Member] {
    if models.models.contains(where: { $0.description.name == member.text }) {
      return [.model(member.text)]
    }
    if let earlier = groupMembers[member.text] { return earlier }
    let isGlob = member.text.contains("*")
    var members: [GroupDescription.Member] = []
    if isGlob {
      members = modelNames.filter { Glob.matches(pattern: member.text, name: $0) }
        .map(GroupDescription.Member.model)
    }
    let isFree = isGlob || !reserved.contains(member.text)
    if isFree, discoveredPatterns.contains(where: { Glob.overlap($0, member.text) }) {
      members.append(.discovered(member.text))
    }
    let help = isGlob ? "" : Reading.suggestion(for: member.text, among: modelNames)
    if members.isEmpty {
      member.field.report(
        isGlob ? "no model matches `\(member.text)`" : "unknown model `\(member.text)`",
        help: help)
    } else if !isGlob {
      member.field.report(
        "no model `\(member.text)` is configured: it is a member when `discovery` finds it",
        severity: .notice, help: help)
    }
    return members
  }

  private func checkUpstreamModels() {
    for gateway in gateways.gateways {
      for (model, upstream) in gateway.upstreamModels where !modelNames.contains(model) {
        upstream.field.report(
          "unknown model `\(model)`", help: Reading.suggestion(for: model, among: modelNames))
      }
    }
  }

  private func addDeployments(to catalog: inout CatalogDescription) {
    let routes = checkedRoutes()
    guard !gateways.gateways.isEmpty else {
      serveScripted(&catalog)
      return
    }
    catalog.gateways = gateways.gateways.map(\.description)
    var upstreams: [String: String] = [:]
    for model in models.models { upstreams[model.description.name] = model.upstream }
    var unserved: [String] = []
    for model in catalog.models {
      let serving = serving(model, routes)
      if serving.isEmpty, !waitsForVariable(model) { unserved.append(model.name) }
      for gateway in serving {
        for key in gateway.keys {
          catalog.deployments.append(
            gateway.deployment(
              of: model.name, key,
              upstreamModel: gateway.upstreamModels[model.name]?.name ?? upstreams[model.name]))
        }
      }
    }
    noticeUnserved(unserved)
    let excess = catalog.deployments.count - CatalogLimits.deploymentsMaximum
    if excess > 0, let last = gateways.gateways.last {
      last.field.report("more than \(CatalogLimits.deploymentsMaximum) deployments")
      catalog.deployments.removeLast(excess)
    }
  }

  /// Whether its pattern leads to a gateway that is skipped, which a notice has said.
  private func waitsForVariable(_ model: ModelDescription) -> Bool {
    let route = gateways.routes.first { Glob.matches(pattern: $0.pattern, name: model.name) }
    return route?.gateways.contains { gateways.skipped.contains($0.text) } ?? false
  }

  private func noticeUnserved(_ names: [String]) {
    guard let name = names.first,
      let model = models.models.first(where: { $0.description.name == name })
    else { return }
    let shown = names.prefix(10).map { "`\($0)`" }.joined(separator: ", ")
    let more = names.count > 10 ? " and \(names.count - 10) more" : ""
    model.field.report(
      "no gateway serves \(shown)\(more)", severity: .notice,
      help: "lead it to one under `model_routing`, or give a gateway the model's provider as `type`"
    )
  }

  /// Models that every request is refused for, since an unknown price is never zero.
  private func noticeUnpriced(_ models: [ReadModel]) {
    guard let first = models.first else { return }
    let shown = models.prefix(10).map { "`\($0.description.name)`" }.joined(separator: ", ")
    let more = models.count > 10 ? " and \(models.count - 10) more" : ""
    first.field.report(
      "no price is known of \(shown)\(more): requests are refused", severity: .notice,
      help: "give a `price`, `local: true`, or a ceiling in `routing.unpriced_models`")
  }

  private func serveScripted(_ catalog: inout CatalogDescription) {
    catalog.gateways = [
      GatewayDescription(name: GatewayType.scripted, baseURL: nil, authentication: .none)
    ]
    catalog.deployments = catalog.models.map {
      DeploymentDescription(model: $0.name, gateway: GatewayType.scripted)
    }
  }

  /// The routes with names of gateways that exist, the most specific first; other names are
  /// reported.
  private func checkedRoutes() -> [(pattern: String, gateways: [String])] {
    let known = gateways.gateways.map(\.description.name)
    return gateways.routes.map { route in
      let names = route.gateways.compactMap { name, field -> String? in
        if known.contains(name) { return name }
        if !gateways.skipped.contains(name) {
          field.report(
            "unknown gateway `\(name)`",
            help: Reading.suggestion(for: name, among: known + gateways.skipped))
        }
        return nil
      }
      return (route.pattern, names)
    }
  }

  /// The gateways of the first route that matches; without a match those whose type is the
  /// model's provider, and else the generic ones.
  private func serving(
    _ model: ModelDescription, _ routes: [(pattern: String, gateways: [String])]
  ) -> [ReadGateway] {
    let all = gateways.gateways
    if let route = routes.first(where: { Glob.matches(pattern: $0.pattern, name: model.name) }) {
      return route.gateways.compactMap { name in all.first { $0.description.name == name } }
    }
    let own = all.filter { $0.type == model.provider }
    if !own.isEmpty { return own }
    return all.filter { $0.type == GatewayType.generic || $0.type == GatewayType.scripted }
  }
}
