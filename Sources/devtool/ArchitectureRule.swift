// SPDX-License-Identifier: MIT

/// The table of targets in ARCHITECTURE.md says what Package.swift says: the same targets in the
/// same order, each with the targets it may import.
enum ArchitectureRule {
  static let path = "ARCHITECTURE.md"

  static func check(_ text: String, _ manifest: PackageManifest) -> [Finding] {
    let rows = tableRows(text)
    var findings: [Finding] = []
    func add(_ line: Int, _ message: String) {
      findings.append(Finding(path: path, line: line, rule: "architecture", message: message))
    }
    for target in manifest.targets {
      let expected = target.dependencies
      guard let row = rows.first(where: { $0.target == target.name }) else {
        add(0, "the table has no row `\(target.name)` (imports: \(list(expected)))")
        continue
      }
      if row.dependencies.sorted() != expected.sorted() {
        add(
          row.line,
          "`\(target.name)` imports \(list(expected)) in Package.swift, "
            + "here \(list(row.dependencies))")
      }
    }
    let names = manifest.targets.map(\.name)
    for row in rows where !names.contains(row.target) {
      add(row.line, "`\(row.target)` is no target of Package.swift")
    }
    let order = rows.map(\.target).filter(names.contains)
    if findings.isEmpty && order != names {
      add(rows.first?.line ?? 0, "the rows are not in the order of Package.swift")
    }
    return findings
  }

  /// The text with the imports of each known row set to what the manifest says.
  static func withImports(_ text: String, from manifest: PackageManifest) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for row in tableRows(text) {
      guard let target = manifest.targets.first(where: { $0.name == row.target }),
        target.dependencies.sorted() != row.dependencies.sorted()
      else { continue }
      var cells = lines[row.line - 1].split(separator: "|", omittingEmptySubsequences: false)
      let imports = target.dependencies.map { "`\($0)`" }.joined(separator: " ")
      cells[2] = imports.isEmpty ? " " : " \(imports) "
      lines[row.line - 1] = cells.joined(separator: "|")
    }
    return lines.joined(separator: "\n")
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty ? "nothing" : names.map { "`\($0)`" }.joined(separator: " ")
  }

  /// Rows of the table whose first heading is `target`: the name and the imports, in back quotes.
  static func tableRows(
    _ text: String
  ) -> [(line: Int, target: String, dependencies: [String])] {
    var rows: [(line: Int, target: String, dependencies: [String])] = []
    var isInside = false
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated()
    {
      if line.hasPrefix("| target |") {
        isInside = true
      } else if !line.hasPrefix("|") {
        isInside = false
      } else if isInside {
        let cells = line.split(separator: "|", omittingEmptySubsequences: false)
        guard cells.count >= 4 else { continue }
        let names = cells[1].matches(of: /`(\w+)`/).map { String($0.output.1) }
        guard let name = names.first else { continue }
        let imports = cells[2].matches(of: /`(\w+)`/).map { String($0.output.1) }
        rows.append((index + 1, name, imports))
      }
    }
    return rows
  }
}
