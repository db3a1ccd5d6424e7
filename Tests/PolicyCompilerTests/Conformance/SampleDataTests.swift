// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import DecisionIR
import Foundation
import PolicyCompiler
import TestSupport
import Testing

/// The sample data of the reference's command line. Verdicts that do not stand in the data were
/// asked of Rust Cedar 4.12 through cedarpy and are kept in `Tests/Fixtures/Conformance`.
@Suite(.enabled(if: Conformance.isPresent, Comment(rawValue: Conformance.absent)))
struct SampleDataTests {
  private static let root = "cli-sample-data"

  private static func verdicts() throws -> [CedarJSON.Member] {
    let file = RepositoryFolder.root.appending(
      path: "Tests/Fixtures/Conformance/sample-data.json")
    let json = try CedarJSON(parsing: try String(contentsOf: file, encoding: .utf8))
    return try #require(json.object)
  }

  private func schema(_ folder: String) throws -> Schema {
    let text = try Conformance.text("\(Self.root)/\(folder)/schema.cedarschema")
    let (schema, diagnostics) = parseSchema(text)
    return try #require(schema, "\(folder): \(diagnostics.map(\.message))")
  }

  private func evaluator(_ policies: String, _ entities: [EntityData]) throws -> Evaluator {
    let (set, diagnostics) = parsePolicies(policies, dialect: false)
    try #require(!diagnostics.hasErrors)
    let program = try compilePolicies(set, identifiers: .annotation).get().program
    return Evaluator(store: try EntityStore(program: program, entities: entities))
  }

  @Test func policiesAgainstTheirSchemas() throws {
    var count = 0
    for member in try Self.verdicts() {
      let schema = try schema(member.key)
      for file in member.value["valid"]?.object ?? [] {
        let text = try Conformance.text("\(Self.root)/\(member.key)/\(file.key)")
        let (policies, problems) = parsePolicies(text, dialect: false)
        #expect(!problems.hasErrors)
        let findings = Validator(schema: schema).validate(policies)
        #expect(findings.hasErrors != file.value.bool, "\(member.key)/\(file.key)")
        count += 1
      }
    }
    #expect(count >= 25)
  }

  @Test func entitiesAndRequests() throws {
    var count = 0
    for member in try Self.verdicts() {
      let folder = "\(Self.root)/\(member.key)"
      let name = Conformance.exists("\(folder)/entity.json") ? "entity" : "entities"
      guard let conforms = member.value["entitiesConform"]?.bool else { continue }
      let json = try Conformance.json("\(folder)/\(name).json")
      let (_, problems) = checkEntities(json: json, schema: try schema(member.key))
      #expect(problems.isEmpty == conforms, "\(folder): \(problems)")
      guard let decision = member.value["decision"]?.string else { continue }
      let evaluator = try evaluator(
        Conformance.text("\(folder)/policy.cedar"), readEntities(json: json))
      let request = try readRequest(json: Conformance.json("\(folder)/request.json"))
      let response = evaluator.authorize(request.encoded(for: evaluator.store))
      let reasons = response.reasons.map { evaluator.store.program.id(of: $0) }
      #expect((response.decision == .allow) == (decision == "allow"), "\(folder)")
      #expect(reasons == (member.value["reasons"]?.array ?? []).compactMap(\.string))
      count += 1
    }
    #expect(count == 9)
  }

