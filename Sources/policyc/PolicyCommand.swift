// SPDX-License-Identifier: MIT

import ArgumentParser

/// The policy compiler's command line.
struct PolicyCommand: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "policyc",
    abstract: "Checks, formats, compiles, tests and runs Cedar policies.",
    discussion: """
      Policies are files (`*.cedar`, or `*.json` in the JSON policy format) or folders of them. \
      The routing dialect is accepted everywhere; it is a strict superset of Cedar.
      """,
    version: version,
    subcommands: [
      CheckCommand.self, FormatCommand.self, CompileCommand.self, DumpCommand.self,
      RouteCommand.self, TestCommand.self, TranslateCommand.self, DiffCommand.self,
      BenchCommand.self, LanguageServerCommand.self,
    ],
    groupedSubcommands: [
      CommandGroup(
        name: "Commands With The Reference's Flags And Exit Codes",
        subcommands: [
          AuthorizeCommand.self, EvaluateCommand.self, ValidateCommand.self,
          CheckParseCommand.self, FormatReferenceCommand.self, LinkCommand.self,
          TranslatePolicyCommand.self, TranslateSchemaCommand.self, RunTestsCommand.self,
          VisualizeCommand.self,
        ])
    ])
}
