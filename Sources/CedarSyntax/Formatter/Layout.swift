// SPDX-License-Identifier: MIT

/// A text with choices of layout, after Wadler's "A prettier printer": a group is put on one line
/// when it fits, else its line breaks become real.
indirect enum Layout: Sendable {
  case nothing
  case text(String)
  /// A space, or a line break in a broken group.
  case line
  /// Nothing, or a line break in a broken group.
  case softLine
  /// Always a line break; a group that holds one is broken.
  case hardLine
  /// Indents the lines begun inside by so many columns more.
  case nest(Int, Layout)
  case group(Layout)
  case concat([Layout])

  static let space = Layout.text(" ")

  static func + (left: Layout, right: Layout) -> Layout {
    switch (left, right) {
    case (.nothing, _): right
    case (_, .nothing): left
    case (.concat(let first), _): .concat(first + [right])
    default: .concat([left, right])
    }
  }

  var isNothing: Bool {
    if case .nothing = self { return true }
    return false
  }
}

/// Lays a `Layout` out within a width.
struct LayoutRenderer {
  let width: Int
  private var output = ""
  /// Columns used on the current line.
  private var column = 0
  /// Where the current line begins in `output`, and whether only indentation stands on it.
  private var lineStart = "".utf8.startIndex
  private var lineIsBlank = true

  private struct Command {
    let indent: Int
    let isFlat: Bool
    let layout: Layout
  }

  init(width: Int) {
    self.width = width
    lineStart = output.utf8.startIndex
  }

  /// The text. Lines with nothing on them are left out.
  mutating func render(_ layout: Layout) -> String {
    var stack = [Command(indent: 0, isFlat: false, layout: layout)]
    while let command = stack.popLast() {
      switch command.layout {
      case .nothing: break
      case .text(let text): emit(text)
      case .line:
        if command.isFlat { emit(" ") } else { breakLine(command.indent) }
      case .softLine:
        if !command.isFlat { breakLine(command.indent) }
      case .hardLine: breakLine(command.indent)
      case .nest(let columns, let inner):
        stack.append(
          Command(indent: command.indent + columns, isFlat: command.isFlat, layout: inner))
      case .group(let inner):
        let isFlat = command.isFlat || fits(inner, stack)
        stack.append(Command(indent: command.indent, isFlat: isFlat, layout: inner))
      case .concat(let parts):
        for part in parts.reversed() {
          stack.append(Command(indent: command.indent, isFlat: command.isFlat, layout: part))
        }
      }
    }
    return output
  }

  private mutating func emit(_ text: String) {
    output += text
    column += text.unicodeScalars.count
    if lineIsBlank, text.utf8.contains(where: { $0 != 0x20 }) { lineIsBlank = false }
  }

  private mutating func breakLine(_ indent: Int) {
    if lineIsBlank {
      output.removeSubrange(lineStart...)
    } else {
      output += "\n"
    }
    lineStart = output.endIndex
    lineIsBlank = true
    output += String(repeating: " ", count: indent)
    column = indent
  }

  /// Whether `layout`, set flat, and what follows it up to the next possible line break fit on the
  /// rest of the line.
  private func fits(_ layout: Layout, _ rest: [Command]) -> Bool {
    var position = column
    var pending = [layout]
    var restIndex = rest.count
    var isFlat = true
    while true {
      guard let next = pending.popLast() else {
        guard restIndex > 0 else { return true }
        restIndex -= 1
        isFlat = false
        pending.append(rest[restIndex].layout)
        continue
      }
      switch next {
      case .nothing: break
      case .text(let text):
        position += text.unicodeScalars.count
        if position > width { return false }
      case .line:
        guard isFlat else { return true }
        position += 1
        if position > width { return false }
      case .softLine:
        if !isFlat { return true }
      case .hardLine: return !isFlat
      case .nest(_, let inner), .group(let inner): pending.append(inner)
      case .concat(let parts): pending.append(contentsOf: parts.reversed())
      }
    }
  }
}
