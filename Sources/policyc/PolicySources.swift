// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSyntax
import PolicyCompiler

/// The format of policies or of a schema, where the name of the file does not tell.
enum SourceFormat: String, CaseIterable, ExpressibleByArgument {
  case cedar
  case json
}

/// Policies read from files and folders, with what was found on the way.
struct PolicySources {
  var files = SourceFiles()
  var set = PolicySet()
  var diagnostics: [Diagnostic] = []
  /// The policy files that were read, in order.
  var paths: [String] = []

  /// Reads files and folders; folders are searched for `*.cedar`, in order of their names, and `-`
  /// is standard input. Several files make one set: names by position run through.
  ///
  /// - Parameter format: what the files hold; nil goes by their names.
  /// - Throws: an exit code, after saying why, when a file cannot be read.
  static func read(_ paths: [String], format: SourceFormat? = nil) throws -> PolicySources {
    var result = PolicySources()
    for path in paths {
      for file in try Files.policies(path) { try result.add(file, format) }
    }
    return result
  }

  init() {}

  /// One text, as an editor holds it.
  init(text: String, path: String) {
    add(text, path, nil)
  }

  private mutating func add(_ path: String, _ format: SourceFormat?) throws {
    guard files.files.count < SourceFiles.countMax else { throw Console.fail("too many files") }
    add(try Files.text(path), path, format)
  }

  private mutating func add(_ text: String, _ path: String, _ format: SourceFormat?) {
    guard let number = files.add(name: Files.name(path), text: text) else { return }
    paths.append(path)
    let isJSON = format.map { $0 == .json } ?? path.hasSuffix(".json")
    guard isJSON else {
      let (parsed, findings) = parsePolicies(text, dialect: true, file: number)
      let first = set.policies.count
      for (offset, var policy) in parsed.policies.enumerated() {
        if first > 0 { policy.id = "policy\(first + offset)" }
        set.policies.append(policy)
      }
      diagnostics += findings
      return
    }
    let (parsed, findings) = parsePoliciesJSON(text, file: number)
    set.policies += parsed.policies
    set.links += parsed.links
    diagnostics += findings
  }

  /// The program of the policies.
  ///
  /// - Throws: an exit code, `code`, after showing every error.
  func compile(
    _ identifiers: PolicyIdentifiers, failing code: ExitCode = ExitCodes.cannotRun
  ) throws -> CompiledPolicies {
    if diagnostics.hasErrors { throw Console.fail(diagnostics, files, code: code) }
    switch compilePolicies(set, files: files, identifiers: identifiers) {
    case .success(let compiled): return compiled
    case .failure(let failure): throw Console.fail(failure.diagnostics, files, code: code)
    }
  }
}