  /// Files for `run-tests`, with whether all their tests pass.
  @Test(arguments: [
    ("sample1", "tests-combined", true), ("sample1", "tests-named", true),
    ("sample1", "tests-fail", false), ("sample1", "tests-missing-reason", false),
    ("sample1", "tests-unexpected-error", false), ("sample2", "tests-combined", true),
    ("sample2", "tests-unexpected-error", false), ("sample3", "tests-combined", true),
    ("sample4", "tests-combined", true), ("sample6", "tests-combined", true),
    ("sample7", "tests-combined", true), ("sample9", "tests-combined", true),
    ("sample10", "tests-error", false),
  ])
  func testFiles(_ sample: String, _ file: String, _ passes: Bool) throws {
    let folder = "\(Self.root)/tiny_sandboxes/\(sample)"
    let tests = try #require(Conformance.json("\(folder)/\(file).json").array)
    var failures: [String] = []
    for test in tests {
      let evaluator = try evaluator(
        Conformance.text("\(folder)/policy.cedar"),
        readEntities(json: #require(test["entities"])))
      let request = try readRequest(json: #require(test["request"]))
      let response = evaluator.authorize(request.encoded(for: evaluator.store))
      let reasons = Set(response.reasons.map { evaluator.store.program.id(of: $0) })
      let agrees =
        (response.decision == .allow) == (test["decision"]?.string == "allow")
        && reasons == Set((test["reason"]?.array ?? []).compactMap(\.string))
        && response.errors.count == Int(test["num_errors"]?.integer ?? 0)
      if !agrees { failures.append("\(response)") }
    }
    #expect(failures.isEmpty == passes, "\(sample)/\(file): \(failures)")
  }

  /// Both forms of a schema mean the same, and each translates to the other.
  @Test func schemaForms() throws {
    var count = 0
    for base in try Self.verdicts().map({ "\($0.key)/schema" })
    where Conformance.exists("\(Self.root)/\(base).cedarschema.json") {
      let text = try Conformance.text("\(Self.root)/\(base).cedarschema")
      let jsonText = try Conformance.text("\(Self.root)/\(base).cedarschema.json")
      let (fromText, textProblems) = parseSchemaDocument(text)
      let (fromJSON, jsonProblems) = parseSchemaDocumentJSON(jsonText)
      #expect(!textProblems.hasErrors && !jsonProblems.hasErrors, "\(base)")
      let meaning = try #require(fromText.qualified().document)
      let other = try #require(fromJSON.qualified().document)
      #expect(meaning.json == other.json, "\(base)\n\(meaning.json.text)\n\(other.json.text)")
      let translated = parseSchemaDocument(fromJSON.cedarText).document
      #expect(translated.qualified().document?.json == other.json, "\(base)")
      count += 1
    }
    #expect(count >= 12)
  }

  /// The reference's own pair: names in the JSON form are common types only, so it translates but
  /// does not resolve.
  @Test func schemaTranslation() throws {
    let base = "\(Self.root)/tiny_sandboxes/translate-schema/tinytodo.cedarschema"
    let fromText = parseSchemaDocument(try Conformance.text(base)).document
    let fromJSON = parseSchemaDocumentJSON(try Conformance.text("\(base).json")).document
    #expect(parseSchemaDocument(fromJSON.cedarText).document.json == fromText.json)
    #expect(fromJSON.qualified().document == nil)
    #expect(fromText.qualified().document != nil)
  }

  @Test(arguments: [("policy-level-0", 0), ("policy-level-1", 1), ("policy-level-2", 2)])
  func levels(_ file: String, _ level: Int) throws {
    let folder = "tiny_sandboxes/level-validation"
    let schema = try schema(folder)
    let text = try Conformance.text("\(Self.root)/\(folder)/\(file).cedar")
    let policies = parsePolicies(text, dialect: false).policies
    for bound in 0...3 {
      let findings = Validator(schema: schema, level: bound).validate(policies)
      #expect(findings.hasErrors == (bound < level), "\(file) at level \(bound)")
    }
  }

  @Test func policyForms() throws {
    let folder = "\(Self.root)/tiny_sandboxes"
    let text = try Conformance.text("\(folder)/translate-policy/policy.cedar")
    let expected = try Conformance.json("\(folder)/translate-policy/policy.cedar.json")
    #expect(parsePolicies(text, dialect: false).policies.json == expected)
    let unformatted = try Conformance.text("\(folder)/format/unformatted.cedar")
    let formatted = try Conformance.text("\(folder)/format/formatted.cedar")
    #expect(formatPolicies(unformatted, dialect: false).text == formatted)
    for (file, isAccepted) in [
      ("policy_set", true), ("policy_template", true), ("static_policy", true),
      ("policy_mixed_properties", false), ("policy_no_matching_properties", false),
    ] {
      let json = try Conformance.text("\(folder)/json-check-parse/\(file).cedar.json")
      #expect(parsePoliciesJSON(json).diagnostics.hasErrors != isAccepted, "\(file)")
    }
  }

  @Test func policiesInJSONDecide() throws {
    let folder = "\(Self.root)/tiny_sandboxes/json-authorize"
    let (set, problems) = parsePoliciesJSON(try Conformance.text("\(folder)/policy.cedar.json"))
    #expect(!problems.hasErrors)
    let program = try compilePolicies(set).get().program
    let entities = try readEntities(Conformance.text("\(folder)/entity.json"))
    let evaluator = Evaluator(store: try EntityStore(program: program, entities: entities))
    for (user, isAllowed) in [("bob", true), ("eve", false)] {
      let request = RequestData(
        principal: EntityName(type: "User", id: user),
        action: EntityName(type: "Action", id: "view"),
        resource: EntityName(type: "Photo", id: "VacationPhoto94.jpg"))
      #expect(evaluator.isAllowed(request.encoded(for: evaluator.store)) == isAllowed)
    }
  }

  /// The example of the RFC on type-aware partial evaluation, whole.
  @Test func partialEvaluationExample() throws {
    let folder = "\(Self.root)/tpe_rfc"
    let evaluator = try evaluator(
      Conformance.text("\(folder)/policies.cedar"),
      readEntities(Conformance.text("\(folder)/entities.json"), schema: schema("tpe_rfc")))
    let request = try Conformance.json("\(folder)/request.json")
    let type = try #require(request["resource_type"]?.string)
    let context = try readContext(json: Conformance.json("\(folder)/context.json"))
    let encoded = RequestData(
      principal: EntityName(type: "User", id: request["principal_eid"]?.string ?? ""),
      action: EntityName(type: "Action", id: "View"),
      resource: EntityName(type: type, id: "unknown"), context: context
    ).encoded(for: evaluator.store)
    let response = evaluator.authorize(encoded)
    // The document is unknown, so the policy that asks for its attributes first is in error.
    #expect(response.decision == .deny)
    #expect(response.errors.map(\.policy) == [0])
  }
}
