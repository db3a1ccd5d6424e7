// SPDX-License-Identifier: MIT

import Configuration
import DecisionIR
import FoundationEssentials
import ModelCatalog
import PolicyService
import Routing

/// Runs the tests beside the policies before the policies hold, on the catalogue as declared: every
/// model is served there, so that which provider keys this machine has does not decide.
final class PolicyTests: Sendable {
  static let findingCode = "TEST"

  private let catalog: Catalog

  /// - Throws: `StartFailure` when the catalogue cannot be built.
  init(_ configuration: GatewayConfiguration) throws {
    do {
      catalog = try PolicyTestRunner.catalog(of: configuration)
    } catch {
      throw StartFailure(message: "the catalogue of the policy tests cannot be built: \(error)")
    }
  }

  /// How many tests ran, and what is wrong with the files or does not hold.
  func run(_ program: Program, _ paths: [String]) -> (count: Int, failures: [PolicyFinding]) {
    if paths.isEmpty { return (0, []) }
    var tests: [PolicyTestCase] = []
    var findings: [PolicyFinding] = []
    for path in paths {
      guard let text = text(path) else {
        findings.append(
          PolicyFinding(
            code: Self.findingCode,
            message: "the file cannot be read, or is not UTF-8, or is over "
              + "\(PolicyFolder.fileBytesMaximum >> 20) MiB", file: path))
        continue
      }
      let (found, problems) = PolicyTestFile.parse(text, path: path)
      tests += found
      findings += problems.map(Self.finding)
    }
    do throws(RoutingSnapshotError) {
      let runner = try PolicyTestRunner(program, catalog: catalog)
      for test in tests { findings += runner.run(test).map { Self.finding($0, of: test) } }
    } catch {
      // The same error as the policies' own snapshot ends in, which says more.
      return (0, findings)
    }
    return (tests.count, findings)
  }

  private func text(_ path: String) -> String? {
    guard let data = FileManager.default.contents(atPath: path),
      data.count <= PolicyFolder.fileBytesMaximum
    else { return nil }
    return String(validating: data, as: UTF8.self)
  }

  private static func finding(_ failure: String, of test: PolicyTestCase) -> PolicyFinding {
    PolicyFinding(
      code: findingCode, message: "the test \"\(test.name)\" fails: \(failure)", file: test.file,
      line: test.line)
  }

  private static func finding(_ problem: ConfigurationProblem) -> PolicyFinding {
    PolicyFinding(
      severity: problem.severity == .error ? "error" : "note", code: findingCode,
      message: problem.message, file: problem.file,
      line: problem.line > 0 ? problem.line : nil, column: problem.line > 0 ? problem.column : nil,
      help: problem.help.isEmpty ? nil : problem.help, text: problem.description)
  }
}
