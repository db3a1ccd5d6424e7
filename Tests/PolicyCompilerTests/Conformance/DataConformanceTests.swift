// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import DecisionIR
import Foundation
import PolicyCompiler
import Testing

/// Entities and requests are accepted and refused against a schema as the reference does.
@Suite(.enabled(if: ConformanceData.root != nil))
struct DataConformanceTests {
  private func files(_ folder: String, _ suffix: String) throws -> [String] {
    let root = try #require(ConformanceData.root)
    return try FileManager.default.contentsOfDirectory(
      atPath: root.appendingPathComponent(folder).path
    ).filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }.sorted()
  }

  /// `Type::id` without quotes, as the verdicts name entities.
  private func key(_ entity: CedarJSON) -> String {
    let uid = entity["uid"]?["__entity"] ?? entity["uid"]
    return "\(uid?["type"]?.string ?? "")::\(uid?["id"]?.string ?? "")"
  }

  private func isAccepted(_ text: String, _ schema: Schema) -> Bool {
    do {
      _ = try readEntities(text, schema: schema)
      return true
    } catch {
      return false
    }
  }

  /// All entities together and each alone.
  private func checkEntities(
    _ text: String, _ schema: Schema, all: Bool?, each: CedarJSON, _ name: String,
    _ tally: inout Tally
  ) {
    if let all {
      tally.note(isAccepted(text, schema) == all, "\(name): all, expected \(all)")
    }
    guard let entities = try? CedarJSON(parsing: text).array else { return }
    for entity in entities {
      guard let verdict = each[key(entity)] else {
        tally.note(false, "\(name): no verdict for \(key(entity))")
        continue
      }
      let expected = verdict["success"]?.bool ?? (verdict["errors"] == nil)
      let (_, problems) = PolicyCompiler.checkEntities(json: .array([entity]), schema: schema)
      tally.note(
        problems.isEmpty == expected,
        "\(name): \(key(entity)), expected \(expected): \(problems) \(verdict.text)")
    }
  }

  @Test func entityParsing() throws {
    var tally = Tally("entity-parsing")
    let names = try files("entity-parsing", ".parsing.json")
    #expect(names.count == 22)
    for name in names {
      let test = try ConformanceData.json("entity-parsing/\(name).json")
      let schemaName = try #require(test["schema"]?.string)
      let schema = try ConformanceData.schema("entity-parsing/\(schemaName)")
      let text = try ConformanceData.text(
        "entity-parsing/\(#require(test["entities"]?.string))")
      let verdict = try ConformanceData.json("entity-parsing/\(name).parsing.json")
      checkEntities(
        text, schema, all: try #require(verdict["allEntities"]?["success"]?.bool),
        each: try #require(verdict["perEntity"]), name, &tally)
    }
    tally.report()
    #expect(tally.disagreements.isEmpty)
    #expect(tally.agreed >= 22)
  }

  private func checkRequests(
    _ base: String, _ verdict: CedarJSON, _ schema: Schema, _ tally: inout Tally
  ) throws {
    let requests = try ConformanceData.json("\(base).json")["requests"]?.array ?? []
    let verdicts = verdict["requestValidation"]?.array ?? []
    #expect(requests.count == verdicts.count, "\(base)")
    for (request, expected) in zip(requests, verdicts) {
      var problem: DataProblem?
      do throws(DataProblem) {
        _ = try readRequest(json: request, schema: schema)
      } catch {
        problem = error
      }
      tally.note(
        (problem == nil) == expected["strict"]?.bool,
        "\(base): \(problem?.description ?? "accepted") \(expected.text)")
    }
  }

  /// The verdicts beside the policies' own, which `ValidationConformanceTests` checks.
  @Test(arguments: [("corpus", 12_400), ("validator", 15)])
  func validation(_ section: String, requestsMin: Int) throws {
    var entities = Tally("\(section) entity validation")
    var requests = Tally("\(section) request validation")
    let isCorpus = section == "corpus"
    let folder = isCorpus ? "corpus/validation" : "validator/testdata"
    let tests = isCorpus ? "corpus/corpus-tests" : folder
    let suffix = isCorpus ? ".json" : ".validation.json"
    for name in try files(folder, suffix) {
      let verdict = try ConformanceData.json("\(folder)/\(name)\(suffix)")
      let schema = try ConformanceData.schema("\(tests)/\(name).cedarschema")
      let text = try ConformanceData.text("\(tests)/\(name).entities.json")
      checkEntities(
        text, schema, all: nil, each: try #require(verdict["entityValidation"]?["perEntity"]),
        name, &entities)
      try checkRequests("\(tests)/\(name)", verdict, schema, &requests)
    }
    for tally in [entities, requests] {
      tally.report()
      #expect(tally.disagreements.isEmpty)
    }
    #expect(entities.agreed >= 50)
    #expect(requests.agreed >= requestsMin)
  }
}
