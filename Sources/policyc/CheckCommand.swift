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

  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Parses, compiles and validates policies, and reports every finding.",
    discussion: """
      A schema (`*.cedarschema`) beside the policies is found by itself. Exit code 0 when clean, 1 \
      with findings, 2 when the check cannot run.
      """)

  @Argument(help: "Policy files or folders.")
  var paths: [String]

  @Option(name: [.customShort("s"), .long], help: "The schema, in place of the one beside.")
  var schema: String?

  @Flag(help: "Check against no schema.")
  var noSchema = false

  @Flag(help: "Let through types that cannot go wrong at run time, as permissive validation does.")
  var permissive = false

  @Option(help: "text, json, sarif or github.")
  var format = Format.text

  func run() throws {
    var sources = try PolicySources.read(paths)
    if sources.paths.isEmpty {
      throw Console.fail("no policies in \(paths.joined(separator: ", "))")
    }
    var findings = sources.diagnostics
    if !findings.hasErrors {
      switch compilePolicies(sources.set, files: sources.files) {
      case .success(let compiled): findings += compiled.diagnostics
      case .failure(let failure): findings += failure.diagnostics
      }
    }
    if let path = schemaPath(sources) {
      findings += try validate(path, &sources)
    }
    report(findings, sources)
    if !findings.isEmpty { throw ExitCodes.findings }
  }

  /// The schema named, or the only one beside the policies.
  private func schemaPath(_ sources: PolicySources) -> String? {
    if let schema { return schema }
    if noSchema { return nil }
    var folders: [String] = []
    for path in sources.paths {
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
      if !folders.contains(folder) { folders.append(folder) }
    }
    for folder in folders {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      let schemas = names.filter { $0.hasSuffix(".cedarschema") }.sorted()
      if schemas.count == 1 {
        let path = "\(folder)/\(schemas[0])"
        let here = FileManager.default.currentDirectoryPath + "/"
        return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
      }
    }
    return nil
  }

  private func validate(
    _ path: String, _ sources: inout PolicySources
  ) throws -> [Diagnostic] {
    let text = try Files.text(path)
    guard let number = sources.files.add(name: path, text: text) else {
      throw Console.fail("too many files")
    }
    let (schema, findings) = parseSchema(text, file: number)
    guard let schema, !sources.diagnostics.hasErrors else { return findings }
    let validator = Validator(schema: schema, mode: permissive ? .permissive : .strict)
    return findings + validator.validate(sources.set)
  }

  private func report(_ findings: [Diagnostic], _ sources: PolicySources) {
    let renderer = DiagnosticRenderer(sources: sources.files)
    switch format {
    case .text:
      if !findings.isEmpty {
        Console.line(renderer.text(findings, color: Console.hasColor))
      }
      let count = sources.set.policies.count
      Console.line(
        "\(sources.paths.count) file\(sources.paths.count == 1 ? "" : "s"), "
          + "\(count) polic\(count == 1 ? "y" : "ies"): \(DiagnosticRenderer.summary(findings))")
    case .json: Console.line(renderer.json(findings))
    case .sarif:
      Console.out(
        renderer.sarif(findings, tool: "policyc", version: PolicyCommand.version))
    case .github: if !findings.isEmpty { Console.line(renderer.github(findings)) }
    }
  }
}
