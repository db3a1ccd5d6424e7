// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR
import PolicyCompiler
import Testing

@Suite(.enabled(if: ConformanceData.root != nil))
struct ExpressionConformanceTests {
  /// Each expression as the body of `permit(principal, action, resource) when { … }`.
  @Test func expressions() throws {
    let fixture = try ConformanceData.json("expr/fixture.json")
    let entities = try readEntities(json: #require(fixture["entities"]))
    let request = try readRequest(json: #require(fixture["request"]))
    var tally = Tally("expr")
    for item in try ConformanceData.lines("expr/cases.jsonl") {
      let source = try #require(item["expr"]?.string)
      let expected = try #require(item["result"]?.string)
      let got: String
      do {
        let program = try ConformanceData.program(
          "permit(principal, action, resource) when { \(source) };")
        let store = try EntityStore(program: program, entities: entities)
        let response = Evaluator(store: store).authorize(request.encoded(for: store))
        got = !response.errors.isEmpty ? "error" : response.decision == .allow ? "true" : "false"
      } catch let refused as ConformanceData.Refused {
        got = "refused: \(refused)"
      }
      tally.note(got == expected, "\(source): \(got), not \(expected)")
    }
    tally.report()
    #expect(tally.disagreements.isEmpty)
    #expect(tally.agreed > 1000)
  }
}
