// SPDX-License-Identifier: MIT

/// Who may import whom.
enum LayerRules {
  /// Modules whose presence would pull Foundation, its start-up time and its allocations into the
  /// request path.
  static let foundationModules: Set<String> = [
    "Foundation", "FoundationEssentials", "FoundationNetworking", "Dispatch",
  ]

  static let targetsWithoutFoundation: Set<String> = [
    "Bytes", "Clocks", "JSON", "Telemetry", "CedarSyntax", "CedarSchema", "DecisionIR",
    "PolicyCompiler", "HTTPWire", "ModelCatalog", "Accounts", "Providers", "Routing", "EventLoop",
    "Network", "DataPlane",
  ]

  /// C libraries and who may import them: one target each, but for the fakes, which must not share
  /// what they check.
  static let fence: [String: [String]] = [
    "CUV": ["EventLoop"], "COpenSSL": ["Credentials", "Network"], "CCurl": ["Network"],
    "CYAML": ["Configuration"], "CZlib": ["Network", "FakeProviders"], "CZstd": ["Network"],
  ]

  /// Modules that reach outside the program; the pure layers see none of them.
  static let outsideModules: Set<String> = ["Glibc", "Foundation", "Dispatch", "CUV"]
  static let targetsWithoutOutside: Set<String> = [
    "CedarSyntax", "CedarSchema", "DecisionIR", "PolicyCompiler", "HTTPWire", "ModelCatalog",
    "Accounts", "Routing", "JSON",
  ]

  static func checkOrder(_ manifest: PackageManifest) -> [Finding] {
    var seen: Set<String> = []
    var findings: [Finding] = []
    for target in manifest.targets {
      for dependency in target.dependencies where !seen.contains(dependency) {
        findings.append(
          Finding(
            path: "Package.swift", line: 0, rule: "layers",
            message: "`\(target.name)` may not import `\(dependency)`, which stands below it"))
      }
      seen.insert(target.name)
    }
    return findings
  }

  static func checkImports(_ file: SourceFile, _ manifest: PackageManifest) -> [Finding] {
    let parts = file.path.split(separator: "/")
    guard file.language == .swift, parts.count >= 3, parts[0] == "Sources" else { return [] }
    let target = String(parts[1])
    guard let declaration = manifest.targets.first(where: { $0.name == target }) else {
      return [
        Finding(
          path: file.path, line: 0, rule: "layers",
          message: "`\(target)` is no target of Package.swift")
      ]
    }
    let packageModules = Set(manifest.targets.map(\.name))
    var findings: [Finding] = []
    for (line, module) in imports(of: file) {
      var message: String?
      if packageModules.contains(module) && !declaration.dependencies.contains(module) {
        message = "`\(target)` may not import `\(module)` (Package.swift)"
      } else if let importers = fence[module], !importers.contains(target) {
        let names = importers.map { "`\($0)`" }.joined(separator: " and ")
        message = "only \(names) may import `\(module)`"
      } else if foundationModules.contains(module) && targetsWithoutFoundation.contains(target) {
        message = "`\(target)` may not import `\(module)`: it is on the request path"
      } else if outsideModules.contains(module) && targetsWithoutOutside.contains(target) {
        message = "`\(target)` is pure: no files, sockets or clocks, so no `\(module)`"
      }
      if let message {
        findings.append(
          Finding(path: file.path, line: line, rule: "layers", message: message))
      }
    }
    return findings
  }

  /// Each imported module with its line. Submodules and single declarations count as their module.
  static func imports(of file: SourceFile) -> [(line: Int, module: String)] {
    let masked = SourceFile(path: file.path, bytes: Masking.mask(file))
    var found: [(line: Int, module: String)] = []
    for (index, line) in masked.lines.enumerated() {
      let words = String(decoding: line, as: UTF8.self).split(separator: " ")
      guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count else {
        continue
      }
      let modifiers = words[..<keyword]
      let known: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
      guard modifiers.allSatisfy({ $0.hasPrefix("@") || known.contains($0) }) else { continue }
      var name = words[keyword + 1]
      let kinds: Set<Substring> = ["struct", "class", "enum", "func", "protocol", "typealias"]
      if kinds.contains(name), keyword + 2 < words.count { name = words[keyword + 2] }
      found.append((index + 1, String(name.split(separator: ".")[0])))
    }
    return found
  }
}
