// SPDX-License-Identifier: MIT

import ArgumentParser

/// The `gateway` program: argument parsing, and one file per command.
@main
struct GatewayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gateway",
    abstract: "An AI gateway: one process between applications and every LLM provider.",
    discussion: """
      Policies in Cedar decide which model serves a request; answers are relayed as they stream.
      Start with `gateway serve`, check a configuration with `gateway config check`.
      """,
    version: gatewayVersion,
    subcommands: [
      ServeCommand.self, ConfigCommand.self, TranslateCommand.self, OpenAPICommand.self,
      DiscoverCommand.self, FakeProviderCommand.self,
    ])
}

let gatewayVersion = "0.1.0"
