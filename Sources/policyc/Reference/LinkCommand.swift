// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSyntax
import Foundation
import PolicyCompiler

struct LinkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "link",
    abstract: "Links a template: fills its slots in.",
    discussion: """
      Prints the policy that the link makes. With --template-linked the link is added to that \
      file, which is made when there is none. Exit code 1 when the link is refused.
      """)

  @Option(
    name: .shortAndLong, help: "Policy files or folders; may be given several times.",
    completion: .file())
  var policies: [String]

  @Option(help: "cedar or json; goes by the name of the file unless given.")
  var policyFormat: SourceFormat?

  @Option(
    name: [.customShort("k"), .customLong("template-linked")],
    help: "The file of links that the new one is added to.", completion: .file())
  var templateLinked: String?

  @Option(help: "The template: its `@id`, or `policyN` by position.")
  var templateId: String

  @Option(name: [.customShort("n"), .long], help: "The id of the linked policy.")
  var newId: String

  @Option(
    name: .shortAndLong,
    help: "The slots in JSON, such as {\"?principal\": \"User::\\\"alice\\\"\"}.")
  var arguments: String

  func run() throws { try ReferenceExit.run(link) }

  private func link() throws {
    let sources = try PolicySources.read(policies, format: policyFormat)
    if sources.diagnostics.hasErrors { throw Console.fail(sources.diagnostics, sources.files) }
    var links: [CedarJSON] = []
    if let templateLinked, FileManager.default.fileExists(atPath: templateLinked) {
      let known = try Files.data(templateLinked) { text in
        (try readLinks(text), try CedarJSON(parsing: text).array ?? [])
      }
      guard !known.0.contains(where: { CedarText.equal($0.id, newId) }) else {
        throw Console.fail("the id `\(newId)` is taken by a link in \(templateLinked)")
      }
      links = known.1
    }
    guard !sources.set.policies.contains(where: { names($0, newId) }) else {
      throw Console.fail("the id `\(newId)` is taken by a policy")
    }
    let (link, entry) = try newLink()
    guard let template = sources.set.policies.first(where: { names($0, templateId) }) else {
      throw Console.fail(unknown(sources.set))
    }
    guard template.isTemplate else {
      throw Console.fail("`\(templateId)` is a policy without slots, not a template")
    }
    guard let linked = template.linked(link) else {
      let wanted = template.slots.map { "`\($0.text)`" }.joined(separator: " and ")
      throw Console.fail("the template `\(templateId)` takes \(wanted), no more and no less")
    }
    let text = formatPolicies(linked.cedarText, dialect: true).text ?? linked.cedarText + "\n"
    Console.out(text)
    if let templateLinked {
      try Files.write(CedarJSON.array(links + [entry]).prettyText + "\n", to: templateLinked)
    }
  }

  private func names(_ policy: Policy, _ id: String) -> Bool {
    if let annotation = policy.annotation("id"), CedarText.equal(annotation.text, id) {
      return true
    }
    return CedarText.equal(policy.id, id)
  }

  private func unknown(_ set: PolicySet) -> String {
    let known = set.policies.filter(\.isTemplate).map { $0.annotation("id")?.text ?? $0.id }
    let near = Suggestion.nearest(templateId, known).map { "; did you mean `\($0)`?" } ?? ""
    return "there is no template `\(templateId)`\(near)"
  }

  /// The link, and its entry for the file of links.
  private func newLink() throws -> (TemplateLink, CedarJSON) {
    do {
      let entry = CedarJSON.members(
        ("template_id", .string(templateId)), ("link_id", .string(newId)),
        ("args", try CedarJSON(parsing: arguments)))
      return (try readLinks(CedarJSON.array([entry]).text)[0], entry)
    } catch let error as CedarJSON.SyntaxError {
      throw Console.fail("--arguments: \(DataProblem(error))")
    } catch let problem as DataProblem {
      throw Console.fail("--arguments: \(problem.message)")
    }
  }
}
