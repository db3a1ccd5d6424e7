// SPDX-License-Identifier: MIT

/// One of the answers of an operation.
public struct APIReply: Sendable {
  public var status: Int
  public var description: String
  /// Nil: no body.
  public var schema: JSONSchema?
  public var contentType: String
  /// Name and description.
  public var fields: [(name: String, description: String)]

  public init(
    _ status: Int, _ description: String, schema: JSONSchema? = nil,
    contentType: String = "application/json", fields: [(name: String, description: String)] = []
  ) {
    self.status = status
    self.description = description
    self.schema = schema
    self.contentType = contentType
    self.fields = fields
  }
}
