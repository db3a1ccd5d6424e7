// SPDX-License-Identifier: MIT

/// What an OpenAPI document says of one operation.
public struct APIOperation: Sendable {
  public struct Parameter: Sendable {
    public enum Location: String, Sendable {
      case path
      case query
      case header
    }

    public var name: String
    public var location: Location
    public var description: String
    public var schema: JSONSchema
    public var isRequired: Bool

    public init(
      _ name: String, in location: Location, _ description: String, schema: JSONSchema = .string,
      isRequired: Bool = false
    ) {
      self.name = name
      self.location = location
      self.description = description
      self.schema = schema
      // A path without one of its parts is another path.
      self.isRequired = isRequired || location == .path
    }
  }

  public struct Body: Sendable {
    public var schema: JSONSchema
    public var contentType: String
    public var isRequired: Bool
    public var example: JSONValue?

    public init(
      _ schema: JSONSchema, contentType: String = "application/json", isRequired: Bool = true,
      example: JSONValue? = nil
    ) {
      self.schema = schema
      self.contentType = contentType
      self.isRequired = isRequired
      self.example = example
    }
  }

  /// Unique within a document, camel case: `getDecision`.
  public var identifier: String
  public var summary: String
  public var description: String
  public var tags: [String]
  /// Those of the path may be left out: they are strings then.
  public var parameters: [Parameter]
  public var body: Body?
  /// A `default` reply with the error schema is added.
  public var replies: [APIReply]

  public init(
    _ identifier: String, _ summary: String, description: String = "", tags: [String] = [],
    parameters: [Parameter] = [], body: Body? = nil, replies: [APIReply]
  ) {
    self.identifier = identifier
    self.summary = summary
    self.description = description
    self.tags = tags
    self.parameters = parameters
    self.body = body
    self.replies = replies
  }
}
