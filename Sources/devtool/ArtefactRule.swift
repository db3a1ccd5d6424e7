// SPDX-License-Identifier: MIT

/// Files that programs make must not be tracked.
enum ArtefactRule {
  private static let folders: Set<Substring> = [
    ".build", "__pycache__", ".venv", "node_modules", ".fetched",
  ]
  private static let names: Set<Substring> = ["Package.resolved", ".DS_Store"]
  private static let endings: Set<Substring> = [
    "o", "a", "so", "whl", "pyc", "profraw", "cedarc", "sqlite", "db",
  ]

  static func check(_ trackedPaths: [String]) -> [Finding] {
    trackedPaths.compactMap { path in
      let parts = path.split(separator: "/")
      guard let name = parts.last else { return nil }
      let ending = name.split(separator: ".").dropFirst().last
      let isArtefact =
        parts.contains(where: folders.contains) || names.contains(name)
        || ending.map(endings.contains) ?? false
      guard isArtefact, !parts.contains("Fixtures"), !parts.contains("Corpus") else { return nil }
      return Finding(
        path: path, line: 0, rule: "artefact", message: "made by a program; do not track it")
    }
  }
}
