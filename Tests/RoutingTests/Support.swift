// SPDX-License-Identifier: MIT

import Accounts
import Bytes
import CedarSyntax
import DecisionIR
import ModelCatalog
import PolicyCompiler
import Routing
import Testing

/// A small world to route in: models with prices, two groups, one deployment each unless said.
struct World {
  var description: CatalogDescription
  var keys: [KeyDescription] = []
  var policies = "@id(\"base\") permit (principal, action, resource);"
  let registry = HealthRegistry()
  var settings = CircuitTests.settings

  init() {
    func model(
      _ name: String, _ provider: String, _ input: Int64, family: String = "f",
      capabilities: Capabilities = [.chat, .tools], window: Int64 = 100_000
    ) -> ModelDescription {
      ModelDescription(
        name: name, provider: provider, family: family, contextWindowTokens: window,
        capabilities: capabilities,
        prices: ModelPrices(
          input: Price(picodollarsPerToken: input),
          output: Price(picodollarsPerToken: input * 4)))
    }
    description = CatalogDescription(
      models: [
        model("ada", "one", 500, capabilities: [.chat, .tools, .vision]),
        model("bob", "two", 300), model("cid", "two", 100, window: 1_000),
        model("dan", "three", 300), model("eva", "three", 900),
        model("vec", "three", 10, capabilities: .embeddings),
      ],
      groups: [
        GroupDescription(name: "smart", models: ["ada", "bob", "dan"]),
        GroupDescription(name: "cheap", models: ["bob", "cid", "dan"], strategy: .cost),
        GroupDescription(name: "all", models: ["ada", "bob", "cid", "dan", "eva", "vec"]),
        GroupDescription(name: "alias", models: ["eva"], isAlias: true),
      ],
      gateways: [
        GatewayDescription(
          name: "gw", baseURL: BaseURL(isTLS: false, host: "h", port: 1, pathPrefix: "/v1"))
      ],
      deployments: ["ada", "bob", "cid", "dan", "eva", "vec"].map {
        DeploymentDescription(model: $0, gateway: "gw")
      })
  }

  func program() throws -> Program {
    let (set, diagnostics) = parsePolicies(policies, dialect: true)
    #expect(diagnostics.isEmpty, "\(diagnostics)")
    return try compilePolicies(set).get().program
  }

  func snapshot() throws -> RoutingSnapshot {
    try RoutingSnapshot(
      catalog: Catalog(description), keys: KeyTable(keys), program: program(),
      registry: registry, circuitSettings: settings)
  }

  func router() throws -> Tester { Tester(router: Router(try snapshot())) }
}

/// A router with answers as text.
struct Tester {
  let router: Router

  struct Answer {
    var plan: RoutePlan
    /// Names of the attempts' models in order.
    var models: [String]
    /// Outcome of each candidate by model.
    var outcomes: [String: CandidateOutcome]
  }

  func route(
    _ name: String, now: Int64 = 0, key: KeyIndex? = nil, principal: PreparedPrincipal? = nil,
    tags: String? = nil, _ change: (inout RouteRequest) -> Void = { _ in }
  ) -> Answer {
    var plan = RoutePlan()
    name.withByteView { view in
      (tags ?? "").withByteView { tag in
        var request = RouteRequest(requestedModel: view, key: key, nowMilliseconds: now)
        if !tag.isEmpty { request.add(tag: tag) }
        change(&request)
        router.route(request, principal: principal, into: &plan)
      }
    }
    let catalog = router.snapshot.catalog
    var outcomes: [String: CandidateOutcome] = [:]
    for position in 0..<plan.candidateCount {
      let candidate = router.candidate(position)
      outcomes[catalog.model(candidate.model).name.string] = candidate.outcome
    }
    let models = (0..<plan.attemptCount).map { catalog.model(plan.attempt($0).model).name.string }
    return Answer(plan: plan, models: models, outcomes: outcomes)
  }

  func health(_ model: String) -> HealthReference {
    let catalog = router.snapshot.catalog
    let index = model.withByteView { catalog.model(named: $0) }!
    return router.snapshot.health(
      of: DeploymentIndex(rawValue: catalog.model(index).firstDeployment))
  }

  /// Opens the circuit of a model's first deployment until `until`.
  func open(_ model: String, now: Int64 = 0, until: Int64) {
    let health = health(model)
    let settings = router.snapshot.circuitSettings
    let admission = health.begin(nowMilliseconds: now, settings: settings)
    health.end(
      .rateLimited(retryAfterMilliseconds: until - now), admission: admission,
      nowMilliseconds: now, random: 0, settings: settings)
  }
}
