// SPDX-License-Identifier: MIT

import DecisionIR

/// A layered drawing of an entity graph: groups above their members.
///
/// The layer of an entity is one more than that of its lowest parent; within a layer, entities are
/// moved towards the mean place of their neighbours (the barycentre method), a few times down and
/// up, which is enough to keep most lines from crossing.
struct GraphLayout {
  struct Box {
    var x = 0.0
    var y = 0.0
    var width = 0.0
  }

  static let boxHeight = 38.0
  private static let gap = 18.0
  private static let layerGap = 56.0
  private static let characterWidth = 7.3
  private static let sweeps = 6

  private(set) var boxes: [Box]
  private(set) var width = 0.0
  private(set) var height = 0.0
  private var layers: [[Int]] = []

  init(_ graph: EntityGraph) {
    let nodes = graph.nodes
    boxes = nodes.map { node in
      let letters = max(node.name.id.string.count, node.name.type.count)
      return Box(width: Double(max(6, min(letters, 60))) * Self.characterWidth + 20)
    }
    var depths = [Int](repeating: -1, count: nodes.count)
    for place in nodes.indices { Self.setDepth(place, nodes, &depths) }
    layers = Array(repeating: [], count: (depths.max() ?? -1) + 1)
    for place in nodes.indices { layers[depths[place]].append(place) }
    var children = [[Int]](repeating: [], count: nodes.count)
    for (place, node) in nodes.enumerated() {
      for parent in node.parents { children[parent].append(place) }
    }
    place()
    for sweep in 0..<Self.sweeps {
      let isDown = sweep % 2 == 0
      for layer in isDown ? Array(layers.indices) : layers.indices.reversed() {
        sort(layer) { isDown ? nodes[$0].parents : children[$0] }
      }
      place()
    }
  }

  /// Without recursion: hierarchies may be deep.
  private static func setDepth(_ start: Int, _ nodes: [EntityGraph.Node], _ depths: inout [Int]) {
    var stack = [start]
    while let place = stack.last {
      let waiting = nodes[place].parents.filter { depths[$0] < 0 && !stack.contains($0) }
      guard waiting.isEmpty else {
        stack += waiting
        continue
      }
      stack.removeLast()
      depths[place] = (nodes[place].parents.map { depths[$0] }.max() ?? -1) + 1
    }
  }

  private func centre(_ place: Int) -> Double { boxes[place].x + boxes[place].width / 2 }

  private mutating func sort(_ layer: Int, _ neighbours: (Int) -> [Int]) {
    let keyed = layers[layer].enumerated().map { position, place in
      let near = neighbours(place)
      let mean =
        near.isEmpty
        ? centre(place) : near.reduce(0) { $0 + centre($1) } / Double(near.count)
      return (mean, position, place)
    }
    layers[layer] = keyed.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
  }

  /// Gives every box its place, each layer in the middle.
  private mutating func place() {
    let widths = layers.map { layer in
      layer.reduce(0) { $0 + boxes[$1].width } + Self.gap * Double(max(0, layer.count - 1))
    }
    width = (widths.max() ?? 0) + 2 * Self.gap
    var y = Self.gap
    for (number, layer) in layers.enumerated() {
      var x = (width - widths[number]) / 2
      for place in layer {
        boxes[place].x = x
        boxes[place].y = y
        x += boxes[place].width + Self.gap
      }
      y += Self.boxHeight + Self.layerGap
    }
    height = max(2 * Self.gap, y - Self.layerGap + Self.gap)
  }
}
