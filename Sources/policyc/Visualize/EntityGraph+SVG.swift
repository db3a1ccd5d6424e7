// SPDX-License-Identifier: MIT

import DecisionIR

extension EntityGraph {
  private static let colors = [
    "#dbeafe", "#dcfce7", "#fef9c3", "#fee2e2", "#f3e8ff", "#ffedd5", "#cffafe", "#e5e7eb",
  ]

  /// The graph drawn: a box for each entity with its type and id, groups above their members.
  var svg: String {
    let layout = GraphLayout(self)
    let size = "\(Self.number(layout.width)) \(Self.number(layout.height))"
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(size)\" "
        + "width=\"\(Self.number(layout.width))\" height=\"\(Self.number(layout.height))\" "
        + "font-family=\"ui-monospace, monospace\" font-size=\"12\">",
      "<title>Entities</title>",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
      "<g stroke=\"#64748b\" fill=\"none\">",
    ]
    for (place, node) in nodes.enumerated() {
      for parent in node.parents { lines.append(edge(layout.boxes[place], layout.boxes[parent])) }
    }
    lines.append("</g>")
    let types = self.types
    for (place, node) in nodes.enumerated() {
      let color = (types.firstIndex(of: node.name.type) ?? 0) % Self.colors.count
      lines.append(contentsOf: box(layout.boxes[place], node, Self.colors[color]))
    }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private func edge(_ child: GraphLayout.Box, _ parent: GraphLayout.Box) -> String {
    let top = (x: child.x + child.width / 2, y: child.y)
    let end = (x: parent.x + parent.width / 2, y: parent.y + GraphLayout.boxHeight)
    let middle = (top.y + end.y) / 2
    let n = Self.number
    return "<path d=\"M\(n(top.x)) \(n(top.y))C\(n(top.x)) \(n(middle)) \(n(end.x)) "
      + "\(n(middle)) \(n(end.x)) \(n(end.y))\"/>"
  }

  private func box(_ box: GraphLayout.Box, _ node: Node, _ color: String) -> [String] {
    let n = Self.number
    let middle = n(box.x + box.width / 2)
    let full = node.name.id.string
    let shown = full.count > 60 ? full.prefix(59) + "…" : full[...]
    return [
      "<g><title>\(Self.escaped(node.name.description))</title>",
      "<rect x=\"\(n(box.x))\" y=\"\(n(box.y))\" width=\"\(n(box.width))\" "
        + "height=\"\(n(GraphLayout.boxHeight))\" rx=\"4\" fill=\"\(color)\" stroke=\"#334155\"/>",
      "<text x=\"\(middle)\" y=\"\(n(box.y + 15))\" text-anchor=\"middle\" fill=\"#475569\" "
        + "font-size=\"10\">\(Self.escaped(node.name.type))</text>",
      "<text x=\"\(middle)\" y=\"\(n(box.y + 30))\" text-anchor=\"middle\">"
        + "\(Self.escaped(String(shown)))</text></g>",
    ]
  }

  /// Tenths are fine enough.
  private static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }

  /// Text of an element; what XML 1.0 has no character for becomes U+FFFD.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\t", "\n", "\r": result += " "
      default:
        let isText = scalar.value >= 0x20 && scalar.value != 0xFFFE && scalar.value != 0xFFFF
        result.unicodeScalars.append(isText ? scalar : "\u{FFFD}")
      }
    }
    return result
  }
}
