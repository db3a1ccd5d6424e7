// SPDX-License-Identifier: MIT

/// Draws random sentences of a grammar. The same seed gives the same sentences.
public struct GrammarDrawer {
  private let grammar: Grammar
  /// Whether alternatives with a name that begins with "dialect" may be chosen.
  private let dialect: Bool
  private var state: UInt64
  /// Steps to the shortest sentence of each name; what is not there cannot be drawn.
  private var heights: [String: Int] = [:]

  private static let unreachable = 1_000_000
  /// Beyond this depth, or this number of tokens, the shortest way out is taken.
  private static let depthMax = 60
  private static let tokenCountMax = 120
  private var tokenCount = 0

  public init(_ grammar: Grammar, dialect: Bool, seed: UInt64) {
    self.grammar = grammar
    self.dialect = dialect
    state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    measure()
  }

  /// A sentence of the given name.
  public mutating func draw(_ name: String) -> String {
    var output = ""
    tokenCount = 0
    draw(.reference(name), depth: 0, isToken: false, into: &output)
    return output
  }

  private func isLong(_ depth: Int) -> Bool {
    depth > Self.depthMax || tokenCount > Self.tokenCountMax
  }

  // MARK: chance

  private mutating func below(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state >> 33) % bound
  }

  // MARK: heights

  private mutating func measure() {
    var changed = true
    while changed {
      changed = false
      for (name, rule) in grammar.rules where isAllowed(name) {
        let height = height(rule) + 1
        if height < heights[name] ?? Self.unreachable {
          heights[name] = height
          changed = true
        }
      }
    }
  }

  private func isAllowed(_ name: String) -> Bool {
    dialect || !name.lowercased().hasPrefix("dialect")
  }

  private func height(_ rule: Grammar.Rule) -> Int {
    switch rule {
    case .terminal, .characters, .optional, .repetition: 0
    case .reference(let name): heights[name] ?? Self.unreachable
    case .sequence(let parts): parts.map(height).max() ?? 0
    case .choice(let options): options.map(height).min() ?? 0
    case .except(let rule, _): height(rule)
    }
  }

  // MARK: drawing

  private mutating func draw(
    _ rule: Grammar.Rule, depth: Int, isToken: Bool, into output: inout String
  ) {
    switch rule {
    case .terminal(let text): append(text, isToken, &output)
    case .characters(let ranges): appendCharacter(ranges, &output)
    case .reference(let name):
      let startsToken = !isToken && name.first?.isUppercase == true
      if startsToken {
        output += separator()
        tokenCount += 1
      }
      if let rule = grammar.rules[name] {
        draw(rule, depth: depth + 1, isToken: isToken || startsToken, into: &output)
      }
    case .sequence(let parts):
      for part in parts { draw(part, depth: depth, isToken: isToken, into: &output) }
    case .choice(let options):
      let reachable = options.filter { height($0) < Self.unreachable }
      guard !reachable.isEmpty else { return }
      let shortest = reachable.min { height($0) < height($1) }
      let option =
        isLong(depth) ? shortest ?? reachable[0] : reachable[below(reachable.count)]
      draw(option, depth: depth + 1, isToken: isToken, into: &output)
    case .optional(let inner):
      guard !isLong(depth), height(inner) < Self.unreachable, below(3) == 0 else { return }
      draw(inner, depth: depth + 1, isToken: isToken, into: &output)
    case .repetition(let inner):
      guard height(inner) < Self.unreachable else { return }
      var count = 0
      while !isLong(depth), count < 8, below(isToken ? 2 : 3) == 0 {
        draw(inner, depth: depth + 1, isToken: isToken, into: &output)
        count += 1
      }
    case .except(let rule, let exception):
      drawExcept(rule, exception, depth, isToken, &output)
    }
  }

  private mutating func drawExcept(
    _ rule: Grammar.Rule, _ exception: Grammar.Rule, _ depth: Int, _ isToken: Bool,
    _ output: inout String
  ) {
    let forbidden = terminals(exception)
    while true {
      var candidate = ""
      draw(rule, depth: depth, isToken: isToken, into: &candidate)
      if !forbidden.contains(candidate) {
        output += candidate
        return
      }
    }
  }

  private func terminals(_ rule: Grammar.Rule) -> Set<String> {
    switch rule {
    case .terminal(let text): [text]
    case .choice(let options): options.reduce(into: []) { $0.formUnion(terminals($1)) }
    case .reference(let name): grammar.rules[name].map(terminals) ?? []
    default: []
    }
  }

  private mutating func append(_ text: String, _ isToken: Bool, _ output: inout String) {
    if !isToken {
      output += separator()
      tokenCount += 1
    }
    output += text
  }

  /// White space or a comment between tokens.
  private mutating func separator() -> String {
    switch below(24) {
    case 0: "\n"
    case 1: " // \(below(100))\n"
    case 2: "\n// note \"\(below(100))\n  "
    case 3: "\t\u{A0}"
    default: " "
    }
  }

  private mutating func appendCharacter(
    _ ranges: [ClosedRange<UInt32>], _ output: inout String
  ) {
    // Early ranges hold the common characters; the last ones nearly all of Unicode.
    let range = ranges[below(ranges.count)]
    let span = min(Int(range.upperBound - range.lowerBound) + 1, below(4) == 0 ? Int.max : 100)
    if let scalar = Unicode.Scalar(range.lowerBound + UInt32(below(span))) {
      output.unicodeScalars.append(scalar)
    }
  }
}
