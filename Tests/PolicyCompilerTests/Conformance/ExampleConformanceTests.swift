// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import DecisionIR
import Foundation
import PolicyCompiler
import Testing

/// Use cases whose requests stand in folders named for the decision they must get.
@Suite(.enabled(if: ConformanceData.root != nil))
struct ExampleConformanceTests {
  /// Use cases whose entities the reference itself refuses against their schema (asked through
  /// cedarpy 4.12): they are read without it.
  private static let nonconforming: Set<String> = ["github_example", "document_cloud"]

  private func files(_ folder: URL) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .sorted { $0.path < $1.path }
  }

  private func text(_ url: URL) throws -> String { try String(contentsOf: url, encoding: .utf8) }

  /// The folder's requests, when it is a use case.
  private func run(_ folder: URL, _ tally: inout Tally) throws {
    let contents = try files(folder)
    guard let policies = contents.first(where: { $0.pathExtension == "cedar" }),
      let schemaFile = contents.first(where: { $0.pathExtension == "cedarschema" }),
      let entities = contents.first(where: { $0.lastPathComponent.hasSuffix("entities.json") })
    else { return }
    let parsed = try parseSchemaFile(schemaFile)
    let schema = try #require(parsed)
    let links =
      try contents.first { $0.lastPathComponent == "linked" }
      .map { try readLinks(text($0)) } ?? []
    let program = try ConformanceData.program(text(policies), links: links)
    let (checked, problems) = checkEntities(
      json: try CedarJSON(parsing: text(entities)), schema: schema)
    let conforms = !Self.nonconforming.contains(folder.lastPathComponent)
    #expect(problems.isEmpty == conforms, "\(folder.lastPathComponent): \(problems)")
    let data = conforms ? checked : try readEntities(text(entities))
    let evaluator = Evaluator(store: try EntityStore(program: program, entities: data))
    for decision in ["ALLOW", "DENY"] {
      for file in (try? files(folder.appendingPathComponent(decision))) ?? [] {
        let request = try readRequest(text(file), schema: schema).encoded(for: evaluator.store)
        let response = evaluator.authorize(request)
        let agrees =
          (response.decision == .allow) == (decision == "ALLOW")
          && evaluator.isAllowed(request) == (decision == "ALLOW")
        tally.note(agrees, "\(file.path): \(response)")
      }
    }
  }

  private func parseSchemaFile(_ url: URL) throws -> Schema? {
    parseSchema(try text(url)).schema
  }

  /// Every policy file of the examples is strictly valid against the schema beside it, in either
  /// syntax, as the reference says (asked through cedarpy 4.12).
  @Test func policiesAreValid() throws {
    let root = try #require(ConformanceData.root).appendingPathComponent("examples")
    let enumerator = try #require(
      FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
    var count = 0
    for case let url as URL in enumerator where url.pathExtension == "cedar" {
      let folder = try files(url.deletingLastPathComponent())
      let schemaFile = try #require(
        folder.first { $0.lastPathComponent.contains(".cedarschema") })
      let source = try text(schemaFile)
      let document =
        schemaFile.pathExtension == "json"
        ? parseSchemaDocumentJSON(source).document : parseSchemaDocument(source).document
      let schema = try #require(document.resolved().schema, "\(schemaFile.path)")
      let policies = parsePolicies(try text(url), dialect: false).policies
      let findings = Validator(schema: schema).validate(policies)
      #expect(!findings.hasErrors, "\(url.path): \(findings.map(\.message))")
      count += 1
    }
    #expect(count == 16)
  }

  @Test func examples() throws {
    var tally = Tally("examples")
    let root = try #require(ConformanceData.root).appendingPathComponent("examples")
    let enumerator = try #require(
      FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
    for case let url as URL in enumerator where url.hasDirectoryPath { try run(url, &tally) }
    tally.report()
    #expect(tally.disagreements.isEmpty)
    #expect(tally.agreed == 72)
  }
}
