// SPDX-License-Identifier: MIT

import ArgumentParser
import Configuration
import FoundationEssentials
internal import ModelCatalog

/// `gateway config …`
struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Look at the configuration.",
    subcommands: [ConfigCheckCommand.self])
}

/// `gateway config check`: every problem with file, line, column and a cure.
struct ConfigCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Read a configuration and say everything that is wrong with it.",
    discussion: """
      The policies are compiled and their tests run, and certificates are opened, as `serve` would \
      do it; nothing is started.

      Exit codes: 0 clean, 1 errors found, 64 wrong usage.
      """)

  @Argument(help: "The main configuration file.")
  var path = "config/gateway.yaml"

  @Option(help: "text or json.")
  var format = OutputFormat.text

  func run() throws {
    let loaded = ConfigurationFiles.load(path)
    let failures = loaded.configuration.map { GatewayProgram($0).rehearse() } ?? []
    switch format {
    case .text: printText(loaded, failures)
    case .json: try printJSON(loaded, failures)
    }
    if loaded.configuration == nil || !failures.isEmpty { throw ExitCode(1) }
  }

  private func printText(_ loaded: LoadedConfiguration, _ failures: [String]) {
    for problem in loaded.problems { print(problem.description) }
    for failure in failures { print("\(path): error: \(failure)") }
    let errorCount = loaded.errors.count + failures.count
    guard let configuration = loaded.configuration, errorCount == 0 else {
      print("\(path): \(count(errorCount, "error"))")
      return
    }
    let catalog = configuration.catalog
    print(
      "\(path): fine (\(count(catalog.models.count, "model")), "
        + "\(count(catalog.groups.count, "group")), "
        + "\(count(catalog.gateways.count, "gateway")), \(count(configuration.keys.count, "key")))")
  }

  private func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  /// One problem in JSON. What is not known is left out.
  private struct Finding: Encodable {
    var severity: String
    var file: String
    var line: Int?
    var column: Int?
    var message: String
    var help: String?
  }

  private func printJSON(_ loaded: LoadedConfiguration, _ failures: [String]) throws {
    var problems = loaded.problems.map { problem in
      Finding(
        severity: problem.severity.rawValue, file: problem.file,
        line: problem.line > 0 ? problem.line : nil,
        column: problem.column > 0 ? problem.column : nil, message: problem.message,
        help: problem.help.isEmpty ? nil : problem.help)
    }
    problems += failures.map { Finding(severity: "error", file: path, message: $0) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    print(String(decoding: try encoder.encode(problems), as: UTF8.self))
  }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}
