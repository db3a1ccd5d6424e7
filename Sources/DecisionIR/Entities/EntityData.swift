// SPDX-License-Identifier: MIT

/// An entity as data, before it is laid out for a program.
public struct EntityData: Sendable, Hashable {
  public var name: EntityName
  public var attributes: [Text: Datum]
  /// Direct parents (the closure is computed), or all ancestors: both give the same store.
  public var parents: [EntityName]
  public var tags: [Text: Datum]

  public init(
    _ name: EntityName, attributes: [Text: Datum] = [:], parents: [EntityName] = [],
    tags: [Text: Datum] = [:]
  ) {
    self.name = name
    self.attributes = attributes
    self.parents = parents
    self.tags = tags
  }
}

/// Why entities do not make a store.
public enum EntityError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The entity is its own ancestor.
  case cycle(EntityName)
  /// Two different entities have the name.
  case duplicate(EntityName)

  public var description: String {
    switch self {
    case .cycle(let name): "entity `\(name)` is its own ancestor"
    case .duplicate(let name): "entity `\(name)` is given twice with different content"
    }
  }
}
