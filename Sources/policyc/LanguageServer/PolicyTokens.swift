// SPDX-License-Identifier: MIT

import CedarSyntax

/// The tokens of a policy file and what they mean, found without parsing: a file is incomplete most
/// of the time that it is edited.
struct PolicyTokens {
  let tokens: [Token]
  private let bytes: [UInt8]

  init(_ text: String) {
    let cursor = TokenCursor(text, file: 0)
    tokens = cursor.tokens.filter { $0.kind != .end }
    bytes = cursor.bytes
  }

  func text(_ index: Int) -> String {
    guard tokens.indices.contains(index) else { return "" }
    return String(decoding: bytes[tokens[index].start..<tokens[index].end], as: UTF8.self)
  }

  func kind(_ index: Int) -> Token.Kind {
    tokens.indices.contains(index) ? tokens[index].kind : .end
  }

  func isWord(_ index: Int, _ word: String) -> Bool {
    kind(index) == .identifier && text(index) == word
  }

  func span(_ index: Int) -> SourceSpan {
    SourceSpan(start: tokens[index].start, end: tokens[index].end)
  }

  /// The value of a string token; escapes that are wrong are left out.
  func string(_ index: Int) -> String {
    parseExpression(text(index), dialect: true).expression.flatMap { expression in
      if case .string(let value) = expression.kind { return value }
      return nil
    } ?? String(text(index).dropFirst().dropLast())
  }

  /// The token at an offset, or right before it.
  func index(at offset: Int) -> Int? {
    let inside = tokens.firstIndex { $0.start <= offset && offset < $0.end }
    return inside ?? tokens.lastIndex { $0.end == offset }
  }

  /// The last token that ends at an offset or before it.
  func index(before offset: Int) -> Int? { tokens.lastIndex { $0.end <= offset } }

  // MARK: scopes

  /// What the scope of a policy says, as far as it is written.
  struct Scope {
    /// The parentheses; the end is the number of tokens where it is still open.
    var range: Range<Int>
    /// Nil when the scope names no action.
    var actions: [EntityUID]?
    var principal: Name?
    var resource: Name?
    /// Where the part about the action begins and ends.
    var actionPart = 0..<0
  }

  /// The scope of the policy that a token stands in; nil between policies.
  func scope(at index: Int) -> Scope? {
    var start = index
    while start >= 0 {
      if isWord(start, "permit") || isWord(start, "forbid"), kind(start + 1) == .leftParenthesis {
        break
      }
      // Behind the end of a policy, and not in it.
      if kind(start) == .semicolon, start < index { return nil }
      start -= 1
    }
    guard start >= 0 else { return nil }
    var scope = Scope(range: (start + 1)..<tokens.count)
    var place = start + 2
    while place < tokens.count, kind(place) != .rightParenthesis, kind(place) != .semicolon {
      read(&place, &scope)
    }
    scope.range = (start + 1)..<min(place + 1, tokens.count)
    return scope
  }

  /// Reads what is said about one variable.
  private func read(_ place: inout Int, _ scope: inout Scope) {
    let variable = text(place)
    let first = place
    place += 1
    var brackets = 0
    var end = place
    while end < tokens.count {
      let kind = kind(end)
      if kind == .leftBracket { brackets += 1 }
      if kind == .rightBracket { brackets -= 1 }
      let isEnd = kind == .comma && brackets == 0
      if isEnd || kind == .rightParenthesis || kind == .semicolon || kind == .leftBrace { break }
      end += 1
    }
    switch variable {
    case "principal": scope.principal = type(place, end)
    case "resource": scope.resource = type(place, end)
    case "action":
      scope.actions = actions(place, end)
      scope.actionPart = first..<end
    default: break
    }
    place = kind(end) == .comma || end == first ? end + 1 : end
  }

  /// The type of `is Type` and of `== Type::"id"`.
  private func type(_ start: Int, _ end: Int) -> Name? {
    guard isWord(start, "is") || kind(start) == .equal else { return nil }
    return name(from: start + 1).map(\.name)
  }

  private func actions(_ start: Int, _ end: Int) -> [EntityUID]? {
    guard kind(start) == .equal || isWord(start, "in") else { return nil }
    var found: [EntityUID] = []
    for place in start..<end where kind(place) == .string {
      found.append(EntityUID(type: qualifier(of: place) ?? Name(["Action"]), id: string(place)))
    }
    return found.isEmpty ? nil : found
  }

  // MARK: names

  /// A name that begins at a token, with the tokens behind it.
  private func name(from start: Int) -> (name: Name, end: Int)? {
    guard kind(start) == .identifier else { return nil }
    var parts = [text(start)]
    var place = start + 1
    while kind(place) == .doubleColon, kind(place + 1) == .identifier {
      parts.append(text(place + 1))
      place += 2
    }
    return (Name(parts), place)
  }

  /// The whole name that an identifier is part of, and whether it is its last part.
  func name(around index: Int) -> (name: Name, isLast: Bool, end: Int)? {
    var start = index
    while kind(start - 1) == .doubleColon, kind(start - 2) == .identifier { start -= 2 }
    guard let (name, end) = name(from: start) else { return nil }
    return (name, end == index + 1, end)
  }

  /// The name before `::` and a string.
  func qualifier(of index: Int) -> Name? {
    guard kind(index - 1) == .doubleColon, kind(index - 2) == .identifier else { return nil }
    return name(around: index - 2)?.name
  }
}
