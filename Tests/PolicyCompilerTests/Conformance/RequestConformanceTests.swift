// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR
import Foundation
import PolicyCompiler
import Testing

@Suite(.enabled(if: ConformanceData.root != nil))
struct RequestConformanceTests {
  private func ids(_ json: CedarJSON?) -> Set<String> {
    Set((json?.array ?? []).compactMap { $0.string ?? $0["policy"]?.string })
  }

  /// Compares decision, reasons and erring policies, and the decision-only mode with the decision.
  private func check(
    _ evaluator: Evaluator, _ request: RequestData, _ expected: CedarJSON, _ name: String,
    _ tally: inout Tally
  ) {
    let program = evaluator.store.program
    let encoded = request.encoded(for: evaluator.store)
    let response = evaluator.authorize(encoded)
    let decision = response.decision == .allow ? "allow" : "deny"
    let reasons = Set(response.reasons.map { program.id(of: $0) })
    let errors = Set(response.errors.map { program.id(of: $0.policy) })
    let wanted = expected["decision"]?.string?.lowercased()
    let agrees =
      decision == wanted && reasons == ids(expected["reason"])
      && errors == ids(expected["errors"])
      && evaluator.isAllowed(encoded) == (response.decision == .allow)
    tally.note(
      agrees,
      "\(name): \(decision) \(reasons.sorted()) \(errors.sorted()), not \(wanted ?? "nothing") "
        + "\(ids(expected["reason"]).sorted()) \(ids(expected["errors"]).sorted())")
  }

  private func runIntegrationTest(
    _ root: String, _ path: String, _ tally: inout Tally
  ) throws {
    let test = try ConformanceData.json("\(root)/\(path)")
    let policies = try #require(test["policies"]?.string)
    let entities = try #require(test["entities"]?.string)
    let program = try ConformanceData.program(ConformanceData.text("\(root)/\(policies)"))
    let schemaPath = try #require(test["schema"]?.string)
    let schema = try ConformanceData.schema("\(root)/\(schemaPath)")
    let data = try readEntities(
      json: ConformanceData.json("\(root)/\(entities)"), schema: schema)
    let evaluator = Evaluator(store: try EntityStore(program: program, entities: data))
    for (index, item) in (test["requests"]?.array ?? []).enumerated() {
      let request = try readRequest(json: item, schema: schema)
      check(evaluator, request, item, "\(path)#\(index)", &tally)
    }
  }

  @Test func hand() throws {
    let index = try ConformanceData.json("index.json")
    var tally = Tally("hand")
    for path in index["sections"]?["hand"]?["tests"]?.array ?? [] {
      try runIntegrationTest("hand", #require(path.string), &tally)
    }
    tally.report()
    #expect(tally.disagreements.isEmpty)
    #expect(tally.agreed == 74)
  }

  @Test func corpus() throws {
    var tally = Tally("corpus")
    for line in try ConformanceData.lines("corpus/index.jsonl") {
      let id = try #require(line["id"]?.string)
      do {
        try runIntegrationTest("corpus", "corpus-tests/\(id).json", &tally)
      } catch {
        tally.note(false, "\(id): \(error)")
      }
    }
    tally.report()
    #expect(tally.disagreements.isEmpty)
    #expect(tally.agreed == 12_496)
  }

  @Test(arguments: [3, 100, 1000])
  func workload(_ size: Int) throws {
    let folder = "workload/a/\(size)"
    var tally = Tally("workload \(size)")
    let program = try ConformanceData.program(ConformanceData.text("\(folder)/policies.cedar"))
    let entities = try readEntities(ConformanceData.text("\(folder)/entities.json"))
    let evaluator = Evaluator(store: try EntityStore(program: program, entities: entities))
    let requests = try ConformanceData.lines("\(folder)/requests.jsonl")
    let expected = try ConformanceData.lines("\(folder)/expected.jsonl")
    #expect(requests.count == expected.count)
    for (request, answer) in zip(requests, expected) {
      check(evaluator, try readRequest(json: request), answer, "\(size)", &tally)
    }
    tally.report()
    #expect(tally.disagreements.isEmpty)
    #expect(tally.agreed == 400)
  }
}
