// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR

/// Which policies the index can leave out of a decision, and why it cannot leave out the others.
///
/// A policy is found by the pair of what its scope asks of the principal and of the resource. Where
/// many policies of one pair begin by comparing the same attribute with a constant, its value finds
/// them. What else only a condition asks cannot be looked up, so the policy is evaluated for every
/// request.
struct SelectivityReport {
  struct Entry {
    let policy: Policy
    let name: String
    /// The sides that the scope leaves open.
    let open: [String]
    /// What would close them.
    let cures: [String]
    /// The attribute that finds it, and how many others.
    let led: (attribute: String, others: Int)?
  }

  let policyCount: Int
  let entries: [Entry]
  private let files: SourceFiles

  /// - Parameter program: what the policies compile to.
  init(_ set: PolicySet, _ files: SourceFiles, _ program: Program) {
    self.files = files
    var leads: [Int: (attribute: String, others: Int)] = [:]
    for led in program.ledPolicies {
      let numbers = led.policies
      for number in numbers { leads[number] = (led.attribute, numbers.count - 1) }
    }
    let own = set.policies.filter { !$0.isTemplate }
      .map { (policy: $0, name: $0.annotation("id")?.text ?? $0.id) }
    let all = own + set.linkedPolicies.map { (policy: $0, name: $0.id) }
    policyCount = all.count
    entries = all.enumerated().compactMap { number, named in
      let (policy, name) = named
      var open: [String] = []
      if case .any = policy.principal.kind { open.append("principal") }
      if case .any = policy.resource.kind { open.append("resource") }
      let led = leads[number]
      guard !open.isEmpty || led != nil else { return nil }
      return Entry(
        policy: policy, name: name, open: open,
        cures: led == nil ? Self.cures(policy, open) : [], led: led)
    }
  }

  /// Those that every request must look at, whoever asks for whatever.
  var unindexed: [Entry] { entries.filter { $0.led == nil && $0.open.count == 2 } }
  var halfIndexed: [Entry] { entries.filter { $0.led == nil && $0.open.count == 1 } }
  /// Those that the value of an attribute finds, among the policies of one scope.
  var led: [Entry] { entries.filter { $0.led != nil } }

  var text: String {
    let indexed = policyCount - entries.count
    var found = "\(indexed) found by principal and resource, \(halfIndexed.count) by one of them"
    if !led.isEmpty { found += ", \(led.count) by an attribute that they compare first" }
    let count = "\(policyCount) polic\(policyCount == 1 ? "y" : "ies")"
    var lines = ["\(count): \(found), \(unindexed.count) looked at for every request"]
    lines += section("not indexed", unindexed)
    lines += section("half indexed", halfIndexed)
    lines += section("found by an attribute", led)
    return lines.joined(separator: "\n") + "\n"
  }

  private func section(_ title: String, _ entries: [Entry]) -> [String] {
    guard !entries.isEmpty else { return [] }
    return ["\(title):"] + entries.flatMap { [line($0)] + $0.cures.map { "      \($0)" } }
  }

  private func line(_ entry: Entry) -> String {
    var place = ""
    if let file = files.file(of: entry.policy.span) {
      place = " (\(file.name):\(file.position(of: Int(entry.policy.span.start)).line))"
    }
    if let (attribute, others) = entry.led {
      return "  \(entry.name)\(place): `\(attribute)` finds it among \(others + 1) of its scope"
    }
    var text = "  \(entry.name)\(place): the scope asks nothing of the "
    text += entry.open.joined(separator: " nor of the ")
    switch entry.policy.action.kind {
    case .any: if entry.open.count == 2 { text += " nor of the action" }
    default: if entry.open.count == 2 { text += "; only the action tells it apart" }
    }
    return text
  }

  // MARK: cures

  private static func cures(_ policy: Policy, _ open: [String]) -> [String] {
    var found: [String] = []
    for condition in policy.conditions where condition.kind == .when {
      for part in conjuncts(condition.body) {
        guard let variable = subject(part), open.contains(variable) else { continue }
        found.append(advice(part, variable))
      }
    }
    return found
  }

  private static func conjuncts(_ expression: Expression) -> [Expression] {
    if case .and(let operands) = expression.kind { return operands.flatMap(conjuncts) }
    return [expression]
  }

  /// The variable that a condition constrains in a way that a scope could.
  private static func subject(_ expression: Expression) -> String? {
    switch expression.kind {
    case .relation(.equal, let left, let right), .relation(.in, let left, let right):
      guard case .variable(let variable) = left.kind else { return nil }
      switch right.kind {
      case .entity: return variable.rawValue
      case .set(let members):
        let areEntities = members.allSatisfy { if case .entity = $0.kind { true } else { false } }
        return areEntities && !members.isEmpty ? variable.rawValue : nil
      default: return nil
      }
    case .isType(let operand, _, _):
      if case .variable(let variable) = operand.kind { return variable.rawValue }
      return nil
    default: return nil
    }
  }

  private static func advice(_ part: Expression, _ variable: String) -> String {
    if case .relation(.in, _, let right) = part.kind, case .set(let members) = right.kind {
      return "make \(members.count) policies of it, each with one entity of "
        + "`\(part.cedarText)` in its scope"
    }
    return "move `\(part.cedarText)` from the condition into the scope"
  }
}
