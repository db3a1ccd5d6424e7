// SPDX-License-Identifier: MIT

import CedarSyntax
import TestSupport
import Testing

/// Places of JSON values: what stands there is the value under the pointer.
struct JSONPlacesTests {
  private func check(_ source: String) throws {
    let document = try CedarJSON(parsing: source)
    let places = JSONPlaces(source, file: 3)
    let file = SourceFile(name: "x.json", text: source)
    func walk(_ value: CedarJSON, _ path: JSONPath) throws {
      let span = places.span(path.text)
      #expect(span.file == 3)
      #expect(try CedarJSON(parsing: file.text(of: span)) == value, "\(path.text) in \(source)")
      for (index, element) in (value.array ?? []).enumerated() { try walk(element, path[index]) }
      var seen: Set<ExactString> = []
      for member in value.object ?? [] where seen.insert(ExactString(member.key)).inserted {
        try walk(member.value, path[member.key])
      }
    }
    try walk(document, .root)
  }

  @Test(arguments: [
    "1", " true ", "\"a\"", "[]", "{}", "[ ]", "{ }", "[[],[[]]]", "{\"a\":{\"b\":[1, 2 ,3]}}",
    "{\"a/b\":1,\"~\":2,\"\":{\"\":3}}", "{\"\\u0041\\\"\":[\"\\\\\", \"]\", \"}\"], \"b\":-1.5e3}",
    "{\"a\":1,\"a\":2}", "\n{\t\"ü😀\" : \"ß\" ,\r\n\"x\":[null]}",
  ])
  func hands(source: String) throws { try check(source) }

  @Test func whatIsNotThereHasThePlaceAroundIt() {
    let source = "{\"a\":{\"b\":1}}"
    let places = JSONPlaces(source, file: 0)
    #expect(places.span("/a/x/y") == places.span("/a"))
    #expect(places.span("/z") == places.span(""))
    #expect(JSONPlaces(source, file: 0, levels: 1).span("/a/b") == places.span("/a"))
  }

  /// Texts that are no JSON end too, wherever they are cut.
  @Test func brokenTextsEnd() {
    let source = "{\"a\":[1,{\"b\":\"c\\\\\"}],\"d\":[[[]]]}"
    for count in 0...source.utf8.count {
      let places = JSONPlaces(String(source.prefix(count)), file: 0)
      #expect(Int(places.span("/a/1/b").end) <= count)
    }
  }

  @Test func findingsNameTheirPlace() throws {
    let source = """
      {"staticPolicies": {"p": {"effect": "allow", "principal": {"op": "All"},
       "action": {"op": "All"}, "resource": {"op": "All"}, "conditions": []}},
       "templates": {}, "templateLinks": []}
      """
    let finding = try #require(parsePoliciesJSON(source, file: 2).diagnostics.first)
    #expect(finding.code == .invalidEffect)
    let file = SourceFile(name: "x.json", text: source)
    #expect(file.text(of: finding.span) == "\"allow\"")
    #expect(finding.span.file == 2)
    let (set, problems) = parsePoliciesJSON(source.replacing("allow", with: "permit"))
    #expect(problems.isEmpty)
    #expect(set.policies.first.map { Int($0.span.start) } == 25)
  }

  /// A part that is missing is an error, never a condition left out. Asked of the reference.
  @Test(arguments: [
    #"{"has": {"attr": "x"}}"#, #"{"has": {}}"#, #"{"like": {"pattern": []}}"#, #"{"like": {}}"#,
    #"{"is": {"entity_type": "U"}}"#, #"{"is": {}}"#, #"{"!": {}}"#, #"{".": {"attr": "x"}}"#,
    #"{"Value": {"__entity": {"type": "bad name", "id": "a"}}}"#, #"{"Value": {"__expr": "1"}}"#,
    #"{"Value": {"a": null}}"#,
  ])
  func whatIsMissingIsAnError(body: String) {
    #expect(parsePoliciesJSON(Self.policy(when: body)).diagnostics.hasErrors)
  }

  /// What is not in an escape's form is a record, and keys beside are passed over, as there.
  @Test(arguments: [
    #"{"Value": {"__entity": {"id": "a"}}}"#, #"{"Value": {"__extn": {"fn": "ip"}}}"#,
    #"{"Value": {"__entity": {"type": "U", "id": "a"}, "z": 1}}"#,
    #"{"Value": {"__entity": {"type": "U", "id": "a", "z": 1}}}"#,
    #"{"has": {"left": {"Var": "principal"}, "attr": "x", "z": 1}}"#,
    #"{"is": {"left": {"Var": "principal"}, "entity_type": "U", "in": null}}"#,
  ])
  func whatTheReferenceLetsPass(body: String) {
    let (set, problems) = parsePoliciesJSON(Self.policy(when: body))
    #expect(problems.isEmpty)
    #expect(set.policies.first?.conditions.count == 1)
  }

  private static func policy(when body: String) -> String {
    """
    {"effect": "permit", "principal": {"op": "All"}, "action": {"op": "All"},
     "resource": {"op": "All"}, "conditions": [{"kind": "when", "body": \(body)}]}
    """
  }

  @Test(.enabled(if: Conformance.isPresent, Comment(rawValue: Conformance.absent)))
  func policiesOfTheConformanceData() throws {
    for record in try Conformance.lines("est/cases.jsonl") {
      if let document = record["est"] { try check(document.prettyText) }
    }
  }
}
