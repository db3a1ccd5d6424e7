// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSchema
import CedarSyntax

struct TranslateCommand: ParsableCommand {
  enum Target: String, CaseIterable, ExpressibleByArgument {
    /// Standard Cedar, without the dialect.
    case cedar
    /// The JSON policy format.
    case json
  }

  static let configuration = CommandConfiguration(
    commandName: "translate",
    abstract: "Translates policies between the dialect, standard Cedar and the JSON format.",
    discussion: """
      With a schema, a comparison of a long with a decimal literal becomes one of longs with the \
      same meaning; without one it becomes `.lessThan()` and its kin.
      """)

  @Argument(help: "Policy files or folders; `*.json` is read as the JSON format.")
  var paths: [String]

  @Option(help: "cedar or json.")
  var to = Target.cedar

  @Option(name: [.customShort("s"), .long], help: "Schema that tells longs from decimals.")
  var schema: String?

  @Option(
    name: [.customShort("o"), .long], help: "The file to write, in place of standard output.")
  var output: String?

  func run() throws {
    var sources = try PolicySources.read(paths)
    if sources.diagnostics.hasErrors { throw Console.fail(sources.diagnostics, sources.files) }
    let schema = try Files.schema(schema)
    sources.set.policies = sources.set.policies.map { policy in
      let longs = schema.map { Validator(schema: $0).validate(policy).longs } ?? []
      return policy.desugared { longs.contains(ObjectIdentifier($0)) }
    }
    let text: String
    switch to {
    case .json: text = sources.set.json.prettyText + "\n"
    case .cedar:
      let plain = sources.set.cedarText
      text = formatPolicies(plain, dialect: false).text ?? plain
    }
    if let output { try Files.write(text, to: output) } else { Console.out(text) }
  }
}
