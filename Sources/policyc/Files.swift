// SPDX-License-Identifier: MIT

import ArgumentParser
import Foundation
import PolicyCompiler

/// Files as text, or the end of the command.
enum Files {
  static func text(_ path: String) throws -> String {
    guard let text = String(validating: try bytes(path), as: UTF8.self) else {
      throw Console.fail("`\(path)` is not valid UTF-8")
    }
    return text
  }

  /// What a file, a pipe or `-`, standard input, holds.
  ///
  /// - Throws: an exit code, after saying why it cannot be read.
  static func bytes(_ path: String) throws -> [UInt8] {
    do throws(FileProblem) {
      return try contents(path)
    } catch {
      throw Console.fail("cannot read `\(path)`: \(error)")
    }
  }

  /// The name of a file for people.
  static func name(_ path: String) -> String { path == "-" ? "<stdin>" : path }

  /// A file as itself, a folder as the files in it whose names end with `suffix`, sorted.
  static func expand(_ path: String, suffix: String) throws -> [String] {
    var isFolder: ObjCBool = false
    if path == "-" { return [path] }
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Console.fail("cannot read `\(path)`: \(FileProblem.missing(path))")
    }
    guard isFolder.boolValue else { return [path] }
    let found = (FileManager.default.enumerator(atPath: path)?.allObjects ?? [])
      .compactMap { $0 as? String }.filter { $0.hasSuffix(suffix) }.sorted()
    return found.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
  }

  /// The policy files at a path: source, in which something can be found.
  ///
  /// - Throws: an exit code, after saying why, for a folder without any and for a compiled image.
  static func policies(_ path: String) throws -> [String] {
    guard !path.hasSuffix(".cedarc") else {
      throw Console.fail("`\(path)` is a compiled image; here policies are needed as source")
    }
    let files = try expand(path, suffix: ".cedar")
    guard !files.isEmpty else { throw Console.fail("no policies (*.cedar) in `\(path)`") }
    return files
  }

  static func write(_ text: String, to path: String) throws {
    try write(Data(text.utf8), to: path)
  }

  static func write(_ data: Data, to path: String) throws {
    do {
      try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw Console.fail("cannot write `\(path)`: \(FileProblem(writing: path, error))")
    }
  }

  /// Runs a reader of data, naming the file in its message.
  static func data<Result>(
    _ path: String, _ read: (String) throws -> Result
  ) throws -> Result {
    let text = try self.text(path)
    return try reading(path) { try read(text) }
  }

  /// Runs a reader of what came from a file, naming the file in its message.
  static func reading<Result>(_ path: String, _ read: () throws -> Result) throws -> Result {
    do {
      return try read()
    } catch let problem as DataProblem {
      throw Console.fail("\(path): \(problem)")
    }
  }
}
