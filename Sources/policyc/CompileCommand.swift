// SPDX-License-Identifier: MIT

import ArgumentParser
import DecisionIR
import Foundation
import PolicyCompiler

struct CompileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile", abstract: "Writes the compiled image of policies.")

  @Argument(help: "Policy files or folders.")
  var paths: [String]

  @Option(name: [.customShort("o"), .long], help: "The image to write.")
  var output = "policies.cedarc"

  @Option(
    help: "Name policies by `position` (policy0, policy1 …) or by `annotation` (@id).")
  var ids = IdentifierChoice.annotation

  func run() throws {
    let compiled = try PolicySources.read(paths).compile(ids.identifiers)
    try Files.write(Data(compiled.image), to: output)
    let count = compiled.program.policyCount
    Console.line(
      "\(output): \(count) polic\(count == 1 ? "y" : "ies"), \(compiled.image.count) bytes")
  }
}

struct DumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump", abstract: "Prints a compiled image, or what policies compile to.")

  @Argument(help: "An image, or policy files or folders.")
  var paths: [String]

  func run() throws {
    if paths.count == 1, paths[0].hasSuffix(".cedarc") {
      guard let data = FileManager.default.contents(atPath: paths[0]) else {
        throw Console.fail("cannot read `\(paths[0])`")
      }
      do {
        Console.out(try Program(image: [UInt8](data)).listing)
      } catch {
        throw Console.fail("\(paths[0]): \(error)")
      }
      return
    }
    Console.out(try PolicySources.read(paths).compile(.annotation).program.listing)
  }
}
