// SPDX-License-Identifier: MIT

/// Thrown after a diagnostic has been made for a place that cannot be read further.
package struct SyntaxFailure: Error {
  package init() {}
}

/// A position in a token list with the means to ask, take and complain. The policy parser and the
/// schema parser are built on it.
package struct TokenCursor {
  package let bytes: [UInt8]
  package let tokens: [Token]
  package let file: UInt16
  package private(set) var index = 0
  package private(set) var diagnostics: [Diagnostic]
  private var suppressed = 0
  private var nesting = 0

  package init(_ source: String, file: UInt16) {
    guard source.utf8.count <= CedarLimits.sourceBytesMax else {
      bytes = []
      tokens = [Token(.end, 0, 0)]
      self.file = file
      diagnostics = [
        Diagnostic(
          .error, .sourceTooLarge,
          "the source is longer than \(CedarLimits.sourceBytesMax) bytes",
          labels: [.init(SourceSpan(start: 0, end: 0, file: file))])
      ]
      return
    }
    var lexer = Lexer(source, file: file)
    lexer.run()
    bytes = lexer.bytes
    tokens = lexer.tokens
    diagnostics = lexer.diagnostics
    self.file = file
  }

  // MARK: asking

  package var current: Token { tokens[index] }

  /// The token `offset` ahead; the end token behind the last one.
  package func peek(_ offset: Int) -> Token { tokens[min(index + offset, tokens.count - 1)] }

  package var atEnd: Bool { current.kind == .end }

  package func text(_ token: Token) -> String {
    String(decoding: bytes[token.start..<token.end], as: UTF8.self)
  }

  /// Whether a token is the identifier `word`.
  package func isWord(_ token: Token, _ word: StaticString) -> Bool {
    guard token.kind == .identifier, token.end - token.start == word.utf8CodeUnitCount else {
      return false
    }
    return word.withUTF8Buffer { buffer in
      for offset in 0..<buffer.count where unsafe buffer[offset] != bytes[token.start + offset] {
        return false
      }
      return true
    }
  }

  package func atWord(_ word: StaticString) -> Bool { isWord(current, word) }

  package func span(_ token: Token) -> SourceSpan {
    SourceSpan(start: token.start, end: token.end, file: file)
  }

  package func span(from start: Int) -> SourceSpan {
    SourceSpan(start: start, end: index > 0 ? tokens[index - 1].end : start, file: file)
  }

  // MARK: taking

  /// Takes the current token; the end token stays.
  @discardableResult
  package mutating func take() -> Token {
    let token = current
    if index < tokens.count - 1 { index += 1 }
    return token
  }

  /// Takes the current token if it is of the kind.
  package mutating func take(_ kind: Token.Kind) -> Token? {
    current.kind == kind ? take() : nil
  }

  /// Takes a token of the kind or complains that `what` was expected.
  @discardableResult
  package mutating func expect(
    _ kind: Token.Kind, _ what: String
  ) throws(SyntaxFailure) -> Token {
    if current.kind == kind { return take() }
    throw unexpected(what)
  }

  // MARK: complaining

  /// Findings so far, those left out included.
  package var problemCount: Int { diagnostics.count + suppressed }

  package mutating func report(_ diagnostic: Diagnostic) {
    guard diagnostics.count < CedarLimits.diagnosticsMax else {
      suppressed += 1
      return
    }
    diagnostics.append(diagnostic)
  }

  package mutating func error(
    _ code: DiagnosticCode, _ message: String, _ span: SourceSpan, _ label: String = "",
    help: String? = nil, fix: Diagnostic.Fix? = nil
  ) {
    report(
      Diagnostic(
        .error, code, message, labels: [.init(span, label)], help: help, fix: fix))
  }

  /// Complains about the current token. A token the lexer complained about already is passed over
  /// in silence.
  package mutating func unexpected(_ expected: String, help: String? = nil) -> SyntaxFailure {
    let token = current
    switch token.kind {
    case .invalid: break
    case .end:
      let last = index > 0 ? tokens[index - 1] : token
      error(
        .unexpectedEnd, "the source ends where \(expected) should follow",
        SourceSpan(start: last.start, end: last.end, file: file),
        "expected \(expected) behind this",
        help: help)
    default:
      error(
        .unexpectedToken, "unexpected `\(shortText(token))`, expected \(expected)", span(token),
        "expected \(expected)", help: help)
    }
    return SyntaxFailure()
  }

  private func shortText(_ token: Token) -> String {
    let whole = text(token)
    return whole.count <= 40 ? whole : whole.prefix(37) + "..."
  }

  /// All findings, ordered by place; with a last note when some were left out.
  package func finish() -> [Diagnostic] {
    var result = diagnostics
    result.sort { $0.span.start < $1.span.start }
    if suppressed > 0 {
      result.append(
        Diagnostic(
          .note, .tooManyDiagnostics, "\(suppressed) further findings are not shown",
          labels: [.init(span(tokens[tokens.count - 1]))]))
    }
    return result
  }

  // MARK: nesting

  /// Enters one level of nesting; complains and fails beyond `CedarLimits.nestingMax`.
  package mutating func enter() throws(SyntaxFailure) {
    guard nesting < CedarLimits.nestingMax else {
      error(
        .nestingTooDeep, "nested more than \(CedarLimits.nestingMax) levels deep", span(current),
        help: "split the condition into several `when` clauses or policies")
      throw SyntaxFailure()
    }
    nesting += 1
  }

  package mutating func leave() { nesting -= 1 }

  /// Forgets the nesting after a failure was caught at the outermost level.
  package mutating func resetNesting() { nesting = 0 }

  // MARK: strings

  /// The value of a string token; mistakes are reported and left out of the value.
  package mutating func stringValue(_ token: Token) -> String {
    let content = (token.start + 1)..<(token.end - 1)
    // Nearly every literal is without escapes; those need no walk.
    if !bytes[content].contains(where: { $0 == 0x5C || $0 == 0x0D }) {
      return String(decoding: bytes[content], as: UTF8.self)
    }
    var value = ""
    var problems: [Unescape.Problem] = []
    let star = Array("\\*".utf8)
    var cursor = content.lowerBound
    Unescape.walk(bytes, content) { piece in
      switch piece {
      case .scalar(let scalar): value.unicodeScalars.append(scalar)
      case .escapedStar:
        // Find which `\*` this was, for the label.
        while cursor + 1 < content.upperBound, Array(bytes[cursor..<cursor + 2]) != star {
          cursor += 1
        }
        problems.append(
          Unescape.Problem(
            message: "`\\*` is an escape only on the right of `like`", start: cursor,
            end: cursor + 2))
        cursor += 2
      }
    } problem: { problem in
      problems.append(problem)
    }
    for problem in problems { reportEscape(problem) }
    return value
  }

  package mutating func reportEscape(_ problem: Unescape.Problem) {
    error(
      .invalidEscape, problem.message,
      SourceSpan(start: problem.start, end: problem.end, file: file),
      help: #"the escapes are \n \r \t \0 \\ \" \' \x41 \u{1F600}"#)
  }
}
