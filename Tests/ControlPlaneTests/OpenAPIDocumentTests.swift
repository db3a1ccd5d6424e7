// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@Suite struct OpenAPIDocumentTests {
  private func route(_ operation: APIOperation, path: String = "/things/{id}") -> APIRoute {
    APIRoute("POST", path, operation) { _ in HTTPResponse(status: 204) }
  }

  private var document: OpenAPIDocument {
    let thing = JSONSchema.object(
      [
        SchemaProperty("name", .string.described("What it is called.").example("ball")),
        SchemaProperty("size", .integer.atLeast(0).atMost(9).byDefault(1), isRequired: false),
        SchemaProperty("kind", .enumeration(["round", "square"]).orNull, isRequired: false),
      ], allowsOthers: false)
    let operation = APIOperation(
      "changeThing", "Change a thing", tags: ["things"],
      parameters: [.init("dry_run", in: .query, "Only check.", schema: .boolean)],
      body: .init(.reference("Thing"), example: ["name": "ball"]),
      replies: [
        APIReply(
          200, "The thing.", schema: .reference("Thing"), fields: [("etag", "Its version.")]),
        APIReply(204, "Nothing changed."),
      ])
    return OpenAPIDocument(
      title: "Things", version: "1.2.3", schemas: [("Thing", thing)], routes: [route(operation)])
  }

  @Test func describesItsRoutes() throws {
    let json = document.json
    #expect(document.problems.isEmpty)
    #expect(json["openapi"] == "3.1.0")
    let post = try #require(json["paths"]?["/things/{id}"]?["post"])
    #expect(post["operationId"] == "changeThing")
    let parameters = try #require(post["parameters"]?.arrayValue)
    #expect(parameters.map { $0["name"]?.stringValue } == ["id", "dry_run"])
    #expect(parameters.map { $0["required"]?.booleanValue } == [true, false])
    let target: JSONValue = "#/components/schemas/Thing"
    let reply = post["responses"]?["200"]
    #expect(reply?["content"]?["application/json"]?["schema"]?["$ref"] == target)
    #expect(reply?["headers"]?["etag"]?["description"] == "Its version.")
    #expect(post["responses"]?["204"]?["content"] == nil)
    #expect(post["responses"]?["default"] != nil)
    let thing = json["components"]?["schemas"]?["Thing"]
    #expect(thing?["required"] == ["name"])
    #expect(thing?["additionalProperties"] == false)
    #expect(thing?["properties"]?["kind"]?["type"] == ["string", "null"])
    #expect(json["components"]?["schemas"]?["Error"] != nil)
  }

  @Test func documentIsTheSameEachTime() {
    #expect(document.json.prettyText == document.json.prettyText)
  }

  @Test func servesItself() async {
    let response = await RouteTable([document.route]).answer(
      HTTPRequest(method: "GET", target: "/openapi.json"))
    guard case .bytes(let bytes) = response.body else {
      Issue.record("not bytes")
      return
    }
    #expect(String(decoding: bytes, as: UTF8.self) == document.json.prettyText)
  }

  @Test func findsMistakes() {
    var broken = document
    broken.routes.append(
      route(
        APIOperation(
          "changeThing", "", parameters: [.init("other", in: .path, "")],
          body: .init(.array(of: .reference("Missing"))), replies: []), path: "/more/{id}"))
    #expect(
      broken.problems == [
        "`changeThing` occurs twice", "changeThing describes `other`, which is not in its path",
        "changeThing refers to `Missing`, which is no component",
      ])
  }

  @Test func restParametersAreOrdinaryOnes() {
    let routes = [
      APIRoute("GET", "/files/{path...}", APIOperation("getFile", "", replies: [])) { _ in
        HTTPResponse(status: 204)
      }
    ]
    let json = OpenAPIDocument(title: "", version: "", routes: routes).json
    #expect(json["paths"]?["/files/{path}"]?["get"]?["parameters"]?[0]?["name"] == "path")
  }
}
