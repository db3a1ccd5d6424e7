// SPDX-License-Identifier: MIT

import Bytes
import CedarSyntax
import DecisionIR
import ModelCatalog
import Routing

/// A routing answer with every candidate and why it won or lost.
struct RouteReport {
  struct Candidate {
    let model: String
    let outcome: String
    let rank: Int
    let priority: String
    let permit: String?
    let forbid: String?
    let reasons: [String]
    let errors: [String]
  }

  let outcome: String
  let strategy: String
  let attempts: [String]
  let obligations: [(name: String, value: String)]
  let candidates: [Candidate]
  let suggestions: [String]

  init(
    _ router: Router, _ plan: RoutePlan, _ request: RouteRequest, _ principal: PreparedPrincipal
  ) {
    let snapshot = router.snapshot
    let catalog = snapshot.catalog
    outcome = plan.outcome.name
    strategy = "\(plan.strategy)"
    attempts = (0..<plan.attemptCount).map { position in
      let attempt = plan.attempt(position)
      let gateway = catalog.gateway(catalog.deployment(attempt.deployment).gateway).name.string
      return "\(catalog.model(attempt.model).name.string) at \(gateway)"
    }
    obligations = plan.obligations.texts(in: catalog)
    func id(_ number: Int32) -> String? {
      number >= 0 ? snapshot.policy(Int(number)).id.string : nil
    }
    let all = (0..<plan.candidateCount).map { position in
      let result = router.candidate(position)
      // Of a candidate that was left out before, policies have nothing to say.
      let full =
        result.outcome.isOfPolicies
        ? router.explain(candidate: position, request: request, principal: principal) : nil
      return Candidate(
        model: catalog.model(result.model).name.string, outcome: result.outcome.name,
        rank: Int(result.rank), priority: DecimalText.text(result.priority),
        permit: id(result.permit), forbid: id(result.forbid),
        reasons: full?.reasons.map { snapshot.program.id(of: $0) } ?? [],
        errors: full?.errors.map { "\(snapshot.program.id(of: $0.policy)): \($0.message)" } ?? [])
    }
    candidates = all.sorted {
      ($0.rank < 0 ? Int.max : $0.rank, $0.model) < ($1.rank < 0 ? Int.max : $1.rank, $1.model)
    }
    suggestions =
      plan.outcome == .unknownModel ? catalog.nearestNames(to: request.requestedModel) : []
  }

  func text(requested: String) -> String {
    var lines = ["\(requested): \(outcome), strategy \(strategy)"]
    for (position, attempt) in attempts.enumerated() {
      lines.append("  \(position == 0 ? "send to" : "then   ") \(attempt)")
    }
    if !obligations.isEmpty {
      let asked = obligations.map { "\($0.name) \($0.value)" }
      lines.append("  under   \(asked.joined(separator: ", "))")
    }
    if !suggestions.isEmpty { lines.append("  near: \(suggestions.joined(separator: ", "))") }
    if !candidates.isEmpty { lines.append("candidates:") }
    for candidate in candidates {
      let rank = candidate.rank >= 0 ? "\(candidate.rank + 1)." : "-"
      var line = "  \(rank) \(candidate.model): \(candidate.outcome)"
      if let permit = candidate.permit {
        line += ", permit \(permit) priority \(candidate.priority)"
      }
      if let forbid = candidate.forbid { line += ", forbid \(forbid)" }
      if candidate.reasons.count > 1 {
        line += ", determining \(candidate.reasons.joined(separator: " "))"
      }
      lines.append(line)
      lines += candidate.errors.map { "     error in \($0)" }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  var json: CedarJSON {
    func optional(_ text: String?) -> CedarJSON { text.map { .string($0) } ?? .null }
    func strings(_ texts: [String]) -> CedarJSON { .array(texts.map { .string($0) }) }
    let list = candidates.map { candidate in
      CedarJSON.members(
        ("model", .string(candidate.model)), ("outcome", .string(candidate.outcome)),
        ("rank", .integer(Int64(candidate.rank))), ("priority", .string(candidate.priority)),
        ("permit", optional(candidate.permit)), ("forbid", optional(candidate.forbid)),
        ("reasons", strings(candidate.reasons)), ("errors", strings(candidate.errors)))
    }
    return .members(
      ("outcome", .string(outcome)), ("strategy", .string(strategy)),
      ("attempts", strings(attempts)),
      ("obligations", .object(obligations.map { .init($0.name, .string($0.value)) })),
      ("candidates", .array(list)),
      ("suggestions", strings(suggestions)))
  }
}
