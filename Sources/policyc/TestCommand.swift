// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSyntax
import Configuration
import DecisionIR
import Foundation
import PolicyCompiler

struct TestCommand: ParsableCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text
    case json
    case junit
  }

  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Runs the policy tests beside policies (`*.test.yaml`).",
    discussion: """
      A test gives a request and what must come of it: decision, deciding policies, chosen model, \
      obligations. Exit code 0 when all pass, 1 when one fails, 2 when they cannot run.
      """)

  @Argument(help: "Policy folders or files; tests stand beside them.")
  var paths: [String] = ["policies"]

  @Option(help: "The gateway's configuration, for its catalogue.")
  var config = "config/gateway.yaml"

  @Option(help: "text, json or junit.")
  var format = Format.text

  struct Outcome {
    let test: PolicyTestCase
    let failures: [String]
    let seconds: Double
  }

  func run() throws {
    let program = try PolicySources.read(paths).compile(.annotation).program
    var options = GatewayOptions()
    options.config = config
    let runner = PolicyTestRunner(try options.snapshot(program))
    let clock = ContinuousClock()
    var outcomes: [Outcome] = []
    for test in try tests() {
      var failures: [String] = []
      let spent = clock.measure { failures = runner.run(test) }
      outcomes.append(
        Outcome(
          test: test, failures: failures,
          seconds: Double(spent.components.attoseconds) / 1e18))
    }
    if outcomes.isEmpty { throw Console.fail("no tests beside \(paths.joined(separator: ", "))") }
    switch format {
    case .text: Console.out(text(outcomes))
    case .json: Console.line(json(outcomes).prettyText)
    case .junit: Console.out(junit(outcomes))
    }
    if outcomes.contains(where: { !$0.failures.isEmpty }) { throw ExitCodes.findings }
  }

  /// All tests beside the policies.
  ///
  /// - Throws: an exit code when a file of tests has errors, after showing them.
  private func tests() throws -> [PolicyTestCase] {
    var result: [PolicyTestCase] = []
    var problems: [ConfigurationProblem] = []
    for path in paths {
      let folder =
        path.hasSuffix(".cedar")
        ? URL(fileURLWithPath: path).deletingLastPathComponent().path : path
      for file in try Files.expand(folder, suffix: ".test.yaml") where file.hasSuffix(".test.yaml")
      {
        let (tests, found) = PolicyTestFile.parse(try Files.text(file), path: file)
        result += tests
        problems += found
      }
    }
    if problems.contains(where: { $0.severity == .error }) {
      for problem in problems { Console.error(problem.description) }
      throw Console.fail("the policy tests have errors")
    }
    return result
  }

  private func text(_ outcomes: [Outcome]) -> String {
    var lines: [String] = []
    for outcome in outcomes {
      let mark = outcome.failures.isEmpty ? "ok  " : "FAIL"
      lines.append("\(mark) \(outcome.test.name)")
      for failure in outcome.failures {
        lines.append("     \(outcome.test.file):\(outcome.test.line): \(failure)")
      }
    }
    let failed = outcomes.count { !$0.failures.isEmpty }
    lines.append("\(outcomes.count) tests, \(failed) failed")
    return lines.joined(separator: "\n") + "\n"
  }

  private func json(_ outcomes: [Outcome]) -> CedarJSON {
    let list = outcomes.map { outcome in
      CedarJSON.members(
        ("name", .string(outcome.test.name)), ("file", .string(outcome.test.file)),
        ("line", .integer(Int64(outcome.test.line))), ("passed", .bool(outcome.failures.isEmpty)),
        ("failures", .array(outcome.failures.map { .string($0) })))
    }
    let failed = outcomes.count { !$0.failures.isEmpty }
    return .members(
      ("tests", .integer(Int64(outcomes.count))), ("failed", .integer(Int64(failed))),
      ("results", .array(list)))
  }

  private func junit(_ outcomes: [Outcome]) -> String {
    func escaped(_ text: String) -> String {
      text.replacingOccurrences(of: "&", with: "&amp;")
        .replacingOccurrences(of: "<", with: "&lt;").replacingOccurrences(of: ">", with: "&gt;")
        .replacingOccurrences(of: "\"", with: "&quot;")
    }
    let failed = outcomes.count { !$0.failures.isEmpty }
    var lines = [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<testsuite name=\"policies\" tests=\"\(outcomes.count)\" failures=\"\(failed)\">",
    ]
    for outcome in outcomes {
      let head =
        "  <testcase name=\"\(escaped(outcome.test.name))\" "
        + "classname=\"\(escaped(outcome.test.file))\" time=\"\(outcome.seconds)\""
      if outcome.failures.isEmpty {
        lines.append(head + "/>")
      } else {
        let reason = escaped(outcome.failures.joined(separator: "\n"))
        lines += [head + ">", "    <failure>\(reason)</failure>", "  </testcase>"]
      }
    }
    return (lines + ["</testsuite>"]).joined(separator: "\n") + "\n"
  }
}
