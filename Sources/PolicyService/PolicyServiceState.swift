// SPDX-License-Identifier: MIT

/// What the policy API needs of the program around it. Every call sees one snapshot of policies
/// and models from start to end.
public protocol PolicyServiceState: Sendable {
  /// Routes as the data plane would, without calling any provider, and remembers the decision.
  func route(_ query: RouteQuery) -> Result<RouteAnswer, RouteRefusal>

  /// Decides a request of any kind.
  /// - Throws: ``FieldProblems`` when the entities contradict each other.
  func evaluate(_ query: EvaluateQuery) throws(FieldProblems) -> EvaluateAnswer

  /// Reads the policies anew and puts them in force when they are right.
  func reload() async -> ReloadOutcome

  /// Puts an earlier version in force again: the one named, else the one before the present.
  /// Nil when it is not kept.
  func rollBack(to version: String?) async -> ReloadReport?

  /// The versions kept, the one in force first.
  func versions() -> [String]

  /// Every model with its live state, in order of name.
  func models() -> [ModelStatus]

  /// A decision of this API or of the data plane, while it is remembered.
  func decision(_ identifier: String) async -> RoutingDecision?

  /// What is in force.
  func status() -> PolicyServiceStatus
}

/// A decision that was remembered.
public enum RoutingDecision: Sendable, Equatable {
  case allowed(RouteAnswer)
  case denied(RouteDenial)
}

/// What `GET /health` tells.
public struct PolicyServiceStatus: Sendable, Equatable {
  /// Nil before the first policies are loaded.
  public var policyVersion: String?
  public var policyCount: Int
  public var modelCount: Int
  /// Why the last reload was refused, in one sentence; nil when it was not.
  public var lastReloadProblem: String?

  public init(
    policyVersion: String?, policyCount: Int, modelCount: Int, lastReloadProblem: String? = nil
  ) {
    self.policyVersion = policyVersion
    self.policyCount = policyCount
    self.modelCount = modelCount
    self.lastReloadProblem = lastReloadProblem
  }
}
