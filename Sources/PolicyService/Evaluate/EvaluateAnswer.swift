// SPDX-License-Identifier: MIT

public import ControlPlane

/// Cedar's answer to one request.
public struct EvaluateAnswer: Sendable, Equatable {
  public var isAllowed: Bool
  /// The ids of the determining policies, in file order.
  public var reasons: [String]
  public var errors: [PolicyError]
  public var policyVersion: String
  public var evaluationMicroseconds: Double

  public init(
    isAllowed: Bool, reasons: [String], errors: [PolicyError], policyVersion: String,
    evaluationMicroseconds: Double
  ) {
    self.isAllowed = isAllowed
    self.reasons = reasons
    self.errors = errors
    self.policyVersion = policyVersion
    self.evaluationMicroseconds = evaluationMicroseconds
  }

  public var json: JSONValue {
    [
      "decision": isAllowed ? "allow" : "deny", "reasons": .array(reasons.map(JSONValue.string)),
      "errors": .array(errors.map(\.json)), "policy_version": .string(policyVersion),
      "evaluation_time_us": .number(evaluationMicroseconds),
    ]
  }
}
