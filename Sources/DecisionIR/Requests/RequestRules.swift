// SPDX-License-Identifier: MIT

/// The type of a value, as a schema declares it.
public indirect enum DeclaredType: Sendable {
  case bool
  case long
  case string
  case decimal
  case ip
  case datetime
  case duration
  /// An entity of the type.
  case entity(String)
  case set(DeclaredType)
  case record([DeclaredAttribute])
  /// A type that the decoder of requests does not know: it leaves requests with such values to the
  /// general reader.
  case other
}

/// An attribute of a record or of a context.
public struct DeclaredAttribute: Sendable {
  public let name: String
  public let type: DeclaredType
  public let isRequired: Bool

  public init(_ name: String, _ type: DeclaredType, isRequired: Bool) {
    self.name = name
    self.type = type
    self.isRequired = isRequired
  }
}

/// What a schema says about requests: its entity types, its actions, what these apply to and what
/// their contexts hold. `RequestDecoder` reads requests by it.
public struct RequestRules: Sendable {
  /// Which entities of a type can exist.
  public enum Members: Sendable {
    case any
    /// Those with one of the ids.
    case enumerated([String])
    /// Those that are declared as actions.
    case actions
  }

  public struct Action: Sendable {
    public let name: EntityName
    /// Types of the principals and resources that it applies to.
    public let principals: [String]
    public let resources: [String]
    public let context: [DeclaredAttribute]

    public init(
      _ name: EntityName, principals: [String], resources: [String],
      context: [DeclaredAttribute]
    ) {
      self.name = name
      self.principals = principals
      self.resources = resources
      self.context = context
    }
  }

  /// By the full name of the type.
  public let types: [String: Members]
  public let actions: [Action]

  public init(types: [String: Members], actions: [Action]) {
    self.types = types
    self.actions = actions
  }
}
