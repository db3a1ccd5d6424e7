// SPDX-License-Identifier: MIT

import CedarSyntax
import Foundation
import Testing

/// docs/reference/diagnostics.md explains every code, under its title, and no other.
struct DiagnosticReferenceTests {
  @Test func everyCodeIsExplained() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(
      contentsOf: root.appending(path: "docs/reference/diagnostics.md"), encoding: .utf8)
    var explained: [String: String] = [:]
    for line in page.split(separator: "\n") where line.hasPrefix("| CEDAR") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      explained[cells[0]] = cells[1]
      #expect(cells.count >= 3 && !cells[2].isEmpty, "\(cells[0]) has no cure")
    }
    for code in DiagnosticCode.all {
      #expect(explained[code.description] == code.title, "\(code): \(code.title)")
    }
    #expect(explained.count == DiagnosticCode.all.count)
    #expect(Set(DiagnosticCode.all).count == DiagnosticCode.all.count)
  }
}
