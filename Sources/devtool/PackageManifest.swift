// SPDX-License-Identifier: MIT

/// The targets of `Package.swift` in their order, with the targets each may import.
///
/// The manifest is read as text: asking SwiftPM would wait for the lock that `swift test` holds.
struct PackageManifest: Equatable {
  struct Target: Equatable {
    let name: String
    /// Targets of this package only, in the manifest's order.
    let dependencies: [String]
  }

  /// Without test targets.
  let targets: [Target]

  /// - Throws: `Repository.Failure` if no target is found, so that a changed layout of the
  ///   manifest cannot turn the check off.
  init(_ text: String) throws {
    let code = PackageManifest.withoutComments(text)
    guard let start = code.firstRange(of: "\n  targets: [") else {
      throw Repository.Failure(message: "Package.swift has no `targets: [`")
    }
    let rest = code[start.upperBound...]
    let body = rest[..<(rest.firstRange(of: "\n  ]\n)")?.lowerBound ?? rest.endIndex)]
    let opening = /(?:module|\.systemLibrary|\.target|\.executableTarget)\(\s*(?:name:\s*)?"(\w+)"/
    var found: [(name: String, dependencies: [String])] = []
    for match in body.matches(of: opening) {
      let list = PackageManifest.dependencyList(body[match.range.upperBound...])
      let strings = list.matches(of: /"(\w+)"/).map { String($0.output.1) }
      found.append((String(match.output.1), strings))
    }
    guard found.count >= 10 else {
      throw Repository.Failure(message: "Package.swift: only \(found.count) targets understood")
    }
    let names = Set(found.map(\.name))
    targets = found.map { target in
      Target(name: target.name, dependencies: target.dependencies.filter(names.contains))
    }
  }

  /// The array that follows a target's name as its dependencies, or nothing where the target ends
  /// first. Products of other packages stand in parentheses and are left out.
  private static func dependencyList(_ rest: Substring) -> String {
    var list = ""
    var isInside = false
    var depth = 0
    var argument = ""
    for character in rest {
      switch character {
      case "[" where depth == 0:
        // `settings: [` or `pkgConfig: …` are other arguments.
        let label = argument.split(separator: ",").last.map(String.init) ?? ""
        isInside = !label.contains(":") || label.contains("dependencies:")
        if !isInside { depth += 1 }
      case "(": depth += 1
      case "[": depth += 1
      case "]" where depth == 0:
        if isInside { return list }
      case "]": depth -= 1
      case ")":
        if depth == 0 { return list }
        depth -= 1
      default:
        if depth > 0 { continue }
        if isInside { list.append(character) } else { argument.append(character) }
      }
    }
    return list
  }

  private static func withoutComments(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.drop { $0 == " " }.hasPrefix("//") ? "" : String(line)
    }.joined(separator: "\n")
  }
}
