// SPDX-License-Identifier: MIT

import ControlPlane
import Foundation
import PolicyService
import Testing

@Suite struct DocumentTests {
  private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("docs/reference/openapi-policy.json")

  /// `REGENERATE=1 swift test --filter DocumentTests` writes the file anew.
  @Test func theCommittedDocumentIsTheGeneratedOne() throws {
    let generated = PolicyAPI(ScriptedState()).document.json.prettyText
    if ProcessInfo.processInfo.environment["REGENERATE"] == "1" {
      try Data(generated.utf8).write(to: Self.file)
    }
    let committed = try String(contentsOf: Self.file, encoding: .utf8)
    #expect(committed == generated, "run with REGENERATE=1 and commit the file")
  }

  @Test(arguments: APIDriver.allCases)
  func theServiceServesIt(driver: APIDriver) async throws {
    let reply = try await driver.send("GET", "/openapi.json", to: ScriptedState())
    // Compared as text: an object that was read has its members sorted.
    let text = PolicyAPI(ScriptedState()).document.json.prettyText
    #expect(String(decoding: reply.body, as: UTF8.self) == text)
  }

  @Test func theDocumentIsInOrder() {
    let document = PolicyAPI(ScriptedState()).document
    #expect(document.problems == [])
    let schemas = document.json["components"]?["schemas"]?.objectMembers ?? []
    var used: Set<String> = []
    Self.collectReferences(document.json, into: &used)
    #expect(used == Set(schemas.map { "#/components/schemas/\($0.name)" }))
  }

  private static func collectReferences(_ value: JSONValue, into used: inout Set<String>) {
    for member in value.objectMembers ?? [] {
      if member.name == "$ref", let target = member.value.stringValue { used.insert(target) }
      collectReferences(member.value, into: &used)
    }
    for element in value.arrayValue ?? [] { collectReferences(element, into: &used) }
  }

  @Test func theExampleIsTheREADMEsRequest() throws {
    let body = PolicyAPI(ScriptedState()).document.json["paths"]?["/route"]?["post"]?["requestBody"]
    let example = try #require(body?["content"]?["application/json"]?["example"])
    let query = try RouteQuery(JSONValue(parsing: example.encodedBytes))
    #expect(query.requestedModel == "smart")
  }
}
