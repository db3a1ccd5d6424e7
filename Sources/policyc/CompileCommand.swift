// SPDX-License-Identifier: MIT

import ArgumentParser
import DecisionIR
import Foundation
import PolicyCompiler

struct CompileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile", abstract: "Writes the compiled image of policies.",
    discussion: """
      With --explain prints which policies the index can find by principal and resource, which \
      by the attribute that they compare first, and why not the others; an image is then written \
      only where --output names one. Exit code 1 when the policies have errors.
      """)

  @Argument(help: "Policy files or folders.", completion: .file())
  var paths: [String]

  @Option(
    name: [.customShort("o"), .long], help: "The image to write; `policies.cedarc` unless given.",
    completion: .file())
  var output: String?

  @Option(
    help: "Name policies by `position` (policy0, policy1 …) or by `annotation` (@id).")
  var ids = IdentifierChoice.annotation

  @Flag(help: "Print which policies cannot be indexed, and why.")
  var explain = false

  func run() throws {
    let sources = try PolicySources.read(paths)
    let compiled = try sources.compile(ids.identifiers, failing: ExitCodes.findings)
    if let path = output ?? (explain ? nil : "policies.cedarc") {
      try Files.write(Data(compiled.image), to: path)
      let count = compiled.program.policyCount
      Console.line(
        "\(path): \(count) polic\(count == 1 ? "y" : "ies"), \(compiled.image.count) bytes")
    }
    if explain {
      Console.out(SelectivityReport(sources.set, sources.files, compiled.program).text)
    }
  }
}

struct DumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump", abstract: "Prints a compiled image, or what policies compile to.")

  @Argument(help: "An image, or policy files or folders.")
  var paths: [String]

  func run() throws {
    if paths.count == 1, paths[0].hasSuffix(".cedarc") {
      let image = try Files.bytes(paths[0])
      do {
        Console.out(try Program(image: image).listing)
      } catch {
        throw Console.fail("\(paths[0]): \(error)")
      }
      return
    }
    Console.out(try PolicySources.read(paths).compile(.annotation).program.listing)
  }
}
