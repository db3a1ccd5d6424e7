// SPDX-License-Identifier: MIT

import ControlPlane
import PolicyService
import Routing
import Synchronization

/// A state that answers what the test says and remembers what it was asked.
final class ScriptedState: PolicyServiceState {
  struct Script {
    var route: Result<RouteAnswer, RouteRefusal> = .success(.example)
    var reload: ReloadOutcome = .loaded(.example)
    var versions = ["b", "a"]
    var version: String? = "b"
    var lastProblem: String?
    var routeQueries: [RouteQuery] = []
    var evaluateQueries: [EvaluateQuery] = []
  }

  let script = Mutex(Script())

  func route(_ query: RouteQuery) -> Result<RouteAnswer, RouteRefusal> {
    script.withLock {
      $0.routeQueries.append(query)
      return $0.route
    }
  }

  func evaluate(_ query: EvaluateQuery) throws(FieldProblems) -> EvaluateAnswer {
    script.withLock { $0.evaluateQueries.append(query) }
    return EvaluateAnswer(
      isAllowed: true, reasons: ["base"], errors: [.init(policy: "p", message: "overflow")],
      policyVersion: "b", evaluationMicroseconds: 1.5)
  }

  func reload() async -> ReloadOutcome { script.withLock { $0.reload } }

  func rollBack(to version: String?) async -> ReloadReport? {
    script.withLock { script in
      version == nil || script.versions.contains(version ?? "") ? .example : nil
    }
  }

  func versions() -> [String] { script.withLock { $0.versions } }

  func models() -> [ModelStatus] { [.example] }

  func decision(_ identifier: String) async -> RoutingDecision? {
    switch identifier {
    case "yes": .allowed(.example)
    case "no": .denied(.example)
    default: nil
    }
  }

  func status() -> PolicyServiceStatus {
    PolicyServiceStatus(
      policyVersion: script.withLock { $0.version }, policyCount: 3, modelCount: 100,
      lastReloadProblem: script.withLock { $0.lastProblem })
  }
}

extension RouteAnswer {
  static let example = RouteAnswer(
    decisionID: "d1", policyVersion: "b", requestedModel: "smart",
    chosen: Target(model: "gpt-4o", provider: "openai", gateway: "main", region: ""),
    policy: "base", strategy: "cost",
    affinity: Affinity(
      key: "session", among: "deployments", deployment: "main/gpt-4o#0", isMoved: false,
      inputPrice: 2.5, cacheReadPrice: 1.25, saving: nil,
      use: .init(deployment: "main/gpt-4o#0", cacheReadTokens: 1_000, saved: 0.001_25)),
    obligations: [Obligation("cache", "off")],
    fallbacks: [Target(model: "o3", provider: "openai", gateway: "main", region: "eu")],
    candidates: [
      Candidate(
        model: "gpt-4o", provider: "openai", outcome: "chosen", rank: 1, policy: "base",
        priorityTenThousandths: 1_005_000, reason: "It won."),
      Candidate(
        model: "slow", provider: "vllm", outcome: "forbidden", policy: "no-slow",
        reason: "Forbidden by `no-slow`."),
    ],
    errors: [PolicyError(policy: "broken", message: "no such attribute")],
    evaluationMicroseconds: 8.25)
}

extension RouteDenial {
  static let example = RouteDenial(
    decisionID: "d2", policyVersion: "b", requestedModel: "smart", outcome: .denied,
    forbids: ["no-slow", "breaker"],
    candidates: [
      .init(
        model: "slow", provider: "vllm", outcome: "forbidden", policy: "no-slow",
        reason: "Forbidden by `no-slow`.")
    ], evaluationMicroseconds: 7)
}

extension ReloadReport {
  static let example = ReloadReport(
    version: "b", policyCount: 3, testCount: 2, milliseconds: 4.5, isChanged: true, findings: [])
}

extension ModelStatus {
  static let example: ModelStatus = {
    let measured = Measurements(
      averageLatencyMilliseconds: 12.5, p95LatencyMilliseconds: nil, errorRate: 0.25, inFlight: 3,
      circuit: "half-open")
    return ModelStatus(
      model: "gpt-4o", provider: "openai", groups: ["smart"], measurements: measured,
      deployments: [
        Deployment(
          gateway: "main", region: "", upstreamModel: "gpt-4o-2024", weight: 10,
          measurements: measured)
      ])
  }()
}
