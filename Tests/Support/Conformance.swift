// SPDX-License-Identifier: MIT

public import CedarSyntax
public import Foundation

/// The reference's verdicts in `../shared/conformance/cedar.tar.gz`.
///
/// They are unpacked once per archive, below `.build`: ten thousand files take longer to unpack
/// than most tests that read them.
public enum Conformance {
  /// The unpacked folder, or nil when the archive is absent.
  public static let directory: URL? = {
    let archive = RepositoryFolder.root.appending(path: "../shared/conformance/cedar.tar.gz")
      .standardizedFileURL
    guard FileManager.default.fileExists(atPath: archive.path) else {
      print("NOTE: \(archive.path) is absent: the conformance tests check nothing")
      return nil
    }
    return try? unpack(archive)
  }()

  public static let isPresent: Bool = directory != nil

  /// What the trait of a skipped test says.
  public static let absent =
    "../shared/conformance/cedar.tar.gz is absent: conformance is not tested"

  /// The records of a JSON lines file.
  public static func lines(_ path: String) throws -> [CedarJSON] {
    try text(path).split(separator: "\n").map { try CedarJSON(parsing: String($0)) }
  }

  public static func text(_ path: String) throws -> String {
    guard let directory else { return "" }
    return try String(contentsOf: directory.appending(path: path), encoding: .utf8)
  }

  public static func json(_ path: String) throws -> CedarJSON {
    try CedarJSON(parsing: try text(path))
  }

  public static func exists(_ path: String) -> Bool {
    guard let directory else { return false }
    return FileManager.default.fileExists(atPath: directory.appending(path: path).path)
  }

  /// Names of the files of a folder.
  public static func files(_ path: String) throws -> [String] {
    guard let directory else { return [] }
    return try FileManager.default.contentsOfDirectory(
      atPath: directory.appending(path: path).path
    ).sorted()
  }

  private static func unpack(_ archive: URL) throws -> URL? {
    let facts = try FileManager.default.attributesOfItem(atPath: archive.path)
    let size = facts[.size] as? UInt64 ?? 0
    let changed = (facts[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    let build = RepositoryFolder.root.appending(path: ".build/conformance")
    let target = build.appending(path: "\(size)-\(UInt64(changed))")
    if FileManager.default.fileExists(atPath: target.path) { return target }
    // Two runs may unpack at once: each into its own folder, and the rename decides.
    let own = build.appending(path: "unpacking-\(ProcessInfo.processInfo.processIdentifier)")
    defer { try? FileManager.default.removeItem(at: own) }
    try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
    let tar = Process()
    tar.executableURL = URL(filePath: "/usr/bin/env")
    tar.arguments = ["tar", "xzf", archive.path, "-C", own.path, "--strip-components=1"]
    try tar.run()
    tar.waitUntilExit()
    guard tar.terminationStatus == 0 else { return nil }
    try? FileManager.default.moveItem(at: own, to: target)
    return FileManager.default.fileExists(atPath: target.path) ? target : nil
  }
}
