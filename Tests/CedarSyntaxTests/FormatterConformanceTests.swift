// SPDX-License-Identifier: MIT

import CedarSyntax
import Foundation
import TestSupport
import Testing

/// Byte equality with the reference's formatter.
struct FormatterConformanceTests {
  @Test(.enabled(if: Conformance.isPresent, Comment(rawValue: Conformance.absent)))
  func layouts() throws {
    let records = try Conformance.lines("formatter/cases.jsonl")
    #expect(records.count == 798)
    try check(records)
  }

  /// A comment before and behind every kind of token; the layouts were asked of Rust Cedar 4.12
  /// through cedarpy, as `scripts/compare-reference` does.
  @Test func commentsAnywhere() throws {
    let file = RepositoryFolder.root.appending(
      path: "Tests/Fixtures/Conformance/comment-layouts.jsonl")
    let records = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
      try CedarJSON(parsing: String($0))
    }
    #expect(records.count == 202)
    try check(records)
  }

  private func check(_ records: [CedarJSON]) throws {
    var wrong: [String] = []
    for record in records {
      let input = record["input"]?.string ?? ""
      let expected = record["expected"]?.string ?? ""
      let options = FormatOptions(
        lineWidth: Int(record["width"]?.integer ?? 80),
        indentWidth: Int(record["indent"]?.integer ?? 2))
      let (text, _) = formatPolicies(input, dialect: false, options: options)
      if text != expected {
        wrong.append(
          "\(record["name"]?.string ?? "") \(options)\n\(Self.difference(expected, text ?? ""))")
      }
    }
    #expect(
      wrong.isEmpty,
      "\(wrong.count) of \(records.count):\n\(wrong.prefix(12).joined(separator: "\n---\n"))")
  }

  /// The lines around the first difference.
  private static func difference(_ expected: String, _ found: String) -> String {
    let first = expected.split(separator: "\n", omittingEmptySubsequences: false)
    let second = found.split(separator: "\n", omittingEmptySubsequences: false)
    var line = 0
    while line < min(first.count, second.count), first[line] == second[line] { line += 1 }
    let from = max(0, line - 4)
    return "expected:\n\(first.dropFirst(from).prefix(12).joined(separator: "\n"))\n"
      + "found:\n\(second.dropFirst(from).prefix(12).joined(separator: "\n"))"
  }
}
