// SPDX-License-Identifier: MIT

/// Reference pages name everything that there is: each error code of the data plane, each key of
/// the shipped configuration.
enum DocumentationRule {
  /// What must be named on a page, and where it comes from.
  struct Source: Sendable {
    let path: String
    let page: String
    let names: @Sendable (String) -> [String]
  }

  static let sources = [
    Source(
      path: "Sources/DataPlane/GatewayError.swift", page: "docs/reference/errors.md",
      names: errorCodes),
    Source(
      path: "config/gateway.yaml", page: "docs/reference/configuration.md",
      names: configurationKeys),
    Source(
      path: "config/gateways.yaml", page: "docs/reference/configuration.md",
      names: { text in
        // Below the routing table the keys are patterns of model names.
        let head = text.firstRange(of: "\nmodel_routing:").map { text[..<$0.upperBound] }
        return configurationKeys(String(head ?? text[...]))
      }),
  ]

  static func check(_ repository: Repository, _ paths: [String]) throws -> [Finding] {
    var findings: [Finding] = []
    for source in sources where paths.contains(source.path) {
      let page = paths.contains(source.page) ? try repository.text(source.page) : ""
      findings += missing(
        source.names(try repository.text(source.path)), page, source)
    }
    return findings
  }

  static func missing(_ names: [String], _ page: String, _ source: Source) -> [Finding] {
    let words = Set(page.matches(of: /`([A-Za-z0-9_.]+)`/).map { String($0.output.1) })
    // `listeners.llm` on the page names the key `llm`; lists of words stand in one pair of quotes.
    var named = words
    for word in words { named.formUnion(word.split(separator: ".").map(String.init)) }
    return names.filter { !named.contains($0) }.map { name in
      Finding(
        path: source.page, line: 0, rule: "documentation",
        message: "does not mention `\(name)` of \(source.path)")
    }
  }

  /// The strings of `GatewayErrorKind.code`.
  static func errorCodes(_ text: String) -> [String] {
    guard let start = text.firstRange(of: "public var code: StaticString"),
      let end = text.firstRange(of: "public struct GatewayError")
    else { return [] }
    let body = text[start.upperBound..<end.lowerBound]
    return body.matches(of: /: "([a-z_]+)"/).map { String($0.output.1) }
  }

  /// Every key of a block mapping, also those of commented examples.
  static func configurationKeys(_ text: String) -> [String] {
    var keys: [String] = []
    for line in text.split(separator: "\n") {
      let isComment = line.contains(/^\s*#/)
      guard let match = line.firstMatch(of: /^[\s#]*(?:- )?([a-z_0-9]+):(?:\s|$)/) else { continue }
      // Prose in comments may end in a colon, but never has an example's value behind it.
      if isComment && !line.contains(/- name:|^\s*#\s{3,}[a-z_0-9]+:/) { continue }
      let key = String(match.output.1)
      if !keys.contains(key) { keys.append(key) }
    }
    return keys
  }
}
