// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSchema
import CedarSyntax

struct ValidateCommand: ParsableCommand {
  enum Mode: String, CaseIterable, ExpressibleByArgument {
    case strict
    case permissive
  }

  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Validates policies against a schema.",
    discussion: "Exit code 0 when they are valid, 3 when not, 1 when that cannot be told.")

  @OptionGroup var policies: PolicyOptions

  @Option(name: .shortAndLong, help: "The schema.", completion: .file())
  var schema: String

  @Option(help: "cedar or json; goes by the name of the file unless given.")
  var schemaFormat: SourceFormat?

  @Flag(help: "Warnings make policies invalid.")
  var denyWarnings = false

  @Option(help: "strict or permissive.")
  var validationMode = Mode.strict

  @Option(help: "Most entities that a condition may look up one behind the other (RFC 76).")
  var level: Int?

  @Option(
    name: [.customShort("f"), .long], help: "human, plain or json; CEDAR_ERROR_FORMAT unless given."
  )
  var errorFormat: ErrorFormat?

  func validate() throws { try Level.check(level) }

  func run() throws {
    var isValid = true
    try ReferenceExit.run {
      let sources = try policies.read()
      if sources.diagnostics.hasErrors { return try fail(sources) }
      guard let schema = try Files.schema(schema, format: schemaFormat) else { return }
      let mode: ValidationMode = validationMode == .strict ? .strict : .permissive
      let findings = Validator(schema: schema, mode: mode, level: level)
        .validate(sources.set)
      (errorFormat ?? .ambient).show(findings, sources.files)
      isValid = !findings.contains { denyWarnings || $0.severity == .error }
      Console.line("policy set validation \(isValid ? "passed" : "failed")")
    }
    if !isValid { throw ReferenceExit.invalid }
  }

  private func fail(_ sources: PolicySources) throws {
    (errorFormat ?? .ambient).show(sources.diagnostics, sources.files)
    throw ReferenceExit.failure
  }
}

/// `--level`.
enum Level {
  static func check(_ level: Int?) throws {
    if let level, !(0...1000).contains(level) { throw ValidationError("--level must be 0 to 1000") }
  }
}
