// SPDX-License-Identifier: MIT

/// What annotations mean to the program that reads them.
public struct LintOptions: Sendable {
  /// What the value of an annotation must look like.
  public enum ValueForm: Sendable {
    case anything
    case nonEmpty
    /// A whole number within a range, as digits.
    case integer(ClosedRange<Int64>)
    /// A number with up to four fraction digits.
    case number
    case oneOf([String])
    /// A time in whole milliseconds or seconds (`250ms`, `2s`) within a range of milliseconds, or
    /// a word.
    case delay(ClosedRange<Int64>, orWord: String)
  }

  /// Annotations that describe a policy or rank it; allowed on permits and forbids.
  public var descriptive: [String: ValueForm]
  /// Annotations that hold when their permit decides.
  public var obligations: [String: ValueForm]
  /// Whether to note policies without `@id`.
  public var notesMissingID: Bool

  public init(
    descriptive: [String: ValueForm], obligations: [String: ValueForm],
    notesMissingID: Bool = true
  ) {
    self.descriptive = descriptive
    self.obligations = obligations
    self.notesMissingID = notesMissingID
  }

  /// The annotations of the routing policies, with the ranges of values that the gateway takes.
  public static let routing = LintOptions(
    descriptive: [
      "id": .nonEmpty, "description": .anything, "reason": .anything, "owner": .anything,
      "priority": .number, "weight": .integer(1...10_000),
    ],
    obligations: [
      "strategy": .oneOf(["cost", "latency", "least-busy", "weighted", "order"]),
      "max_output_tokens": .integer(1...1_000_000_000), "cache": .oneOf(["on", "off"]),
      "fallback": .nonEmpty, "timeout_ms": .integer(1...86_400_000), "tag": .nonEmpty,
      "hedge": .delay(1...60_000, orWord: "p95"), "keep_alive_ms": .integer(0...3_600_000),
    ])
}

/// Finds policies that are valid but hardly meant: a duplicate id, an obligation nobody knows, a
/// condition that is always false, a permit that a forbid always overrules, decimals compared by
/// `<`. A policy without `@id` is a note; notes are not meant to fail a check.
///
/// - Returns: The findings, ordered by file and place.
public func lint(_ set: PolicySet, options: LintOptions = .routing) -> [Diagnostic] {
  var linter = Linter(options: options)
  linter.run(set)
  return linter.diagnostics.sorted {
    ($0.span.file, $0.span.start) < ($1.span.file, $1.span.start)
  }
}

struct Linter {
  let options: LintOptions
  private(set) var diagnostics: [Diagnostic] = []

  init(options: LintOptions) {
    self.options = options
  }

  mutating func run(_ set: PolicySet) {
    checkIDs(set.policies)
    for policy in set.policies {
      checkAnnotations(policy)
      checkConditions(policy)
    }
    checkReach(set.policies)
  }

  mutating func report(
    _ code: DiagnosticCode, _ message: String, _ labels: [Diagnostic.Label],
    severity: Diagnostic.Severity = .warning, help: String? = nil, fix: Diagnostic.Fix? = nil
  ) {
    diagnostics.append(
      Diagnostic(severity, code, message, labels: labels, help: help, fix: fix))
  }

  /// The scope of a policy, which stands for the whole; the policy itself where it has no place.
  private func head(_ policy: Policy) -> SourceSpan {
    let scope = policy.principal.span.union(policy.resource.span)
    return scope.count > 0 ? scope : policy.span
  }

  // MARK: ids

  private mutating func checkIDs(_ policies: [Policy]) {
    var seen: [ExactString: SourceSpan] = [:]
    for policy in policies {
      guard let annotation = policy.annotation("id") else {
        guard options.notesMissingID else { continue }
        let start = SourceSpan(
          start: Int(policy.span.start), end: Int(policy.span.start), file: policy.span.file)
        report(
          .missingID, "this policy has no `@id`", [.init(start, "known as `\(policy.id)`")],
          severity: .note,
          help: "add `@id(\"...\")`; the name in answers then stays when policies are moved")
        continue
      }
      if let first = seen.updateValue(annotation.span, forKey: ExactString(annotation.text)) {
        report(
          .duplicateID, "the id `\(annotation.text)` is given to two policies",
          [.init(annotation.span, "again here"), .init(first, "first given here")],
          severity: .error, help: "choose another id")
      }
    }
  }

  // MARK: annotations

