// SPDX-License-Identifier: MIT

import ArgumentParser
import Clocks
import EventLoop
import FakeProviders
import Glibc

/// `gateway fake-provider`
struct FakeProviderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fake-provider",
    abstract: "Serve a provider's API by rule, without any model, for tests and benchmarks.",
    discussion: """
      Prints `fake-provider: port=PORT` and serves until SIGTERM. Requests steer it by scripts; \
      see docs/howto/test-against-fakes.md.
      """)

  @Option(
    help: ArgumentHelp(
      "Whose API: \(Wire.allCases.map(\.rawValue).joined(separator: ", ")). Default: each one's "
        + "on its own paths."))
  var wire: String?

  @Option(help: "The numeric address to listen on.")
  var host = "127.0.0.1"

  @Option(help: "The port (0: any free port).")
  var port: UInt16 = 0

  @Option(name: .customLong("model"), help: "A model to list; others are answered all the same.")
  var models: [String] = []

  @Flag(help: "Refuse models that are not listed.")
  var onlyModels = false

  @Option(name: .customLong("key"), help: "An accepted API key. Default: any.")
  var keys: [String] = []

  @Option(help: "Verify AWS signatures with this key, ID:SECRET.")
  var signingKey: String?

  @Option(help: "A script for every request, such as `chunk_delay_ms=10`.")
  var script = ""

  @Option(help: "Models on one page of a list, where the API has pages.")
  var page = 1_000

  @Option(help: "How many of the last requests are kept for GET /_scripted/requests.")
  var record = 1_000

  func validate() throws {
    if let wire, Wire(rawValue: wire) == nil {
      throw ValidationError("--wire does not know `\(wire)`")
    }
    if signingKey != nil, parsedSigningKey == nil {
      throw ValidationError("--signing-key takes ID:SECRET")
    }
    if record < 0 { throw ValidationError("--record takes a number from 0") }
  }

  func run() throws {
    raiseFileLimit()
    var options = ScriptedProvider.Options(
      wire: wire.flatMap(Wire.init), acceptsAnyModel: !onlyModels, acceptedKeys: keys,
      signingKey: parsedSigningKey)
    if !models.isEmpty { options.models = models }
    options.pageModelsMaximum = max(page, 1)
    do {
      try options.defaultScript.apply(user: "script:" + script)
    } catch {
      write("gateway: --script: \(error.message)\n", to: STDERR_FILENO)
      throw ExitCode(1)
    }
    // Blocked before the server's thread starts, which inherits the mask.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    sigaddset(&signals, SIGINT)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let server: ScriptedProviderServer
    do {
      server = try ScriptedProviderServer(
        ScriptedProvider(options, now: { WallClock.system.now().secondsSinceEpoch }), host: host,
        port: port, recordedRequestsMaximum: record)
    } catch {
      write("gateway: cannot listen on \(host):\(port): \(error)\n", to: STDERR_FILENO)
      throw ExitCode(1)
    }
    write("fake-provider: port=\(server.port)\n", to: STDOUT_FILENO)
    var received: Int32 = 0
    sigwait(&signals, &received)
    server.stop()
  }

  private var parsedSigningKey: SigningKey? {
    guard let parts = signingKey?.split(separator: ":", maxSplits: 1), parts.count == 2 else {
      return nil
    }
    return SigningKey(accessKeyIdentifier: String(parts[0]), secret: String(parts[1]))
  }
}
