// SPDX-License-Identifier: MIT

import Telemetry
import Translation

/// A checked-in file, or a part of one, whose content the code knows.
struct GeneratedFile: Sendable {
  let path: String
  let content: @Sendable (Repository) throws -> String

  static let all: [GeneratedFile] = [
    GeneratedFile(path: "docs/reference/metrics.md") { _ in MetricReference.markdown() },
    GeneratedFile(path: "docs/reference/translation.md") { _ in TranslationReference.markdown() },
    GeneratedFile(path: ArchitectureRule.path) { repository in
      ArchitectureRule.withImports(
        try repository.text(ArchitectureRule.path),
        from: try PackageManifest(try repository.text("Package.swift")))
    },
  ]
}
