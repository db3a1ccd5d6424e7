// SPDX-License-Identifier: MIT

import CedarSyntax

/// What tests took of the policies.
struct CoverageReport {
  let sources: SourceFiles
  private(set) var policies: [PolicyCoverage]

  init(_ plan: CoveragePlan, _ sources: SourceFiles) {
    self.sources = sources
    policies = plan.policies.map(PolicyCoverage.init)
  }

  mutating func count(holding: Set<Int>, failing: Set<Int>) {
    for index in policies.indices { policies[index].count(holding: holding, failing: failing) }
  }

  // MARK: totals

  var appliedCount: Int { policies.count { $0.satisfiedCount > 0 } }
  /// Each branch has two sides.
  var sideCount: Int { policies.reduce(0) { $0 + $1.branches.count * 2 } }
  var takenSideCount: Int {
    policies.reduce(0) { total, policy in
      total + policy.branches.reduce(0) { $0 + $1.takenSides }
    }
  }

  /// Taken sides and applied policies of all, in percent; 100 when there are none.
  var percent: Double {
    let all = sideCount + policies.count
    return all == 0 ? 100 : Double(takenSideCount + appliedCount) * 100 / Double(all)
  }

  var percentText: String {
    let tenths = Int((percent * 10).rounded(.down))
    return "\(tenths / 10).\(tenths % 10) %"
  }

  // MARK: places

  func place(_ span: SourceSpan) -> (file: String, line: Int, column: Int) {
    guard let file = sources.file(of: span) else { return ("", 1, 1) }
    let position = file.position(of: Int(span.start))
    return (file.name, position.line, position.column)
  }

  func text(_ branch: PolicyCoverage.Branch) -> String {
    let text = sources.file(of: branch.expression.span)?.text(of: branch.expression.span) ?? ""
    let source = text.isEmpty ? branch.expression.cedarText : text
    return source.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  // MARK: text

  /// The totals, and what was not taken.
  var text: String {
    var lines = [
      "coverage \(percentText): \(appliedCount) of \(policies.count) policies applied, "
        + "\(takenSideCount) of \(sideCount) branches taken"
    ]
    for policy in policies {
      let (file, line, _) = place(policy.policy.span)
      var gaps: [String] = []
      for branch in policy.branches where branch.takenSides < 2 {
        let (file, line, column) = place(branch.expression.span)
        let gap =
          branch.reachedCount == 0
          ? "never reached" : branch.isTrueCount == 0 ? "never true" : "never false"
        gaps.append("    \(file):\(line):\(column): \(gap): \(text(branch))")
      }
      let head = "  \(policy.name) (\(file):\(line))"
      if policy.satisfiedCount == 0 {
        lines.append("\(head): never applied")
      } else if !gaps.isEmpty {
        lines.append("\(head): applied \(policy.satisfiedCount) times")
      }
      lines += gaps
    }
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: JSON

  var json: CedarJSON {
    .members(
      ("percent", .number(percentText.replacing(" %", with: ""))),
      ("policies", .integer(Int64(policies.count))),
      ("appliedPolicies", .integer(Int64(appliedCount))),
      ("branches", .integer(Int64(sideCount))),
      ("takenBranches", .integer(Int64(takenSideCount))),
      ("details", .array(policies.map(json))))
  }

  private func json(_ policy: PolicyCoverage) -> CedarJSON {
    let (file, line, _) = place(policy.policy.span)
    return .members(
      ("policy", .string(policy.name)), ("file", .string(file)), ("line", .integer(Int64(line))),
      ("matched", .integer(Int64(policy.matchedCount))),
      ("applied", .integer(Int64(policy.satisfiedCount))),
      ("errors", .integer(Int64(policy.errorCount))),
      ("conditions", .array(policy.branches.map(json))))
  }

  private func json(_ branch: PolicyCoverage.Branch) -> CedarJSON {
    let (_, line, column) = place(branch.expression.span)
    return .members(
      ("line", .integer(Int64(line))), ("column", .integer(Int64(column))),
      ("text", .string(text(branch))), ("true", .integer(Int64(branch.isTrueCount))),
      ("false", .integer(Int64(branch.isFalseCount))),
      ("errors", .integer(Int64(branch.errorCount))))
  }
}
