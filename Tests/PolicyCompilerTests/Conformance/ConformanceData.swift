// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import DecisionIR
import Foundation
import PolicyCompiler
import Testing

/// The reference's verdicts, unpacked once per run from `../shared/conformance/cedar.tar.gz`.
enum ConformanceData {
  /// The unpacked folder, or nil when the archive is absent (said in the test's output).
  static let root: URL? = {
    let repository = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let archive =
      repository
      .appendingPathComponent("../shared/conformance/cedar.tar.gz").standardizedFileURL
    guard FileManager.default.fileExists(atPath: archive.path) else {
      print("NOTE: \(archive.path) is absent: the conformance tests check nothing")
      return nil
    }
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("cedar-conformance-\(ProcessInfo.processInfo.processIdentifier)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    tar.arguments = ["tar", "xzf", archive.path, "-C", folder.path, "--strip-components=1"]
    do { try tar.run() } catch { return nil }
    tar.waitUntilExit()
    return tar.terminationStatus == 0 ? folder : nil
  }()

  static func text(_ path: String) throws -> String {
    let url = try #require(root).appendingPathComponent(path)
    return try String(contentsOf: url, encoding: .utf8)
  }

  static func json(_ path: String) throws -> CedarJSON {
    try CedarJSON(parsing: text(path))
  }

  static func lines(_ path: String) throws -> [CedarJSON] {
    try text(path).split(separator: "\n").map { try CedarJSON(parsing: String($0)) }
  }

  /// Compiles policy text, naming policies by position.
  static func program(_ source: String, links: [TemplateLink] = []) throws -> Program {
    let (parsed, diagnostics) = parsePolicies(source, dialect: true)
    if diagnostics.hasErrors { throw Refused(reason: "\(diagnostics.map(\.message))") }
    var set = parsed
    set.links = links
    return try compilePolicies(set, identifiers: .position).get().program
  }

  static func schema(_ path: String) throws -> Schema {
    let (schema, diagnostics) = parseSchema(try text(path))
    guard let schema else { throw Refused(reason: "\(diagnostics.map(\.message))") }
    return schema
  }

  struct Refused: Error, CustomStringConvertible {
    let reason: String
    var description: String { reason }
  }
}

/// Agreements and disagreements of a section.
struct Tally {
  let section: String
  private(set) var agreed = 0
  private(set) var disagreements: [String] = []

  init(_ section: String) {
    self.section = section
  }

  mutating func note(_ agrees: Bool, _ what: @autoclosure () -> String) {
    if agrees { agreed += 1 } else { disagreements.append(what()) }
  }

  func report() {
    print("conformance \(section): \(agreed) of \(agreed + disagreements.count) agree")
    for line in disagreements.prefix(20) { print("  \(line)") }
  }
}
