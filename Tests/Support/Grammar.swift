// SPDX-License-Identifier: MIT

import Foundation

/// A grammar read from an EBNF file (ISO 14977 with the notation of grammar/cedar.ebnf).
public struct Grammar {
  public indirect enum Rule {
    case terminal(String)
    case reference(String)
    case characters([ClosedRange<UInt32>])
    case sequence([Rule])
    case choice([Rule])
    case optional(Rule)
    case repetition(Rule)
    case except(Rule, Rule)
  }

  public struct Mistake: Error {
    public let message: String
  }

  public private(set) var rules: [String: Rule] = [:]

  /// Reads a file of the repository's folder `grammar/`.
  public init(file: String) throws {
    let file = RepositoryFolder.root.appending(path: "grammar/\(file)")
    let text = try String(contentsOf: file, encoding: .utf8)
    var reader = GrammarReader(text: text)
    rules = try reader.rules()
    for rule in rules.values { try check(rule) }
  }

  /// Every name that is used is defined.
  private func check(_ rule: Rule) throws {
    switch rule {
    case .terminal, .characters: break
    case .reference(let name):
      if rules[name] == nil { throw Mistake(message: "`\(name)` is used but not defined") }
    case .sequence(let parts), .choice(let parts): for part in parts { try check(part) }
    case .optional(let inner), .repetition(let inner): try check(inner)
    case .except(let left, let right):
      try check(left)
      try check(right)
    }
  }
}

private struct GrammarReader {
  private var tokens: [String] = []
  private var index = 0

  init(text: String) {
    var rest = Substring(text)
    while let first = rest.first {
      if first.isWhitespace {
        rest = rest.dropFirst()
      } else if rest.hasPrefix("(*") {
        let end = rest.firstRange(of: "*)")?.upperBound ?? rest.endIndex
        rest = rest[end...]
      } else if "\"'?".contains(first) {
        let body = rest.dropFirst().prefix { $0 != first }
        tokens.append("\(first)\(body)")
        rest = rest.dropFirst(body.count + 2)
      } else if first.isLetter {
        let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
        tokens.append(String(word))
        rest = rest.dropFirst(word.count)
      } else {
        tokens.append(String(first))
        rest = rest.dropFirst()
      }
    }
  }

  private var current: String { index < tokens.count ? tokens[index] : "" }

  private mutating func expect(_ token: String) throws {
    guard current == token else {
      throw Grammar.Mistake(message: "expected `\(token)`, found `\(current)`")
    }
    index += 1
  }

  mutating func rules() throws -> [String: Grammar.Rule] {
    var result: [String: Grammar.Rule] = [:]
    while index < tokens.count {
      let name = current
      index += 1
      try expect("=")
      if result.updateValue(try choice(), forKey: name) != nil {
        throw Grammar.Mistake(message: "`\(name)` is defined twice")
      }
      try expect(";")
    }
    return result
  }

  private mutating func choice() throws -> Grammar.Rule {
    var options = [try sequence()]
    while current == "|" {
      index += 1
      options.append(try sequence())
    }
    return options.count == 1 ? options[0] : .choice(options)
  }

  private mutating func sequence() throws -> Grammar.Rule {
    var parts: [Grammar.Rule] = []
    while !["|", ";", ")", "]", "}", ""].contains(current) {
      var part = try factor()
      if current == "-" {
        index += 1
        part = .except(part, try factor())
      }
      parts.append(part)
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func factor() throws -> Grammar.Rule {
    let token = current
    index += 1
    switch token.first {
    case "\"", "'": return .terminal(String(token.dropFirst()))
    case "?": return .characters(try ranges(token.dropFirst()))
    case "(":
      defer { index += 1 }
      return try choice()
    case "[":
      defer { index += 1 }
      return .optional(try choice())
    case "{":
      defer { index += 1 }
      return .repetition(try choice())
    default: return .reference(token)
    }
  }

  private func ranges(_ text: Substring) throws -> [ClosedRange<UInt32>] {
    try text.split(separator: " ").map { part in
      let ends = part.split(separator: "-").compactMap { UInt32($0.dropFirst(2), radix: 16) }
      guard let first = ends.first, let last = ends.last, first <= last else {
        throw Grammar.Mistake(message: "`\(part)` is no range of characters")
      }
      return first...last
    }
  }
}
