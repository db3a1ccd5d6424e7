// SPDX-License-Identifier: MIT

internal import ControlPlane

/// One operation of the API: what the router serves and what the OpenAPI document says, from one
/// table, so that they cannot differ.
struct Operation: Sendable {
  struct Reply: Sendable {
    var status: Int
    var description: String
    /// The name of a component schema.
    var schema: String
    var headers: [(name: String, description: String)] = []
  }

  enum BodyUse: Sendable {
    case none
    case optional(schema: String)
    case required(schema: String, example: JSONValue)
  }

  var method: String
  /// With parameters as `{name}`, each a string.
  var path: String
  /// `operationId`.
  var identifier: String
  var summary: String
  var description: String
  var body: BodyUse
  var replies: [Reply]
  var respond: @Sendable (HTTPRequest) async throws -> HTTPResponse
}
