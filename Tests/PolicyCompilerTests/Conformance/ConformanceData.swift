// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import DecisionIR
import Foundation
import PolicyCompiler
import TestSupport
import Testing

/// The reference's verdicts as programs and schemas.
enum ConformanceData {
  /// The unpacked folder, or nil when the archive is absent (said in the test's output).
  static let root = Conformance.directory

  static func text(_ path: String) throws -> String {
    _ = try #require(root)
    return try Conformance.text(path)
  }

  static func json(_ path: String) throws -> CedarJSON {
    try CedarJSON(parsing: text(path))
  }

  static func lines(_ path: String) throws -> [CedarJSON] {
    try text(path).split(separator: "\n").map { try CedarJSON(parsing: String($0)) }
  }

  /// Compiles policy text, naming policies by position.
  static func program(_ source: String, links: [TemplateLink] = []) throws -> Program {
    let (parsed, diagnostics) = parsePolicies(source, dialect: true)
    if diagnostics.hasErrors { throw Refused(reason: "\(diagnostics.map(\.message))") }
    var set = parsed
    set.links = links
    return try compilePolicies(set, identifiers: .position).get().program
  }

  static func schema(_ path: String) throws -> Schema {
    let (schema, diagnostics) = parseSchema(try text(path))
    guard let schema else { throw Refused(reason: "\(diagnostics.map(\.message))") }
    return schema
  }

  struct Refused: Error, CustomStringConvertible {
    let reason: String
    var description: String { reason }
  }
}

/// Agreements and disagreements of a section.
struct Tally {
  let section: String
  private(set) var agreed = 0
  private(set) var disagreements: [String] = []

  init(_ section: String) {
    self.section = section
  }

  mutating func note(_ agrees: Bool, _ what: @autoclosure () -> String) {
    if agrees { agreed += 1 } else { disagreements.append(what()) }
  }

  func report() {
    print("conformance \(section): \(agreed) of \(agreed + disagreements.count) agree")
    for line in disagreements.prefix(20) { print("  \(line)") }
  }
}
