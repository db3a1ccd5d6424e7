// SPDX-License-Identifier: MIT

import Foundation

/// The files of the repository: tracked ones, and new ones that git does not ignore.
struct Repository {
  struct Failure: Error {
    let message: String
  }

  let root: URL

  init(root: String? = nil) throws {
    let start = URL(fileURLWithPath: root ?? FileManager.default.currentDirectoryPath)
    var folder = start.standardizedFileURL
    while !FileManager.default.fileExists(
      atPath: folder.appendingPathComponent("Package.swift").path)
    {
      let parent = folder.deletingLastPathComponent().standardizedFileURL
      guard parent.path != folder.path else {
        throw Failure(message: "no Package.swift in \(start.path) or above it")
      }
      folder = parent
    }
    self.root = folder
  }

  /// Paths relative to the root, sorted; deleted files are left out.
  func paths() throws -> [String] {
    let listing = try git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    let names = listing.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    return Set(names).sorted().filter {
      FileManager.default.fileExists(atPath: root.appendingPathComponent($0).path)
    }
  }

  /// Paths that git tracks, whether or not they are ignored today.
  func trackedPaths() throws -> [String] {
    try git("ls-files", "-z").split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  func bytes(_ path: String) throws -> [UInt8] {
    do {
      return [UInt8](try Data(contentsOf: root.appendingPathComponent(path)))
    } catch {
      throw Failure(message: "cannot read \(path)")
    }
  }

  func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

  private func git(_ arguments: String...) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git", "-C", root.path] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      throw Failure(message: "git cannot be started")
    }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(message: "git \(arguments.joined(separator: " ")) failed in \(root.path)")
    }
    return data
  }
}
