// SPDX-License-Identifier: MIT

import ArgumentParser
import Configuration
import Glibc

/// `gateway serve`
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve the LLM API and the policy router until SIGTERM.",
    discussion: """
      SIGHUP reloads the policies, as POST /policies/reload does, reads the callers' keys and the \
      certificates anew and opens the access log anew. Other changes of the configuration take \
      effect at the next start. On SIGTERM or SIGINT the gateway \
      stops accepting, lets requests in flight end, and exits with 0.
      """)

  @Option(name: [.customShort("c"), .long], help: "The main configuration file.")
  var config = "config/gateway.yaml"

  @Option(
    help: """
      Serve the LLM API on this one port of the loopback interface and nothing else (0: any free \
      port).
      """)
  var port: UInt16?

  @Option(help: "Together with --port: serve the policy router on this port (0: any free port).")
  var policyPort: UInt16?

  @Option(help: "Worker threads; 0 is one per core. Overrides the configuration.")
  var workers: Int?

  func validate() throws {
    if policyPort != nil && port == nil {
      throw ValidationError("--policy-port goes with --port")
    }
    if let workers, !(0...255).contains(workers) {
      throw ValidationError("--workers takes 0 to 255")
    }
  }

  func run() throws {
    // Until they are watched: a large configuration takes a while.
    var held = HeldSignals()
    held.holdReloads()
    let loaded = ConfigurationFiles.load(config)
    // Notices are for `gateway config check`; here they are one line, so that an error stands out.
    for problem in loaded.errors { report(problem) }
    let notices = loaded.notices.count
    if notices > 0 && loaded.configuration != nil {
      report(
        "gateway: \(config): \(notices) notice\(notices == 1 ? "" : "s"), such as providers "
          + "without a key; `gateway config check \(config)` shows them")
    }
    guard var configuration = loaded.configuration else {
      report("gateway: \(config) has \(loaded.errors.count) error(s); nothing was started")
      throw ExitCode(1)
    }
    if let port { configuration.serveOnly(port: port) }
    if let policyPort {
      configuration.listeners.append(
        ListenerConfiguration(role: .policy, host: "127.0.0.1", port: policyPort))
    }
    if let workers { configuration.workerCount = workers }
    do {
      try GatewayProgram(configuration).run(held)
    } catch let failure as StartFailure {
      report("gateway: \(failure.message)")
      throw ExitCode(1)
    }
  }

  private func report(_ problem: ConfigurationProblem) { report(problem.description) }

  private func report(_ line: String) {
    write(line + "\n", to: STDERR_FILENO)
  }
}

/// Why the gateway did not start, for the person at the terminal.
struct StartFailure: Error {
  let message: String
}
