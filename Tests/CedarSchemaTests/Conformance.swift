// SPDX-License-Identifier: MIT

import CedarSyntax
import Foundation

/// The reference's verdicts in `../shared/conformance/cedar.tar.gz`, unpacked once per process.
enum Conformance {
  /// The unpacked folder, or nil when the archive is absent.
  static let directory: URL? = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let archive = root.appending(path: "../shared/conformance/cedar.tar.gz").standardizedFileURL
    guard FileManager.default.fileExists(atPath: archive.path) else { return nil }
    let target = FileManager.default.temporaryDirectory
      .appending(path: "cedar-conformance-schema-\(ProcessInfo.processInfo.processIdentifier)")
    do {
      try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
      let tar = Process()
      tar.executableURL = URL(filePath: "/usr/bin/env")
      tar.arguments = [
        "tar", "xzf", archive.path, "-C", target.path, "--strip-components=1", "--wildcards",
        "*/syntax/*", "*/corpus/*", "*/validator/*", "*/workload/*", "--exclude=*.entities.json",
      ]
      try tar.run()
      tar.waitUntilExit()
      return tar.terminationStatus == 0 ? target : nil
    } catch {
      return nil
    }
  }()

  static let isPresent: Bool = directory != nil

  /// What the trait of a skipped test says.
  static let absent = "../shared/conformance/cedar.tar.gz is absent: conformance is not tested"

  /// The records of a JSON lines file.
  static func lines(_ path: String) throws -> [CedarJSON] {
    try text(path).split(separator: "\n").map { try CedarJSON(parsing: String($0)) }
  }

  static func text(_ path: String) throws -> String {
    guard let directory else { return "" }
    return try String(contentsOf: directory.appending(path: path), encoding: .utf8)
  }

  static func json(_ path: String) throws -> CedarJSON {
    try CedarJSON(parsing: try text(path))
  }

  static func exists(_ path: String) -> Bool {
    guard let directory else { return false }
    return FileManager.default.fileExists(atPath: directory.appending(path: path).path)
  }

  /// Names of the files of a folder.
  static func files(_ path: String) throws -> [String] {
    guard let directory else { return [] }
    return try FileManager.default.contentsOfDirectory(
      atPath: directory.appending(path: path).path
    ).sorted()
  }
}
