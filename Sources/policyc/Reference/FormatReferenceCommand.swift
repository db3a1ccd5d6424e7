// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSyntax

struct FormatReferenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "format",
    abstract: "Lays out one policy file on standard output; `fmt` does whole folders.")

  @Option(
    name: .shortAndLong, help: "The policy file; standard input unless given.",
    completion: .file())
  var policies: String?

  @OptionGroup var layout: LayoutOptions

  @Flag(name: .shortAndLong, help: "Write the file itself.")
  var write = false

  @Flag(name: .shortAndLong, help: "Exit code 1 when the layout would change.")
  var check = false

  func validate() throws {
    if write, policies == nil { throw ValidationError("--write needs --policies") }
  }

  func run() throws {
    try ReferenceExit.run {
      let path = policies ?? "-"
      let text = try Files.text(path)
      let formatted = try layout.format(text, path)
      let differs = !CedarText.equal(formatted, text)
      if write {
        if differs { try Files.write(formatted, to: path) }
      } else {
        Console.out(formatted)
      }
      if check, differs { throw ReferenceExit.failure }
    }
  }
}
