// SPDX-License-Identifier: MIT

import DecisionIR

/// Entities and who is a member of whom, in a stable order.
struct EntityGraph {
  struct Node {
    let name: EntityName
    /// Numbers of the entities it is a direct member of.
    var parents: [Int] = []
  }

  private(set) var nodes: [Node] = []

  /// Parents that are named but not given are nodes as well.
  init(_ entities: [EntityData]) {
    var numbers: [EntityName: Int] = [:]
    func number(_ name: EntityName) -> Int {
      if let known = numbers[name] { return known }
      numbers[name] = nodes.count
      nodes.append(Node(name: name))
      return nodes.count - 1
    }
    let sorted = entities.sorted { $0.name.description < $1.name.description }
    for entity in sorted { _ = number(entity.name) }
    for entity in sorted {
      let child = number(entity.name)
      for parent in entity.parents.sorted(by: { $0.description < $1.description }) {
        let place = number(parent)
        if !nodes[child].parents.contains(place) { nodes[child].parents.append(place) }
      }
    }
  }

  /// The entity types in order.
  var types: [String] { Set(nodes.map(\.name.type)).sorted() }

  // MARK: DOT

  /// The graph in Graphviz's language, a cluster for each type.
  var dot: String {
    var lines = ["strict digraph {", "  rankdir=\"BT\"", "  node [shape=\"box\"]"]
    for type in types {
      lines.append("  subgraph \(Self.quoted("cluster_\(type)")) {")
      lines.append("    label=\(Self.quoted(type))")
      for node in nodes where node.name.type == type {
        lines.append(
          "    \(Self.quoted(node.name.description)) [label=\(Self.quoted(node.name.id.string))]")
      }
      lines.append("  }")
    }
    for node in nodes {
      for parent in node.parents {
        lines.append(
          "  \(Self.quoted(node.name.description)) -> "
            + Self.quoted(nodes[parent].name.description))
      }
    }
    return (lines + ["}"]).joined(separator: "\n") + "\n"
  }

  /// A quoted id of DOT: a backslash is doubled too, since labels read escapes.
  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
