// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSchema
import CedarSyntax
import Foundation
import PolicyCompiler

struct CheckCommand: ParsableCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text
    case json
    case sarif
    case github
  }

  /// What warnings do to the exit code.
  enum Warnings: String, EnumerableFlag {
    case denyWarnings
    case allowWarnings

    static func help(for value: Warnings) -> ArgumentHelp? {
      value == .denyWarnings
        ? "Warnings make the exit code 1, as errors do." : "Warnings leave the exit code 0."
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Parses, compiles, validates and lints policies, and reports every finding.",
    discussion: """
      A schema (`*.cedarschema` or `*.cedarschema.json`) beside the policies is found by itself. \
      Exit code 0 when there is neither an error nor a warning, 1 when there is, 2 when the check \
      cannot run. Notes never change the exit code and are shown with --notes only.
      """)

  @Argument(help: "Policy files or folders; `-` for standard input.", completion: .file())
  var paths: [String]

  @Option(
    name: [.customShort("s"), .long], help: "The schema, in place of the one beside.",
    completion: .file())
  var schema: String?

  @Flag(help: "Check against no schema.")
  var noSchema = false

  @Flag(help: "Let through types that cannot go wrong at run time, as permissive validation does.")
  var permissive = false

  @Option(help: "Most entities that a condition may look up one behind the other (RFC 76).")
  var level: Int?

  @Flag(exclusivity: .chooseLast)
  var warnings = Warnings.denyWarnings

  @Flag(help: "Show notes, such as policies without @id.")
  var notes = false

  @Option(help: "text, json, sarif or github.")
  var format = Format.text

  func validate() throws { try Level.check(level) }

  func run() throws {
    var check = PolicyCheck(try PolicySources.read(paths))
    let path = try noSchema ? nil : schema ?? Files.schemaBeside(check.sources.paths)
    let named = try path.map { (path: Files.name($0), text: try Files.text($0)) }
    check.run(schema: named, mode: permissive ? .permissive : .strict, level: level)
    report(check)
    if check.fails(denyingWarnings: warnings == .denyWarnings) { throw ExitCodes.findings }
  }

  private func report(_ check: PolicyCheck) {
    let shown = check.shown(notes: notes)
    let renderer = DiagnosticRenderer(sources: check.sources.files)
    switch format {
    case .text:
      if !shown.isEmpty { Console.line(renderer.text(shown, color: Console.hasColor)) }
      Console.line(check.summary(notes: notes))
    case .json: Console.out(renderer.json(shown))
    case .sarif:
      Console.out(renderer.sarif(shown, tool: "policyc", version: PolicyCommand.version))
    case .github: Console.out(renderer.github(shown))
    }
  }
}

extension Files {
  /// The only schema in one of the folders of the files; nil when there is none.
  ///
  /// - Throws: an exit code, after saying why, when there are several: none of them is passed over
  ///   in silence.
  static func schemaBeside(_ paths: [String]) throws -> String? {
    var folders: [String] = []
    for path in paths where path != "-" {
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
      if !folders.contains(folder) { folders.append(folder) }
    }
    for folder in folders {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      let schemas = names.filter {
        $0.hasSuffix(".cedarschema") || $0.hasSuffix(".cedarschema.json")
      }
      if schemas.count > 1 {
        throw Console.fail(
          "\(schemas.sorted().joined(separator: " and ")) stand beside the policies: name one with "
            + "--schema, or give --no-schema")
      }
      if schemas.count == 1 {
        let path = "\(folder)/\(schemas[0])"
        let here = FileManager.default.currentDirectoryPath + "/"
        return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
      }
    }
    return nil
  }
}
