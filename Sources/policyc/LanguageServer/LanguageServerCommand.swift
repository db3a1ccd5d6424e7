// SPDX-License-Identifier: MIT

import ArgumentParser

struct LanguageServerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lsp",
    abstract: "A language server for policies and schemas, on standard input and output.",
    discussion: """
      Speaks the Language Server Protocol 3.17: findings while typing, hover, completion, go to \
      definition, references, rename, formatting, quick fixes, symbols. Exit code 0 after \
      `shutdown` and `exit`, 1 when the client goes without `shutdown`.
      """)

  @Flag(help: "Standard input and output, the only way; editors pass it.")
  var stdio = false

  func run() throws {
    let stream = MessageStream()
    let server = LanguageServer { stream.write($0) }
    while !server.hasEnded, let message = stream.read() { server.handle(message) }
    if !server.endsWell { throw ExitCodes.findings }
  }
}
