// SPDX-License-Identifier: MIT

import ArgumentParser

/// The project's own tool: `tidy` holds the house rules, `generate` writes what is made from code.
@main
struct DevTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devtool", abstract: "Checks and generates files of this repository.",
    subcommands: [TidyCommand.self, GenerateCommand.self])
}
