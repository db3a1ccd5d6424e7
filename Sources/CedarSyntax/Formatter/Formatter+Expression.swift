// SPDX-License-Identifier: MIT

extension Formatter {
  mutating func expression() -> Layout {
    guard atWord("if"), kind(1) != .doubleColon else { return disjunction() }
    var parts: [Layout] = []
    for position in 0..<3 {
      if position > 0 { parts.append(.line) }
      let keyword = take()
      parts.append(keyword + .nest(indent, .line + expression()))
    }
    return .group(.concat(parts))
  }

  /// Operators end a line; the enclosing group decides for the whole chain.
  private mutating func disjunction() -> Layout {
    var parts = [conjunction()]
    while kind() == .or {
      parts.append(.space)
      parts.append(take(next: .line))
      parts.append(conjunction())
    }
    return .concat(parts)
  }

  private mutating func conjunction() -> Layout {
    var parts = [relation()]
    while kind() == .and {
      parts.append(.space)
      parts.append(take(next: .line))
      parts.append(relation())
    }
    return .concat(parts)
  }

  private mutating func relation() -> Layout {
    let left = sum()
    switch kind() {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
      return left + .space + take() + .space + sum()
    case .identifier where atWord("in"):
      return left + .space + take() + .space + sum()
    case .identifier where atWord("has") || atWord("like"):
      let keyword = take()
      return .group(left + .line + keyword + .line + .nest(indent, sum()) + afterComment)
    case .identifier where atWord("is"):
      let keyword = take()
      var result = left + .space + keyword + .space + .nest(indent, sum()) + afterComment
      if atWord("in") {
        let inside = take()
        result = result + .line + inside + .space + .nest(indent, sum()) + afterComment
      }
      return .group(result)
    default: return left
    }
  }

  /// What follows a comment behind a nested part is indented as what stands before the part.
  private var afterComment: Layout { endedWithComment ? .hardLine : .nothing }

  mutating func sum() -> Layout {
    var parts = [product()]
    while kind() == .plus || kind() == .minus {
      parts.append(.space)
      parts.append(take())
      parts.append(.line)
      parts.append(product())
    }
    return .group(.concat(parts))
  }

  private mutating func product() -> Layout {
    var parts = [unary()]
    while kind() == .star {
      parts.append(.space)
      parts.append(take())
      parts.append(.line)
      parts.append(unary())
    }
    return .group(.concat(parts))
  }

  private mutating func unary() -> Layout {
    var signs = Layout.nothing
    while kind() == .bang || kind() == .minus { signs = signs + take() }
    return signs + member()
  }

  private mutating func member() -> Layout {
    let item = primary()
    var accesses: [Layout] = []
    while true {
      if !accesses.isEmpty, [.dot, .leftParenthesis, .leftBracket].contains(kind()) {
        accesses.append(.softLine)
      }
      switch kind() {
      case .dot:
        let dot = take()
        accesses.append(dot + take())
      case .leftParenthesis: accesses.append(call())
      case .leftBracket:
        let open = take()
        let index = expression()
        accesses.append(open + index + take())
      default:
        if accesses.isEmpty { return .group(item) }
        return .group(item + .nest(indent, .concat(accesses)) + afterComment)
      }
    }
  }

  private mutating func call() -> Layout {
    let leading = takeLeading()
    let open = takeBare()
    if kind() == .rightParenthesis { return leading + open + take() }
    let arguments = list(until: .rightParenthesis) { $0.expression() }
    return leading + .nest(indent, open + .softLine + arguments) + .softLine + take()
  }

  /// Elements up to a closing bracket, which is left; a comma before it is dropped.
  private mutating func list(
    until close: Token.Kind, _ element: (inout Formatter) -> Layout
  ) -> Layout {
    var parts: [Layout] = []
    while kind() != close, !atEnd {
      parts.append(element(&self))
      guard kind() == .comma else { break }
      if kind(1) == close {
        dropTrailingComma()
      } else {
        parts.append(take())
        parts.append(.line)
      }
    }
    return parts.isEmpty ? .nothing : .concat(parts)
  }

  // MARK: primaries

  private mutating func primary() -> Layout {
    switch kind() {
    case .leftParenthesis:
      let open = take()
      let inner = Layout.nest(1, expression())
      return .group(open + inner + take())
    case .leftBracket:
      let open = take()
      let elements = Layout.nest(1, list(until: .rightBracket) { $0.expression() })
      return open + elements + take()
    case .leftBrace: return record()
    case .identifier:
      var result = take()
      while kind() == .doubleColon {
        let separator = take()
        result = result + separator + take()
      }
      return result
    default: return take()
    }
  }

  private mutating func record() -> Layout {
    let open = take()
    let fields = list(until: .rightBrace) { formatter in
      let key = formatter.primary()
      let colon = formatter.take()
      return key + colon + .space + formatter.expression()
    }
    guard !fields.isNothing else { return open + take() }
    return open + .group(.nest(indent, .line + fields) + .line) + take()
  }
}
