// SPDX-License-Identifier: MIT

/// A group or an alias as written.
public struct GroupDescription: Sendable {
  public enum Member: Hashable, Sendable {
    case model(String)
    /// What lists of upstreams bring in by this name, or by names that this pattern matches.
    case discovered(String)
  }

  public var name: String
  public var members: [Member]
  public var strategy: RoutingStrategy?
  public var isAlias: Bool
  /// Nil: as `CatalogDescription.affinity` says.
  public var affinity: AffinityKeys?

  public init(
    name: String, members: [Member], strategy: RoutingStrategy? = nil, isAlias: Bool = false,
    affinity: AffinityKeys? = nil
  ) {
    self.name = name
    self.members = members
    self.strategy = strategy
    self.isAlias = isAlias
    self.affinity = affinity
  }

  public init(
    name: String, models: [String], strategy: RoutingStrategy? = nil, isAlias: Bool = false
  ) {
    self.init(name: name, members: models.map(Member.model), strategy: strategy, isAlias: isAlias)
  }

  /// The models that are known by now, in the order of the members.
  public var models: [String] {
    members.compactMap { member in
      guard case .model(let name) = member else { return nil }
      return name
    }
  }

  /// The same with models that lists have brought in, each once, in the place of those members that
  /// wait for them.
  ///
  /// - Parameter countMaximum: how many join at most.
  public func adding(_ discovered: [String], countMaximum: Int) -> GroupDescription {
    var result = self
    var seen = Set(models)
    var room = countMaximum
    result.members = members.flatMap { member -> [Member] in
      guard case .discovered(let pattern) = member else { return [member] }
      let joining = discovered.filter { name in
        guard room > 0, Glob.matches(pattern: pattern, name: name), seen.insert(name).inserted
        else { return false }
        room -= 1
        return true
      }
      return joining.map(Member.model)
    }
    return result
  }
}
