// SPDX-License-Identifier: MIT

import CedarSyntax
import Configuration
import Foundation

/// How policy tests ended, and what they covered.
struct TestReport {
  struct Outcome {
    let test: PolicyTestCase
    /// Empty when the test passed.
    let failures: [String]
    let seconds: Double
  }

  var outcomes: [Outcome] = []
  var coverage: CoverageReport?

  var failedCount: Int { outcomes.count { !$0.failures.isEmpty } }

  var text: String {
    var lines: [String] = []
    for outcome in outcomes {
      let mark = outcome.failures.isEmpty ? "ok  " : "FAIL"
      lines.append("\(mark) \(outcome.test.name)")
      for failure in outcome.failures {
        lines.append("     \(outcome.test.file):\(outcome.test.line): \(failure)")
      }
    }
    lines.append("\(outcomes.count) test\(outcomes.count == 1 ? "" : "s"), \(failedCount) failed")
    return lines.joined(separator: "\n") + "\n" + (coverage?.text ?? "")
  }

  var json: CedarJSON {
    let list = outcomes.map { outcome in
      CedarJSON.members(
        ("name", .string(outcome.test.name)), ("file", .string(outcome.test.file)),
        ("line", .integer(Int64(outcome.test.line))), ("passed", .bool(outcome.failures.isEmpty)),
        ("failures", .array(outcome.failures.map { .string($0) })))
    }
    var members: [CedarJSON.Member] = [
      .init("tests", .integer(Int64(outcomes.count))),
      .init("failed", .integer(Int64(failedCount))), .init("results", .array(list)),
    ]
    if let coverage { members.append(.init("coverage", coverage.json)) }
    return .object(members)
  }

  // MARK: JUnit

  /// The XML that CI systems read; the coverage stands among the properties.
  var junit: String {
    var lines = [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<testsuite name=\"policies\" tests=\"\(outcomes.count)\" failures=\"\(failedCount)\">",
    ]
    if let coverage { lines += properties(coverage) }
    for outcome in outcomes {
      let head =
        "  <testcase name=\"\(escaped(outcome.test.name))\" "
        + "classname=\"\(escaped(outcome.test.file))\" time=\"\(Self.decimal(outcome.seconds))\""
      if outcome.failures.isEmpty {
        lines.append(head + "/>")
      } else {
        let reason = escaped(outcome.failures.joined(separator: "\n"))
        lines += [head + ">", "    <failure>\(reason)</failure>", "  </testcase>"]
      }
    }
    return (lines + ["</testsuite>"]).joined(separator: "\n") + "\n"
  }

  /// Seconds to the microsecond; never with an exponent, which schemas of JUnit files refuse.
  private static func decimal(_ seconds: Double) -> String {
    String(format: "%.6f", seconds)
  }

  private func properties(_ coverage: CoverageReport) -> [String] {
    let values = [
      ("coverage.percent", coverage.percentText.replacing(" %", with: "")),
      ("coverage.policies", "\(coverage.appliedCount)/\(coverage.policies.count)"),
      ("coverage.branches", "\(coverage.takenSideCount)/\(coverage.sideCount)"),
    ]
    return ["  <properties>"]
      + values.map { "    <property name=\"\($0.0)\" value=\"\($0.1)\"/>" }
      + ["  </properties>"]
  }

  private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
      .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
  }
}
