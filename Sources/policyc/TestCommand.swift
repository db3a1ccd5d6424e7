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
    case lcov
  }

  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Runs the policy tests beside policies (`*.test.yaml`).",
    discussion: """
      A test gives a request and what must come of it: decision, deciding policies, chosen model, \
      obligations. Coverage counts, over all candidates of all tests, which policies applied and \
      which conditions were true and false. Exit code 0 when all tests pass and enough is covered, \
      1 when not, 2 when the tests cannot run.
      """)

  @Argument(help: "Policy folders or files; tests stand beside them.", completion: .file())
  var paths: [String] = ["policies"]

  @Option(help: "The gateway's configuration, for its catalogue.", completion: .file())
  var config = "config/gateway.yaml"

  @Option(help: "text, json, junit, or lcov for the coverage alone.")
  var format = Format.text

  @Flag(help: "Report coverage as well.")
  var coverage = false

  @Option(help: "Also write the coverage as an lcov tracefile.", completion: .file())
  var lcov: String?

  @Option(help: "Least coverage in percent; less makes the exit code 1.")
  var minimumCoverage: Double?

  func validate() throws {
    if let minimumCoverage, !(0...100).contains(minimumCoverage) {
      throw ValidationError("--minimum-coverage must be 0 to 100")
    }
  }

  private var wantsCoverage: Bool {
    coverage || lcov != nil || minimumCoverage != nil || format == .lcov
  }

  func run() throws {
    let sources = try PolicySources.read(paths)
    let program = try sources.compile(.annotation).program
    let tests = try self.tests()
    if tests.isEmpty { throw Console.fail("no tests beside \(paths.joined(separator: ", "))") }
    var options = GatewayOptions()
    options.config = config
    let runner = PolicyTestRunner(try options.snapshot(program))
    let clock = ContinuousClock()
    var report = TestReport()
    for test in tests {
      var failures: [String] = []
      let spent = clock.measure { failures = runner.run(test) }
      report.outcomes.append(
        .init(
          test: test, failures: failures, seconds: Double(spent.components.attoseconds) / 1e18))
    }
    if wantsCoverage { report.coverage = try measure(sources, tests, options) }
    try show(report)
    if report.failedCount > 0 { throw ExitCodes.findings }
  }

  private func show(_ report: TestReport) throws {
    switch format {
    case .text: Console.out(report.text)
    case .json: Console.line(report.json.prettyText)
    case .junit: Console.out(report.junit)
    case .lcov: Console.out(report.coverage?.lcov ?? "")
    }
    guard let coverage = report.coverage else { return }
    if let lcov { try Files.write(coverage.lcov, to: lcov) }
    if let minimumCoverage, coverage.percent < minimumCoverage {
      Console.error(
        "policyc: coverage is \(coverage.percentText), less than \(minimumCoverage) %")
      throw ExitCodes.findings
    }
  }

  /// Runs the tests once more, on the policies taken apart.
  private func measure(
    _ sources: PolicySources, _ tests: [PolicyTestCase], _ options: GatewayOptions
  ) throws -> CoverageReport {
    let plan = CoveragePlan(sources.set)
    var report = CoverageReport(plan, sources.files)
    switch compilePolicies(plan.probes, identifiers: .position) {
    case .failure(let failure): throw Console.fail(failure.diagnostics, sources.files)
    case .success(let compiled):
      let runner = PolicyTestRunner(try options.snapshot(compiled.program))
      for test in tests {
        _ = runner.run(test) { response in
          report.count(
            holding: Set(response.reasons), failing: Set(response.errors.map(\.policy)))
        }
      }
    }
    return report
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
}
