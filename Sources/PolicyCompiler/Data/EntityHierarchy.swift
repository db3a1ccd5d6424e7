// SPDX-License-Identifier: MIT

import DecisionIR

/// The parents of a list of entities, for what must be known before a store is made: cycles, and
/// the ancestors of actions.
struct EntityHierarchy {
  private let places: [EntityName: Int]
  private let parents: [[EntityName]]

  /// - Parameter places: the position of each entity in the list.
  init(_ entities: [EntityData], _ places: [EntityName: Int]) {
    self.places = places
    parents = entities.map(\.parents)
  }

  /// All ancestors that the data gives.
  func ancestors(of entity: EntityName) -> Set<EntityName> {
    var found: Set<EntityName> = []
    var pending = [entity]
    while let next = pending.popLast() {
      guard let place = places[next] else { continue }
      for parent in parents[place] where found.insert(parent).inserted { pending.append(parent) }
    }
    return found
  }

  /// The position of an entity that is its own ancestor, or nil. Iterative: hierarchies may be
  /// deep.
  func cycle() -> Int? {
    var state = [UInt8](repeating: 0, count: parents.count)
    for root in parents.indices where state[root] == 0 && !parents[root].isEmpty {
      var stack: [(place: Int, next: Int)] = [(root, 0)]
      state[root] = 1
      while let top = stack.last {
        guard top.next < parents[top.place].count else {
          state[top.place] = 2
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].next += 1
        guard let parent = places[parents[top.place][top.next]] else { continue }
        if state[parent] == 1 { return parent }
        if state[parent] == 0 {
          state[parent] = 1
          stack.append((parent, 0))
        }
      }
    }
    return nil
  }
}
