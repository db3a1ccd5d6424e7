// SPDX-License-Identifier: MIT

public import CedarSyntax

/// The type of an expression.
public indirect enum CedarType: Sendable, Equatable {
  /// What is known of a boolean: constants let impossible branches be left out.
  public enum Truth: Sendable, Equatable {
    case any
    case always
    case never

    var negated: Truth {
      switch self {
      case .any: .any
      case .always: .never
      case .never: .always
      }
    }
  }

  public enum ExtensionKind: String, Sendable, CaseIterable {
    case ipaddr
    case decimal
    case datetime
    case duration
  }

  case boolean(Truth)
  case long
  case string
  /// An entity of one of the types, sorted by name. One type in strict validation.
  case entity([Name])
  /// Elements of the type; nil for the empty set literal, which permissive validation allows.
  case set(CedarType?)
  case record(RecordType)
  case `extension`(ExtensionKind)

  public static let boolean = CedarType.boolean(.any)

  /// The only entity type, or nil.
  public var singleEntity: Name? {
    if case .entity(let names) = self, names.count == 1 { return names[0] }
    return nil
  }
}

/// The attributes of a record, of an entity or of a context.
public struct RecordType: Sendable, Equatable {
  public struct Attribute: Sendable, Equatable {
    public let type: CedarType
    public let isRequired: Bool

    public init(_ type: CedarType, isRequired: Bool = true) {
      self.type = type
      self.isRequired = isRequired
    }
  }

  public var attributes: [ExactString: Attribute]
  /// Further attributes may be present (the bound of two records in permissive validation).
  public var isOpen: Bool

  public init(attributes: [ExactString: Attribute] = [:], isOpen: Bool = false) {
    self.attributes = attributes
    self.isOpen = isOpen
  }

  public subscript(name: String) -> Attribute? { attributes[ExactString(name)] }

  /// The names in order, for messages.
  public var names: [String] { attributes.keys.map(\.text).sorted(by: CedarText.less) }
}

extension CedarType: CustomStringConvertible {
  /// The type in schema syntax.
  public var description: String {
    switch self {
    case .boolean(.any): "Bool"
    case .boolean(.always): "Bool (always true)"
    case .boolean(.never): "Bool (always false)"
    case .long: "Long"
    case .string: "String"
    case .entity(let names): names.map(\.description).joined(separator: " | ")
    case .set(let element): "Set<\(element?.description ?? "?")>"
    case .record(let record):
      "{"
        + record.names.map { name in
          "\(name)\(record[name]?.isRequired == true ? "" : "?"): "
            + (record[name]?.type.description ?? "")
        }.joined(separator: ", ") + "}"
    case .extension(let kind): kind.rawValue
    }
  }
}

extension Name {
  /// Order by components, for sorted unions.
  static func less(_ left: Name, _ right: Name) -> Bool {
    left.components.lexicographicallyPrecedes(right.components)
  }
}
