// SPDX-License-Identifier: MIT

import ArgumentParser
import Foundation

/// Writes the files that are made from code and checked in. `--check` writes nothing and fails
/// where a file differs: that is what the tests run.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Writes the checked-in files that are made from code.")

  @Flag(help: "Compare only; exit 1 if a file differs.")
  var check = false

  @Option(help: "The repository's root; found from the working directory unless given.")
  var root: String?

  func run() throws {
    do {
      let hasDrift = try generate(Repository(root: root))
      if hasDrift { throw ExitCode(1) }
    } catch let error as Repository.Failure {
      FileHandle.standardError.write(Data("generate: \(error.message)\n".utf8))
      throw ExitCode(2)
    }
  }

  /// - Returns: whether a file differs that was only to be compared.
  private func generate(_ repository: Repository) throws -> Bool {
    var hasDrift = false
    for file in GeneratedFile.all {
      let wanted = Array(try file.content(repository).utf8)
      if (try? repository.bytes(file.path)) == wanted { continue }
      if check {
        print("\(file.path): drift: differs from what the code says; run `make generate`")
        hasDrift = true
      } else {
        let url = repository.root.appendingPathComponent(file.path)
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(wanted).write(to: url)
        print("wrote \(file.path)")
      }
    }
    return hasDrift
  }
}
