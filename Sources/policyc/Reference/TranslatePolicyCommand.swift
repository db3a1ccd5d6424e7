// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSyntax

struct TranslatePolicyCommand: ParsableCommand {
  enum Direction: String, CaseIterable, ExpressibleByArgument {
    case cedarToJSON = "cedar-to-json"
    case jsonToCedar = "json-to-cedar"
  }

  static let configuration = CommandConfiguration(
    commandName: "translate-policy",
    abstract: "Translates policies between Cedar and the JSON policy format.")

  @Option(help: "cedar-to-json or json-to-cedar.")
  var direction: Direction

  @Option(
    name: .shortAndLong, help: "The policy file; standard input unless given.",
    completion: .file())
  var policies: String?

  func run() throws {
    try ReferenceExit.run {
      let format: SourceFormat = direction == .cedarToJSON ? .cedar : .json
      let sources = try PolicySources.read([policies ?? "-"], format: format)
      if sources.diagnostics.hasErrors { throw Console.fail(sources.diagnostics, sources.files) }
      let plain = PolicySet(
        policies: sources.set.policies.map { $0.desugared() }, links: sources.set.links)
      Console.out(direction == .cedarToJSON ? plain.json.prettyText + "\n" : plain.formattedText)
    }
  }
}

extension PolicySet {
  /// The policies as laid out text; says what has no form in it.
  var formattedText: String { formattedText(dialect: false) }

  /// - Parameter dialect: whether the policies are in the routing dialect.
  func formattedText(dialect: Bool) -> String {
    if !links.isEmpty {
      let what = links.count == 1 ? "1 template link has" : "\(links.count) template links have"
      Console.error("policyc: \(what) no form in text: left out")
    }
    let plain = cedarText
    return formatPolicies(plain, dialect: dialect).text ?? plain
  }
}
