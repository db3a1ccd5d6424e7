// SPDX-License-Identifier: MIT

/// All rules over the whole repository.
enum Tidy {
  struct Report {
    let fileCount: Int
    let findings: [Finding]
  }

  static func run(_ repository: Repository) throws -> Report {
    let paths = try repository.paths()
    let manifest = try PackageManifest(try repository.text("Package.swift"))
    var findings = LayerRules.checkOrder(manifest)
    findings += ArtefactRule.check(try repository.trackedPaths())
    for path in paths {
      let file = SourceFile(path: path, bytes: try repository.bytes(path))
      findings += TextRules.check(file)
      findings += FunctionLengthRule.check(file)
      findings += LayerRules.checkImports(file, manifest)
    }
    if paths.contains(ArchitectureRule.path) {
      findings += ArchitectureRule.check(try repository.text(ArchitectureRule.path), manifest)
    } else {
      findings.append(
        Finding(
          path: ArchitectureRule.path, line: 0, rule: "architecture", message: "is missing"))
    }
    findings += try DocumentationRule.check(repository, paths)
    let hasRatchet = paths.contains(Ratchet.path)
    let ratchet = Ratchet(hasRatchet ? try repository.text(Ratchet.path) : "")
    return Report(fileCount: paths.count, findings: ratchet.filter(findings))
  }
}
