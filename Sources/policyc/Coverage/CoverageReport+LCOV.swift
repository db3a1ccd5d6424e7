// SPDX-License-Identifier: MIT

import CedarSyntax

extension CoverageReport {
  /// A tracefile of lcov (geninfo(1)): a policy is a function, a leaf condition a pair of branches
  /// (0: true, 1: false), and lines are those that policies and leaf conditions begin on.
  var lcov: String {
    var files: [String] = []
    for policy in policies {
      let file = place(policy.policy.span).file
      if !files.contains(file) { files.append(file) }
    }
    return files.map(record).joined()
  }

  private func record(_ file: String) -> String {
    let own = policies.filter { place($0.policy.span).file == file }
    var lines = ["TN:policyc", "SF:\(file)"]
    var lineCounts: [Int: Int] = [:]
    func count(_ line: Int, _ times: Int) {
      lineCounts[line] = max(lineCounts[line] ?? 0, times)
    }
    for policy in own {
      let line = place(policy.policy.span).line
      lines.append("FN:\(line),\(functionName(policy))")
      count(line, policy.matchedCount)
    }
    for policy in own { lines.append("FNDA:\(policy.satisfiedCount),\(functionName(policy))") }
    lines += ["FNF:\(own.count)", "FNH:\(own.count { $0.satisfiedCount > 0 })"]
    var sides = 0
    var taken = 0
    for (block, policy) in own.enumerated() {
      for (number, branch) in policy.branches.enumerated() {
        let line = place(branch.expression.span).line
        count(line, branch.reachedCount)
        for (side, times) in [branch.isTrueCount, branch.isFalseCount].enumerated() {
          let shown = branch.reachedCount == 0 ? "-" : "\(times)"
          lines.append("BRDA:\(line),\(block),\(number * 2 + side),\(shown)")
        }
        sides += 2
        taken += branch.takenSides
      }
    }
    lines += ["BRF:\(sides)", "BRH:\(taken)"]
    for (line, times) in lineCounts.sorted(by: { $0.key < $1.key }) {
      lines.append("DA:\(line),\(times)")
    }
    lines += ["LF:\(lineCounts.count)", "LH:\(lineCounts.values.count { $0 > 0 })"]
    return (lines + ["end_of_record"]).joined(separator: "\n") + "\n"
  }

  /// The name in a record whose fields end with the line.
  private func functionName(_ policy: PolicyCoverage) -> String {
    policy.name.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
