// SPDX-License-Identifier: MIT

import Accounts
import Bytes
import CedarSyntax
import DecisionIR
import ModelCatalog
import PolicyCompiler
import Routing

/// A routed request over 100 models, with 3, 100 and 1,000 policies: candidates, decision, ranking
/// and the plan of attempts, as the data plane asks for it. And what a reload compiles.
enum RoutingBenchmarks {
  static let modelCount = 100

  /// What a user writes first: everything is permitted but slow and failing models.
  static let three = """
    @id("base")
    permit (principal, action == "routing:select_model", resource);

    @id("latency") @priority(85)
    forbid (principal, action == "routing:select_model", resource)
    when { context.latency_sla_ms < 500 && resource.average_latency_ms > context.latency_sla_ms };

    @id("failing")
    forbid (principal, action == "routing:select_model", resource)
    when { resource.current_error_rate > 0.05 };

    """

  /// `three` and as many more as make `count`, each of a scope of its own: of a team, of a user,
  /// of a model.
  static func policies(_ count: Int) -> String {
    var text = three
    for number in 3..<max(3, count) {
      switch number % 3 {
      case 0:
        text += """
          @id("team-\(number)")
          forbid (principal in Team::"team-\(number)", action == "routing:select_model", resource)
          when { context.cost_budget_remaining < 10.0 && resource.output_cost_per_mtok > 5.0 };

          """
      case 1:
        text += """
          @id("user-\(number)") @priority(\(number))
          permit (principal == User::"user-\(number)", action == "routing:select_model", resource)
          when { resource.provider == "provider-\(number % 5)" };

          """
      default:
        text += """
          @id("model-\(number)")
          forbid (principal, action == "routing:select_model",
            resource == Model::"model-\(number % modelCount)")
          when { context.estimated_input_tokens > \(100_000 + number) && context.has_images };

          """
      }
    }
    return text
  }

  /// `three` and as many more as make `count`, for anyone, each for one value of an attribute of
  /// the request.
  static func policiesByValue(_ count: Int) -> String {
    three
      + (3..<count).map { number in
        """
        @id("size-\(number)")
        forbid (principal, action == "routing:select_model", resource)
        when { context.estimated_input_tokens == \(number) && resource.output_cost_per_mtok > 5.0 };
        """
      }.joined(separator: "\n")
  }

  static func catalog() throws -> Catalog {
    let models = (0..<modelCount).map { number in
      ModelDescription(
        name: "model-\(number)", provider: "provider-\(number % 5)",
        capabilities: [.chat, .tools, .vision],
        prices: ModelPrices(
          input: Price(picodollarsPerToken: Int64(number + 1) * 100_000),
          output: Price(picodollarsPerToken: Int64(number + 1) * 400_000)))
    }
    return try Catalog(
      CatalogDescription(
        models: models,
        groups: [GroupDescription(name: "all", models: models.map(\.name), strategy: .cost)],
        gateways: [
          GatewayDescription(
            name: "upstream",
            baseURL: BaseURL(isTLS: false, host: "127.0.0.1", port: 1, pathPrefix: "/v1"))
        ],
        deployments: models.map { DeploymentDescription(model: $0.name, gateway: "upstream") }))
  }

  static func compile(_ text: String) -> CompiledPolicies {
    let parsed = parsePolicies(text, dialect: true)
    precondition(!parsed.diagnostics.hasErrors, "the policies do not parse")
    guard case .success(let compiled) = compilePolicies(parsed.policies) else {
      preconditionFailure("the policies do not compile")
    }
    return compiled
  }

  static func snapshot(_ text: String) throws -> RoutingSnapshot {
    let key = KeyDescription(
      digest: KeyDigest(1, 2, 3, 4), name: "bench", user: "user-4", team: "team-3")
    return try RoutingSnapshot(
      catalog: try catalog(), keys: try KeyTable([key]),
      program: compile(text).program, registry: HealthRegistry())
  }

  static func run(_ harness: inout Harness) throws {
    let scoped = [3, 100, 1_000].map { ("\($0)-policies", policies($0)) }
    let byValue = [100, 1_000].map { ("\($0)-policies-by-value", policiesByValue($0)) }
    for (suffix, text) in scoped + byValue {
      let name = "routed-\(modelCount)-models-\(suffix)"
      guard harness.wants(name) else { continue }
      let router = Router(try snapshot(text))
      var plan = RoutePlan()
      "all".withByteView { requested in
        var request = RouteRequest(requestedModel: requested, nowMilliseconds: 1)
        request.key = KeyIndex(rawValue: 0)
        request.estimatedInputTokens = 300
        request.latencySLAMilliseconds = 5_000
        router.route(request, into: &plan)
        precondition(plan.outcome == .routed && plan.candidateCount == modelCount)
        harness.measure(name) {
          // Another value each time, so that nothing is taken over from the request before.
          request.estimatedInputTokens = request.estimatedInputTokens % 900 + 3
          router.route(request, into: &plan)
          consume(plan.attemptCount)
        }
      }
    }
    let text = policies(1_000)
    harness.measure("compile-1000-policies") { consume(compile(text).program) }
    guard harness.wants("snapshot-1000-policies") else { return }
    try harness.measure("snapshot-1000-policies") { consume(try snapshot(text)) }
  }
}
