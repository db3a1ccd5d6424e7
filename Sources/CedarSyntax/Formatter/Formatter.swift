// SPDX-License-Identifier: MIT

/// How `formatPolicies` lays policies out.
public struct FormatOptions: Sendable {
  /// Columns a line may have, where that is possible.
  public var lineWidth: Int
  /// Columns of one level of indentation.
  public var indentWidth: Int

  public init(lineWidth: Int = 80, indentWidth: Int = 2) {
    self.lineWidth = lineWidth
    self.indentWidth = indentWidth
  }
}

/// Lays policies out as the reference does. Comments are all kept, and formatting a formatted text
/// changes nothing. What stands between the comments `// fmt: off` and `// fmt: on`, each on a line
/// of its own between policies, is kept as it is written.
///
/// - Returns: The text, or nil with the findings when the source has errors.
public func formatPolicies(
  _ source: String, dialect: Bool, options: FormatOptions = FormatOptions(), file: UInt16 = 0
) -> (text: String?, diagnostics: [Diagnostic]) {
  var parser = Parser(source, dialect: dialect, file: file)
  let policies = parser.policies()
  let diagnostics = parser.cursor.finish()
  guard !diagnostics.hasErrors else { return (nil, diagnostics) }
  let regions = FormatRegions(parser.cursor.bytes, policies: policies.map(\.span))
  guard regions.keepsSomething else { return (layout(parser.cursor, options), diagnostics) }
  let parts = regions.parts.map { part in
    switch part {
    case .kept(let text): return text
    case .formatted(let text):
      var parser = Parser(text, dialect: dialect, file: file)
      // A header of comments only: the blank lines between them stay.
      if parser.policies().isEmpty { return text }
      return trimmed(layout(parser.cursor, options))
    }
  }
  return (parts.joined(separator: "\n\n") + "\n", diagnostics)
}

/// The text of tokens that are known to form policies.
private func layout(_ cursor: TokenCursor, _ options: FormatOptions) -> String {
  let commented = CommentedSource(cursor.bytes, cursor.tokens)
  var formatter = Formatter(
    bytes: cursor.bytes, tokens: commented.tokens, indent: options.indentWidth)
  var policies: [String] = []
  while !formatter.atEnd {
    var renderer = LayoutRenderer(width: options.lineWidth)
    policies.append(trimmed(renderer.render(formatter.policy())))
  }
  var text = policies.joined(separator: "\n\n") + "\n"
  for comment in commented.closing { text += comment + "\n" }
  return text
}

/// Without white space at both ends.
private func trimmed(_ text: String) -> String {
  var scalars = Substring(text).unicodeScalars
  while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
  while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
  return String(scalars)
}

/// Turns the tokens of policies that are known to be well formed into layouts.
struct Formatter {
  let bytes: [UInt8]
  private(set) var tokens: [CommentedToken]
  let indent: Int
  private var index = 0
  /// Whether a comment ended the line of the token taken last.
  private(set) var endedWithComment = false

  init(bytes: [UInt8], tokens: [CommentedToken], indent: Int) {
    self.bytes = bytes
    self.tokens = tokens
    self.indent = indent
  }

  var atEnd: Bool { index >= tokens.count }

  /// The kind of the token `offset` ahead; `end` behind the last.
  func kind(_ offset: Int = 0) -> Token.Kind {
    index + offset < tokens.count ? tokens[index + offset].token.kind : .end
  }

  /// The text of the current token.
  var text: String {
    guard index < tokens.count else { return "" }
    let token = tokens[index].token
    return String(decoding: bytes[token.start..<token.end], as: UTF8.self)
  }

  func atWord(_ word: String) -> Bool { kind() == .identifier && text == word }

  // MARK: tokens as layouts

  /// The current token with its comments; `next` follows when no comment ends the line.
  mutating func take(next: Layout = .nothing) -> Layout {
    let leading = takeLeading()
    return leading + takeBare(next: next)
  }

  /// The current token without its leading comments, which were taken before.
  mutating func takeBare(next: Layout = .nothing) -> Layout {
    guard index < tokens.count else { return .nothing }
    let body = Layout.text(text)
    let trailing = tokens[index].trailing
    endedWithComment = !trailing.isEmpty
    index += 1
    return body + Self.trailing(trailing, next)
  }

  /// The current token's leading comments on lines of their own; they count as taken.
  mutating func takeLeading() -> Layout {
    guard index < tokens.count, !tokens[index].leading.isEmpty || tokens[index].beginsLine else {
      return .nothing
    }
    tokens[index].beginsLine = false
    var result: [Layout] = [.hardLine]
    for comment in tokens[index].leading {
      result.append(.text(comment))
      result.append(.hardLine)
    }
    tokens[index].leading = []
    return .concat(result)
  }

  private static func trailing(_ comment: String, _ next: Layout) -> Layout {
    comment.isEmpty ? next : .concat([.space, .text(comment), .hardLine])
  }

  /// Drops the current token, a comma before a closing bracket; its comments go to the bracket.
  mutating func dropTrailingComma() {
    let token = tokens[index]
    index += 1
    let moved = token.leading + (token.trailing.isEmpty ? [] : [token.trailing])
    guard index < tokens.count else { return }
    tokens[index].leading = moved + tokens[index].leading
    if endedWithComment { tokens[index].beginsLine = true }
  }
}
