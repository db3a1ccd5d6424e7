// SPDX-License-Identifier: MIT

extension Formatter {
  mutating func policy() -> Layout {
    var result = Layout.nothing
    while kind() == .at { result = result + annotation() }
    let leading = takeLeading()
    let effect = takeBare()
    result = result + leading + .group(effect + .line + take())
    result = result + scope()
    let hasConditions = kind(1) != .semicolon
    result = result + take(next: hasConditions ? .hardLine : .nothing)
    var isFirst = true
    while kind() == .identifier {
      if !isFirst { result = result + .hardLine }
      isFirst = false
      result = result + condition()
    }
    return result + take()
  }

  private mutating func annotation() -> Layout {
    let at = take()
    let key = take()
    guard kind() == .leftParenthesis else { return at + key + .hardLine }
    let open = take()
    var value = Layout.nothing
    while kind() != .rightParenthesis, !atEnd { value = value + take() }
    return at + key + open + value + take(next: .hardLine)
  }

  // MARK: scope

  /// On one line while nothing is constrained, else an element a line.
  private mutating func scope() -> Layout {
    let isPlain = scopeIsPlain
    let separator = isPlain ? Layout.space : .hardLine
    var elements = Layout.nothing
    while kind() != .rightParenthesis, !atEnd {
      elements = elements + scopeElement()
      // What follows a comment behind an element is indented as the elements are.
      if endedWithComment { elements = elements + .hardLine }
      guard kind() == .comma else { break }
      if kind(1) == .rightParenthesis {
        dropTrailingComma()
      } else {
        elements = elements + take(next: separator)
      }
    }
    if isPlain { return .group(.nest(indent, elements)) }
    return .nest(indent, .hardLine + elements) + .hardLine
  }

  /// Whether only variables and commas stand up to the closing parenthesis.
  private var scopeIsPlain: Bool {
    var offset = 0
    while kind(offset) == .identifier {
      offset += 1
      if kind(offset) == .comma { offset += 1 }
      if kind(offset) == .rightParenthesis { return true }
      if kind(offset - 1) != .comma { return false }
    }
    return false
  }

  private mutating func scopeElement() -> Layout {
    let leading = takeLeading()
    let variable = takeBare()
    var type = Layout.nothing
    if atWord("is") {
      let keyword = Layout.group(.line + take())
      type = .group(.nest(indent, keyword + .line + sum()))
    }
    guard kind() != .comma, kind() != .rightParenthesis else {
      return leading + variable + type
    }
    let head = Layout.group(variable + type + .line + take())
    return leading + .group(head + .nest(indent, .line + expression()))
  }

  // MARK: conditions

  private mutating func condition() -> Layout {
    let leading = takeLeading()
    let keyword = takeBare(next: .line)
    let braceLeading = takeLeading()
    let brace = Layout.text(text)
    // The comment behind the brace indents with the body, so the brace is taken apart.
    let afterBrace = takeAfterBrace()
    let bodyLeading = takeLeading()
    let body = Layout.group(expression())
    let inner = Layout.group(
      .nest(indent, afterBrace + bodyLeading + body) + .line + take())
    return leading + .group(keyword + braceLeading + brace + inner)
  }

  /// What follows an opening brace: its comment and a line break, or a possible line break.
  private mutating func takeAfterBrace() -> Layout {
    guard case .concat(let parts) = takeBare(next: .line), parts.count > 1 else { return .nothing }
    return .concat(Array(parts.dropFirst()))
  }
}
