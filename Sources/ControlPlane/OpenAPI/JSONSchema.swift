// SPDX-License-Identifier: MIT

/// A JSON Schema (2020-12, as OpenAPI 3.1 uses it), built by hand.
public struct JSONSchema: Sendable, Equatable {
  public var json: JSONValue

  public init(_ json: JSONValue) { self.json = json }

  public static let string = JSONSchema(["type": "string"])
  public static let integer = JSONSchema(["type": "integer"])
  public static let number = JSONSchema(["type": "number"])
  public static let boolean = JSONSchema(["type": "boolean"])
  /// Any JSON at all.
  public static let any = JSONSchema([:])

  public static func array(of element: JSONSchema) -> JSONSchema {
    JSONSchema(["type": "array", "items": element.json])
  }

  /// An object with any names and values of one kind.
  public static func map(of value: JSONSchema) -> JSONSchema {
    JSONSchema(["type": "object", "additionalProperties": value.json])
  }

  public static func enumeration(_ values: [String]) -> JSONSchema {
    JSONSchema(["type": "string", "enum": .array(values.map { .string($0) })])
  }

  /// A schema of the document's components.
  public static func reference(_ name: String) -> JSONSchema {
    JSONSchema(["$ref": .string("#/components/schemas/\(name)")])
  }

  public static func oneOf(_ schemas: [JSONSchema]) -> JSONSchema {
    JSONSchema(["oneOf": .array(schemas.map(\.json))])
  }

  /// - Parameter allowsOthers: names besides these may occur.
  public static func object(
    _ properties: [SchemaProperty], allowsOthers: Bool = true
  ) -> JSONSchema {
    var members: [JSONValue.Member] = [
      .init("type", "object"),
      .init("properties", .object(properties.map { .init($0.name, $0.schema.json) })),
    ]
    let required = properties.filter(\.isRequired).map { JSONValue.string($0.name) }
    if !required.isEmpty { members.append(.init("required", .array(required))) }
    if !allowsOthers { members.append(.init("additionalProperties", false)) }
    return JSONSchema(.object(members))
  }

  /// The same, or null.
  public var orNull: JSONSchema {
    if case .string(let type)? = json["type"] { return setting("type", [.string(type), "null"]) }
    return JSONSchema(["anyOf": [json, ["type": "null"]]])
  }

  public func described(_ text: String) -> JSONSchema { setting("description", .string(text)) }
  public func example(_ value: JSONValue) -> JSONSchema { setting("examples", [value]) }
  public func atLeast(_ value: JSONValue) -> JSONSchema { setting("minimum", value) }
  public func atMost(_ value: JSONValue) -> JSONSchema { setting("maximum", value) }
  public func byDefault(_ value: JSONValue) -> JSONSchema { setting("default", value) }

  private func setting(_ name: String, _ value: JSONValue) -> JSONSchema {
    var members = (json.objectMembers ?? []).filter { $0.name != name }
    members.append(.init(name, value))
    return JSONSchema(.object(members))
  }

  /// The components that this schema refers to.
  var references: [String] { JSONSchema.references(in: json) }

  private static func references(in value: JSONValue) -> [String] {
    switch value {
    case .object(let members):
      members.flatMap { member -> [String] in
        if member.name == "$ref", case .string(let target) = member.value {
          return [String(target.split(separator: "/").last ?? "")]
        }
        return references(in: member.value)
      }
    case .array(let elements): elements.flatMap(references)
    default: []
    }
  }
}