  private mutating func checkAnnotations(_ policy: Policy) {
    for annotation in policy.annotations {
      if let form = options.descriptive[annotation.key] {
        checkValue(annotation, form)
      } else if let form = options.obligations[annotation.key] {
        checkValue(annotation, form)
        if policy.effect == .forbid {
          report(
            .obligationOnForbid, "`@\(annotation.key)` has no effect on a `forbid`",
            [.init(annotation.span)], help: "obligations hold when their permit decides")
        }
      } else {
        let known = (Array(options.descriptive.keys) + options.obligations.keys).sorted()
        let nearest = Suggestion.nearest(annotation.key, known)
        report(
          .unknownAnnotation, "nobody knows the annotation `@\(annotation.key)`",
          [.init(annotation.span)],
          help: nearest.map { "did you mean `@\($0)`?" }
            ?? "the annotations are \(known.map { "`@\($0)`" }.joined(separator: ", "))")
      }
    }
  }

  private mutating func checkValue(_ annotation: Annotation, _ form: LintOptions.ValueForm) {
    let text = annotation.text
    let expected: String
    switch form {
    case .anything: return
    case .nonEmpty:
      if !text.isEmpty { return }
      expected = "a value"
    case .integer(let range):
      if let value = Int64(text), range.contains(value), text.utf8.allSatisfy(Lexer.isDigit) {
        return
      }
      expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .number:
      if Self.isNumber(text) { return }
      expected = "a number with up to four digits behind the point"
    case .delay(let range, let word):
      if text == word { return }
      if let delay = Self.milliseconds(text), range.contains(delay) { return }
      expected =
        "`\(word)` or a delay from `\(range.lowerBound)ms` to `\(range.upperBound)ms`, such as "
        + "`250ms` or `2s`"
    case .oneOf(let choices):
      if choices.contains(text) { return }
      expected = "one of \(choices.map { "`\($0)`" }.joined(separator: ", "))"
      if let nearest = Suggestion.nearest(text, choices) {
        report(
          .invalidAnnotationValue, "`@\(annotation.key)` takes \(expected), not `\(text)`",
          [.init(annotation.valueSpan)], help: "did you mean `\(nearest)`?")
        return
      }
    }
    report(
      .invalidAnnotationValue, "`@\(annotation.key)` takes \(expected), not `\(text)`",
      [.init(annotation.valueSpan)])
  }

  /// Whether a text is a number whose ten-thousandfold fits 64 bits.
  static func isNumber(_ text: String) -> Bool {
    DecimalLiteral(text) != nil || DecimalLiteral(text + ".0") != nil
  }

  /// The milliseconds of a whole number followed by `ms` or `s`.
  static func milliseconds(_ text: String) -> Int64? {
    let isSeconds = !text.hasSuffix("ms")
    let digits = text.utf8.dropLast(isSeconds ? 1 : 2)
    guard text.hasSuffix("s"), (1...9).contains(digits.count),
      digits.allSatisfy(Lexer.isDigit), let number = Int64(Substring(digits))
    else { return nil }
    return isSeconds ? number * 1_000 : number
  }

  // MARK: reach

  /// A permit whose every request an unconditional forbid also fits never allows anything.
  private mutating func checkReach(_ policies: [Policy]) {
    let walls = policies.filter { $0.effect == .forbid && $0.conditions.isEmpty && !$0.isTemplate }
    guard !walls.isEmpty else { return }
    for policy in policies where policy.effect == .permit {
      guard let wall = walls.first(where: { $0.covers(policy) }) else { continue }
      report(
        .unreachablePolicy, "this permit never allows anything",
        [.init(head(policy), "always overruled"), .init(head(wall), "by this forbid")],
        help: "a satisfied forbid wins; give the forbid a condition or remove the permit")
    }
  }
}

extension Policy {
  /// Whether the scope surely fits every request that the other's scope fits.
  fileprivate func covers(_ other: Policy) -> Bool {
    principal.covers(other.principal) && resource.covers(other.resource)
      && action.covers(other.action)
  }
}

extension ScopeConstraint {
  fileprivate func covers(_ other: ScopeConstraint) -> Bool {
    switch (kind, other.kind) {
    case (.any, _): true
    case (.equal(.entity(let mine)), .equal(.entity(let theirs))): mine == theirs
    case (.in(.entity(let mine)), .equal(.entity(let theirs))),
      (.in(.entity(let mine)), .in(.entity(let theirs))),
      (.in(.entity(let mine)), .isIn(_, .entity(let theirs))):
      mine == theirs
    case (.is(let mine), .is(let theirs)), (.is(let mine), .isIn(let theirs, _)): mine == theirs
    case (.is(let mine), .equal(.entity(let theirs))): mine == theirs.type
    default: false
    }
  }
}

extension ActionConstraint {
  private var uids: [EntityUID]? {
    switch kind {
    case .any: nil
    case .equal(let action), .in(let action): [action.uid]
    case .inSet(let actions): actions.map(\.uid)
    }
  }

  fileprivate func covers(_ other: ActionConstraint) -> Bool {
    guard let mine = uids else { return true }
    guard let theirs = other.uids else { return false }
    if case .equal = kind {
      guard case .equal = other.kind else { return false }
    }
    return theirs.allSatisfy { mine.contains($0) }
  }
}
