// SPDX-License-Identifier: MIT

/// A property of an object schema.
public struct SchemaProperty: Sendable {
  public var name: String
  public var schema: JSONSchema
  public var isRequired: Bool

  public init(_ name: String, _ schema: JSONSchema, isRequired: Bool = true) {
    self.name = name
    self.schema = schema
    self.isRequired = isRequired
  }
}
