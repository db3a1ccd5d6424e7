// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR

/// A request that two policy sets answer differently.
struct DecisionDifference {
  /// An answer with policies by name.
  struct Answer: Equatable {
    let decision: String
    let reasons: [String]
    let errors: [String]

    init(_ response: AuthorizationResponse, _ program: Program) {
      decision = response.decision == .allow ? "allow" : "deny"
      reasons = response.reasons.map { program.id(of: $0) }.sorted()
      errors = response.errors.map { program.id(of: $0.policy) }.sorted()
    }

    var text: String {
      var text = decision
      text += reasons.isEmpty ? " by no policy" : " by \(reasons.joined(separator: ", "))"
      if !errors.isEmpty { text += " (failed: \(errors.joined(separator: ", ")))" }
      return text
    }

    var json: CedarJSON {
      .members(
        ("decision", .string(decision)), ("reasons", .array(reasons.map { .string($0) })),
        ("errors", .array(errors.map { .string($0) })))
    }
  }

  /// The line of the request, or its number among the drawn ones.
  let line: Int
  /// The request in words; of a drawn one with its context.
  let request: String
  let old: Answer
  let new: Answer

  var changesDecision: Bool { old.decision != new.decision }

  var text: String { "line \(line): \(request)\n  old: \(old.text)\n  new: \(new.text)\n" }

  var json: CedarJSON {
    .members(
      ("line", .integer(Int64(line))), ("request", .string(request)), ("old", old.json),
      ("new", new.json))
  }
}
