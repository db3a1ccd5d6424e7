// SPDX-License-Identifier: MIT

import ArgumentParser
import ControlPlane
import PolicyService

/// `gateway openapi`: the API document that `docs/reference` holds a copy of.
struct OpenAPICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "openapi", abstract: "Print the OpenAPI document of the policy router.")

  func run() throws { print(PolicyAPI(DocumentState()).document.json.prettyText) }
}

/// A state for the document only: its routes are described and never called.
private struct DocumentState: PolicyServiceState {
  func route(_ query: RouteQuery) -> Result<RouteAnswer, RouteRefusal> {
    .failure(.unknownModel(nearest: []))
  }
  func evaluate(_ query: EvaluateQuery) throws(FieldProblems) -> EvaluateAnswer {
    EvaluateAnswer(
      isAllowed: false, reasons: [], errors: [], policyVersion: "", evaluationMicroseconds: 0)
  }
  func reload() async -> ReloadOutcome {
    .refused(ReloadRefusal(findings: [], runningVersion: nil))
  }
  func rollBack(to version: String?) async -> ReloadReport? { nil }
  func versions() -> [String] { [] }
  func models() -> [ModelStatus] { [] }
  func decision(_ identifier: String) -> RoutingDecision? { nil }
  func status() -> PolicyServiceStatus {
    PolicyServiceStatus(policyVersion: nil, policyCount: 0, modelCount: 0)
  }
}
