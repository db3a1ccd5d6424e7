// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSchema
import CedarSyntax

struct TranslateCommand: ParsableCommand {
  enum Target: String, CaseIterable, ExpressibleByArgument {
    /// Standard Cedar, without the dialect.
    case cedar
    /// The JSON policy format, or a schema in JSON.
    case json
    /// The routing dialect.
    case dialect
  }

  static let configuration = CommandConfiguration(
    commandName: "translate",
    abstract: "Translates between the dialect, standard Cedar and JSON; schemas as well.",
    discussion: """
      A `*.cedarschema` or `*.cedarschema.json` is translated as a schema, all else as policies. \
      Towards standard Cedar a comparison of a long with a decimal literal becomes one of longs \
      with the same meaning where a schema is given; without one every comparison becomes \
      `.lessThan()` or its kin. Exit code 1 when what is to be translated has errors.
      """)

  @Argument(help: "Policy files or folders, or one schema.", completion: .file())
  var paths: [String]

  @Option(help: "cedar, json or dialect.")
  var to = Target.cedar

  @Option(help: "cedar or json; goes by the name of the file unless given.")
  var policyFormat: SourceFormat?

  @Option(
    name: [.customShort("s"), .long], help: "Schema that tells longs from decimals.",
    completion: .file())
  var schema: String?

  @Option(
    name: [.customShort("o"), .long], help: "The file to write, in place of standard output.",
    completion: .file())
  var output: String?

  func run() throws {
    let isSchema = paths.contains {
      $0.hasSuffix(".cedarschema") || $0.hasSuffix(".cedarschema.json")
    }
    let text = try isSchema ? translatedSchema() : translatedPolicies()
    if let output { try Files.write(text, to: output) } else { Console.out(text) }
  }

  private func translatedPolicies() throws -> String {
    var sources = try PolicySources.read(paths, format: policyFormat)
    if sources.diagnostics.hasErrors {
      throw Console.fail(sources.diagnostics, sources.files, code: ExitCodes.findings)
    }
    if to == .dialect {
      sources.set.policies = sources.set.policies.map { $0.sugared() }
      return sources.set.formattedText(dialect: true)
    }
    let schema = try Files.schema(schema)
    sources.set.policies = sources.set.policies.map { policy in
      let longs = schema.map { Validator(schema: $0).validate(policy).longs } ?? []
      return policy.desugared { longs.contains(ObjectIdentifier($0)) }
    }
    return to == .json ? sources.set.json.prettyText + "\n" : sources.set.formattedText
  }

  private func translatedSchema() throws -> String {
    guard paths.count == 1, to != .dialect else {
      throw Console.fail("one schema at a time, with --to cedar or --to json")
    }
    let text = try Files.text(paths[0])
    var sources = SourceFiles()
    _ = sources.add(name: paths[0], text: text)
    let source = SchemaSource(text, path: paths[0], file: 0)
    if source.diagnostics.hasErrors {
      throw Console.fail(source.diagnostics, sources, code: ExitCodes.findings)
    }
    return to == .json ? source.document.json.prettyText + "\n" : source.document.cedarText
  }
}
