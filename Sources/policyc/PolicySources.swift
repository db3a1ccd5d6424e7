// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSchema
import CedarSyntax
import DecisionIR
import Foundation
import PolicyCompiler

/// Policies read from files and folders, with what was found on the way.
struct PolicySources {
  var files = SourceFiles()
  var set = PolicySet()
  var diagnostics: [Diagnostic] = []
  /// The policy files that were read, in order.
  var paths: [String] = []

  /// Reads files and folders; folders are searched for `*.cedar`, in order of their names.
  ///
  /// - Throws: an exit code, after saying why, when a file cannot be read.
  static func read(_ paths: [String]) throws -> PolicySources {
    var result = PolicySources()
    for path in paths {
      for file in try Files.expand(path, suffix: ".cedar") { try result.add(file) }
    }
    // Several files make one set: ids by position run through.
    if result.paths.count > 1 {
      for index in result.set.policies.indices
      where result.set.policies[index].id.hasPrefix("policy") {
        result.set.policies[index].id = "policy\(index)"
      }
    }
    return result
  }

  private mutating func add(_ path: String) throws {
    let text = try Files.text(path)
    paths.append(path)
    guard let number = files.add(name: path, text: text) else {
      throw Console.fail("too many files")
    }
    let (parsed, findings) =
      path.hasSuffix(".json")
      ? parsePoliciesJSON(text) : parsePolicies(text, dialect: true, file: number)
    set.policies += parsed.policies
    set.links += parsed.links
    diagnostics += findings
  }

  /// The program of the policies.
  ///
  /// - Throws: an exit code, after showing every error.
  func compile(_ identifiers: PolicyIdentifiers) throws -> CompiledPolicies {
    if diagnostics.hasErrors { throw Console.fail(diagnostics, files) }
    switch compilePolicies(set, files: files, identifiers: identifiers) {
    case .success(let compiled): return compiled
    case .failure(let failure): throw Console.fail(failure.diagnostics, files)
    }
  }
}

/// Files as text, or the end of the command.
enum Files {
  static func text(_ path: String) throws -> String {
    let data: Data?
    if path == "-" {
      data = try? FileHandle.standardInput.readToEnd() ?? Data()
    } else {
      data = FileManager.default.contents(atPath: path)
    }
    guard let data else { throw Console.fail("cannot read `\(path)`") }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw Console.fail("`\(path)` is not valid UTF-8")
    }
    return text
  }

  /// A file as itself, a folder as the files in it whose names end with `suffix`, sorted.
  static func expand(_ path: String, suffix: String) throws -> [String] {
    var isFolder: ObjCBool = false
    if path == "-" { return [path] }
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Console.fail("cannot read `\(path)`: there is no such file")
    }
    guard isFolder.boolValue else { return [path] }
    let found = (FileManager.default.enumerator(atPath: path)?.allObjects ?? [])
      .compactMap { $0 as? String }.filter { $0.hasSuffix(suffix) }.sorted()
    return found.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
  }

  static func write(_ text: String, to path: String) throws {
    try write(Data(text.utf8), to: path)
  }

  static func write(_ data: Data, to path: String) throws {
    do {
      try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw Console.fail("cannot write `\(path)`: \(error.localizedDescription)")
    }
  }

  /// Runs a reader of data, naming the file in its message.
  static func data<Result>(
    _ path: String, _ read: (String) throws -> Result
  ) throws -> Result {
    let text = try self.text(path)
    do {
      return try read(text)
    } catch let problem as DataProblem {
      throw Console.fail("\(path): \(problem)")
    }
  }

  static func schema(_ path: String?) throws -> Schema? {
    guard let path else { return nil }
    var sources = SourceFiles()
    let text = try self.text(path)
    _ = sources.add(name: path, text: text)
    let (schema, findings) = parseSchema(text)
    guard let schema else { throw Console.fail(findings, sources) }
    return schema
  }
}

/// What commands that decide need: policies, entities, a schema.
struct EngineOptions: ParsableArguments {
  @Option(
    name: [.customShort("p"), .long], help: "Policy files or folders; may be given several times.")
  var policies: [String]

  @Option(help: "Entities in their JSON form.")
  var entities: String?

  @Option(
    name: [.customShort("s"), .long],
    help: "Schema; lets data leave out type escapes and declares actions.")
  var schema: String?

  @Option(
    name: [.customShort("k"), .customLong("template-linked")], help: "Template links in JSON.")
  var templateLinked: String?

  @Option(
    help: "Name policies by `position` (policy0, policy1 …) or by `annotation` (@id).")
  var ids = IdentifierChoice.annotation

  /// The store of the entities for the compiled policies, with the schema.
  func load() throws -> (store: EntityStore, schema: Schema?) {
    var sources = try PolicySources.read(policies)
    if let templateLinked {
      sources.set.links += try Files.data(templateLinked) { try readLinks($0) }
    }
    let program = try sources.compile(ids.identifiers).program
    let schema = try Files.schema(schema)
    var data: [EntityData] = []
    if let entities {
      data = try Files.data(entities) { try readEntities($0, schema: schema) }
    } else if let schema {
      data = actions(of: schema)
    }
    do {
      return (try EntityStore(program: program, entities: data), schema)
    } catch {
      throw Console.fail("\(entities ?? "entities"): \(error)")
    }
  }
}

/// `--ids`.
enum IdentifierChoice: String, CaseIterable, ExpressibleByArgument {
  case position
  case annotation

  var identifiers: PolicyIdentifiers { self == .position ? .position : .annotation }
}
