// SPDX-License-Identifier: MIT

import Bytes
import ModelCatalog
import Routing
import Testing

/// A condition, and a request for which it holds; without the change it must not hold.
struct ContextCase: Sendable, CustomTestStringConvertible {
  var condition: String
  var tag: String?
  var change: @Sendable (inout RouteRequest) -> Void
  var testDescription: String { condition }
}

@Suite("Router: what policies see")
struct ContextTests {
  static let cases = [
    ContextCase(condition: "context.cost_budget_remaining < 10.0") {
      $0.costBudgetRemaining = 99_999
    },
    ContextCase(condition: "context.budget_used_ratio >= 0.8") { $0.budgetUsedRatio = 8_000 },
    ContextCase(condition: "context.latency_sla_ms < 500") { $0.latencySLAMilliseconds = 499 },
    ContextCase(condition: "context.estimated_input_tokens == 7") { $0.estimatedInputTokens = 7 },
    ContextCase(condition: "context has max_output_tokens && context.max_output_tokens == 0") {
      $0.maximumOutputTokens = 0
    },
    // 1,000 tokens in at 500 and 100 out at 2,000 picodollars: 0.0000007 USD, rounded up.
    ContextCase(condition: "context.estimated_cost == decimal(\"0.0001\")") {
      $0.estimatedInputTokens = 1_000
      $0.maximumOutputTokens = 100
    },
    ContextCase(condition: "context.stream") { $0.isStream = true },
    ContextCase(condition: "context.has_tools") { $0.hasTools = true },
    ContextCase(condition: "context.has_images") { $0.hasImages = true },
    ContextCase(condition: "context.now > datetime(\"2026-01-01\")") {
      $0.wallMilliseconds = 1_800_000_000_000
    },
    ContextCase(
      condition: "context has source_ip && context.source_ip.isInRange(ip(\"10.0.0.0/8\"))"
    ) { $0.sourceAddress = .version4(0x0a01_0203) },
    ContextCase(condition: "context has source_ip && context.source_ip.isLoopback()") {
      $0.sourceAddress = .version6(high: 0, low: 1)
    },
    ContextCase(condition: "context.tags.contains(\"red\")", tag: "red") { _ in },
  ]

  @Test("each attribute of the context", arguments: cases)
  func attribute(_ item: ContextCase) throws {
    var world = World()
    world.policies = "permit (principal, action, resource) when { \(item.condition) };"
    let tester = try world.router()
    let holds = tester.route("ada", tags: item.tag, item.change)
    #expect(holds.plan.outcome == .routed)
    let not = tester.route("ada") {
      $0.maximumOutputTokens = item.condition.contains("cost ==") ? 10_000_000 : -1
    }
    #expect(not.plan.outcome == .denied)
    #expect(not.plan.failureCount == 0)
  }

  @Test("the requested name and the use case, as written")
  func texts() throws {
    var world = World()
    world.policies = """
      permit (principal, action, resource) when {
        context.requested_model == "smart" && context has use_case && context.use_case == "x"
      };
      """
    let tester = try world.router()
    var plan = RoutePlan()
    "smart".withByteView { name in
      "x".withByteView { useCase in
        var request = RouteRequest(requestedModel: name, nowMilliseconds: 0)
        request.useCase = useCase
        tester.router.route(request, into: &plan)
      }
    }
    #expect(plan.outcome == .routed)
    #expect(tester.route("smart").plan.outcome == .denied)
  }

  @Test(
    "each attribute of a model",
    arguments: [
      "resource.name == \"ada\"", "resource.provider == \"one\"", "resource.family == \"f\"",
      "resource.region == \"\"", "!resource.is_local", "resource.context_window == 100000",
      "resource.max_output_tokens == 4096", "resource.capabilities.contains(\"vision\")",
      "resource.input_cost_per_mtok == decimal(\"0.0005\")",
      "resource.output_cost_per_mtok < 0.0021", "resource.average_latency_ms == 0",
      "resource.p95_latency_ms == 0", "resource.current_error_rate == decimal(\"0.0\")",
      "resource.in_flight == 0", "resource.circuit == \"closed\"",
      "resource in ModelGroup::\"smart\"", "resource in Provider::\"one\"",
    ])
  func modelAttribute(condition: String) throws {
    var world = World()
    world.policies = "permit (principal, action, resource) when { \(condition) };"
    #expect(try world.router().route("ada").plan.outcome == .routed)
    world.policies = "permit (principal, action, resource) when { !(\(condition)) };"
    #expect(try world.router().route("ada").plan.outcome == .denied)
  }

  @Test("live attributes follow the deployments within the time of a refresh")
  func live() throws {
    var world = World()
    world.policies += """
      @id("errors") forbid (principal, action, resource)
        when { resource.current_error_rate > 0.05 };
      @id("slow") forbid (principal, action, resource)
        when { resource.average_latency_ms > context.latency_sla_ms };
      """
    world.settings.consecutiveFailures = 127
    world.settings.errorRateThousandths = 1_000
    let tester = try world.router()
    #expect(tester.route("ada", now: 1_000).plan.outcome == .routed)
    let settings = tester.router.snapshot.circuitSettings
    for step in 0..<20 {
      let health = tester.health("ada")
      let admission = health.begin(nowMilliseconds: 1_001, settings: settings)
      health.end(
        step < 2 ? .failure : .success, admission: admission, nowMilliseconds: 1_001, random: 0,
        settings: settings)
    }
    #expect(tester.route("ada", now: 1_100).plan.outcome == .routed)
    let denied = tester.route("ada", now: 1_250)
    #expect(tester.router.forbids(of: denied.plan) == ["errors"])
    #expect(tester.route("ada", now: 40_000).plan.outcome == .routed)
    tester.health("ada").measure(latencyMicroseconds: 900_000)
    let slow = tester.route("ada", now: 41_000) { $0.latencySLAMilliseconds = 899 }
    #expect(tester.router.forbids(of: slow.plan) == ["slow"])
    #expect(
      tester.route("ada", now: 41_000) { $0.latencySLAMilliseconds = 900 }.plan.outcome == .routed)
  }

  @Test("a policy that errs is passed over and counted")
  func failures() throws {
    var world = World()
    world.policies += "forbid (principal, action, resource) when { context.stream < 3 };"
    let plan = try world.router().route("ada").plan
    #expect(plan.outcome == .routed && plan.failureCount > 0)
  }
}
