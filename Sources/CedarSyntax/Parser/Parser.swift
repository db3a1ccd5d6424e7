// SPDX-License-Identifier: MIT

/// Reads a policy file. All findings of the file are returned at once; a policy with an error is
/// left out of the set, the others keep the ids `policyN` that their position gives them.
///
/// - Parameters:
///   - source: The text.
///   - dialect: Whether the routing dialect is understood. Its forms are errors otherwise.
///   - file: The number of the file in the caller's `SourceFiles`.
/// - Returns: The policies and the findings, ordered by place.
public func parsePolicies(
  _ source: String, dialect: Bool, file: UInt16 = 0
) -> (policies: PolicySet, diagnostics: [Diagnostic]) {
  var parser = Parser(source, dialect: dialect, file: file)
  let policies = parser.policies()
  return (PolicySet(policies: policies), parser.cursor.finish())
}

/// Reads one expression, as `policyc evaluate` takes it. Nil when there is an error.
public func parseExpression(
  _ source: String, dialect: Bool, file: UInt16 = 0
) -> (expression: Expression?, diagnostics: [Diagnostic]) {
  var parser = Parser(source, dialect: dialect, file: file)
  var result: Expression?
  do throws(SyntaxFailure) {
    result = try parser.expression()
    if !parser.cursor.atEnd { _ = parser.cursor.unexpected("the end of the expression") }
  } catch {}
  let diagnostics = parser.cursor.finish()
  return (diagnostics.hasErrors ? nil : result, diagnostics)
}

/// Reads an entity such as `User::"alice"`. Nil when there is an error.
public func parseEntityUID(
  _ source: String, file: UInt16 = 0
) -> (uid: EntityUID?, diagnostics: [Diagnostic]) {
  let (expression, diagnostics) = parseExpression(source, dialect: false, file: file)
  guard let expression else { return (nil, diagnostics) }
  if case .entity(let uid) = expression.kind { return (uid, diagnostics) }
  let problem = Diagnostic(
    .error, .invalidEntityLiteral, "expected an entity such as `User::\"alice\"`",
    labels: [.init(expression.span)])
  return (nil, diagnostics + [problem])
}

/// Recursive descent over the tokens of one policy file.
///
/// Two kinds of error: those of meaning are reported and reading goes on; those of structure throw
/// `SyntaxFailure` and reading goes on behind the policy.
struct Parser {
  var cursor: TokenCursor
  let dialect: Bool
  /// Slots are allowed: a scope is being read.
  var inScope = false

  init(_ source: String, dialect: Bool, file: UInt16) {
    cursor = TokenCursor(source, file: file)
    self.dialect = dialect
  }

  mutating func policies() -> [Policy] {
    var result: [Policy] = []
    var position = 0
    while !cursor.atEnd {
      let before = cursor.problemCount
      let start = cursor.index
      do throws(SyntaxFailure) {
        let read = try policy(id: "policy\(position)")
        if cursor.problemCount == before { result.append(read) }
      } catch {
        cursor.resetNesting()
        inScope = false
        recover(start)
      }
      position += 1
    }
    return result
  }

  /// Skips to where the next policy can begin: behind a semicolon, or before something that looks
  /// like the head of a policy.
  private mutating func recover(_ start: Int) {
    if cursor.index == start { cursor.take() }
    while !cursor.atEnd {
      if cursor.take(.semicolon) != nil { return }
      if looksLikePolicyStart { return }
      cursor.take()
    }
  }

  /// `permit (` and `forbid (` begin a policy wherever they stand; `@name` does if it is followed
  /// by `(` or by another head.
  var looksLikePolicyStart: Bool {
    if cursor.atWord("permit") || cursor.atWord("forbid") {
      return cursor.peek(1).kind == .leftParenthesis
    }
    return cursor.current.kind == .at && cursor.peek(1).kind == .identifier
  }

  /// Makes a node, or complains when the tree becomes too deep.
  mutating func make(
    _ kind: Expression.Kind, from start: Int
  ) throws(SyntaxFailure) -> Expression {
    let span = cursor.span(from: start)
    let node = Expression(kind, span: span)
    guard node.depth <= CedarLimits.depthMax else {
      cursor.error(
        .nestingTooDeep, "this expression is more than \(CedarLimits.depthMax) levels deep", span,
        help: "split it into several `when` clauses or policies")
      throw SyntaxFailure()
    }
    return node
  }
}
