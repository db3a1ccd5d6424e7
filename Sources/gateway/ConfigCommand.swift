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
    discussion: "Exit codes: 0 clean, 1 errors found, 64 wrong usage.")

  @Argument(help: "The main configuration file.")
  var path = "config/gateway.yaml"

  @Option(help: "text or json.")
  var format = OutputFormat.text

  func run() throws {
    let loaded = ConfigurationFiles.load(path)
    switch format {
    case .text: printText(loaded)
    case .json: try printJSON(loaded)
    }
    if loaded.configuration == nil { throw ExitCode(1) }
  }

  private func printText(_ loaded: LoadedConfiguration) {
    for problem in loaded.problems { print(problem.description) }
    guard let configuration = loaded.configuration else {
      print("\(path): \(loaded.errors.count) error\(loaded.errors.count == 1 ? "" : "s")")
      return
    }
    let catalog = configuration.catalog
    print(
      "\(path): fine (\(catalog.models.count) models, \(catalog.groups.count) groups, "
        + "\(catalog.gateways.count) gateways, \(configuration.keys.count) keys)")
  }

  private func printJSON(_ loaded: LoadedConfiguration) throws {
    let problems = loaded.problems.map { problem in
      [
        "severity": problem.severity.rawValue, "file": problem.file,
        "line": String(problem.line), "column": String(problem.column),
        "message": problem.message, "help": problem.help,
      ]
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    print(String(decoding: try encoder.encode(problems), as: UTF8.self))
  }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}
