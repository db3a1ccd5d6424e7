// SPDX-License-Identifier: MIT

import ArgumentParser
import Bytes
import Configuration
import CredentialService
import Credentials
import EventLoop
import Glibc
import ModelCatalog
import UpstreamService

/// `gateway discover`
struct DiscoverCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "discover",
    abstract: "List the models of upstreams, and find out what they can do.",
    discussion: """
      Asks each gateway of the configuration for its models, with its first key, and compares them \
      with those that are configured: known, new (listed only) or missing (configured only).

      With --probe, models are tried out by real requests, which cost money: at most \
      \(CapabilityTrial.countMaximum) for a model and --calls in all, each of at most \
      \(CapabilityTrial.outputTokensMaximum) tokens of answer. New models are tried out, or those \
      that --model names.

      Exit codes: 0 all gateways answered, 1 some did not, 64 wrong usage.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json, yaml
  }

  @Option(name: [.customShort("c"), .long], help: "The main configuration file.")
  var config = "config/gateway.yaml"

  @Option(name: .customLong("gateway"), help: "Ask this gateway alone; several may be named.")
  var gateways: [String] = []

  @Option(help: "text: a table. json. yaml: lines for models.yaml, for models that are new.")
  var format = Format.text

  @Option(help: "Write to this file instead of standard output.")
  var write: String?

  @Flag(help: "Try out what models can do, by requests that cost money.")
  var probe = false

  @Option(name: .customLong("model"), help: "With --probe: models to try out; * is any run.")
  var models: [String] = []

  @Option(help: "With --probe: requests at most.")
  var calls = 100

  @Option(help: "Seconds that one request may take.")
  var timeout = 30

  func validate() throws {
    if !(1...600).contains(timeout) { throw ValidationError("--timeout takes 1 to 600") }
    if !(1...100_000).contains(calls) { throw ValidationError("--calls takes 1 to 100000") }
    if !models.isEmpty && !probe { throw ValidationError("--model goes with --probe") }
  }

  func run() throws {
    let loaded = ConfigurationFiles.load(config)
    for problem in loaded.errors { gateway.write("\(problem.description)\n", to: STDERR_FILENO) }
    guard let configuration = loaded.configuration else { throw ExitCode(1) }
    let names = configuration.catalog.gateways.map(\.name)
    if let unknown = gateways.first(where: { !names.contains($0) }) {
      gateway.write(
        "gateway: \(config) has no gateway `\(unknown)`, or it is skipped\n", to: STDERR_FILENO)
      throw ExitCode(1)
    }
    let loop = try Loop()
    let program = GatewayProgram(configuration)
    let catalog = try program.makeCatalog(
      scriptedEndpoint: BaseURL(isTLS: false, host: "127.0.0.1", port: 1, pathPrefix: "/v1"))
    let discovery = Discovery(
      command: self, program: program, catalog: catalog, loop: loop)
    Task(executorPreference: loop) {
      await discovery.run()
      loop.stop()
    }
    loop.run()
    loop.close()
    if discovery.hasFailed { throw ExitCode(1) }
  }
}

/// One run of the command.
///
/// SAFETY: `@unchecked Sendable` because all of it happens on the loop's thread.
private final class Discovery: @unchecked Sendable {
  static let credentialSecondsMaximum = 15

  private let command: DiscoverCommand
  private let catalog: Catalog
  private let program: GatewayProgram
  private let loop: Loop
  private(set) var hasFailed = false
  private var callsLeft: Int

  init(command: DiscoverCommand, program: GatewayProgram, catalog: Catalog, loop: Loop) {
    self.command = command
    self.program = program
    self.catalog = catalog
    self.loop = loop
    callsLeft = command.calls
  }

  func run() async {
    let client = UpstreamClient(on: loop)
    let credentials = program.makeCredentials(on: loop)
    defer {
      credentials?.close()
      client.close()
    }
    do {
      try credentials?.start()
    } catch {
      return fail("the providers' credentials cannot be fetched: \(error)")
    }
    let explorer = UpstreamExplorer(client, timeoutMilliseconds: command.timeout * 1_000)
    var findings: [DiscoveryFinding] = []
    for account in program.firstAccounts(catalog)
    where command.gateways.isEmpty || command.gateways.contains(account.gateway.name) {
      let upstream = account.upstream(credentials)
      await waitForCredential(upstream)
      let provider = account.provider(catalog)
      do throws(ListingProblem) {
        let listed = try await explorer.list(upstream)
        var models = ModelDiscovery.compare(listed, account.configured(catalog))
        if command.probe { await tryOut(&models, explorer, upstream) }
        findings.append(
          DiscoveryFinding(gateway: account.gateway.name, provider: provider, models: models))
      } catch {
        fail("\(account.gateway.name): \(error.description)")
        findings.append(
          DiscoveryFinding(
            gateway: account.gateway.name, provider: provider, problem: error.description))
      }
    }
    print(findings)
  }

  private func fail(_ message: String) {
    hasFailed = true
    write("gateway: \(message)\n", to: STDERR_FILENO)
  }

  private func waitForCredential(_ account: UpstreamAccount) async {
    for _ in 0..<(Self.credentialSecondsMaximum * 20) {
      guard case .pending? = account.credential?.standing else { return }
      try? await Task.sleep(for: .milliseconds(50))
    }
  }

  // MARK: Trials

  private func tryOut(
    _ models: inout [DiscoveredModel], _ explorer: UpstreamExplorer, _ account: UpstreamAccount
  ) async {
    let places = models.indices.filter { isWanted(models[$0]) }
    let most = min(places.count * CapabilityTrial.countMaximum, callsLeft)
    write(
      "\(account.gateway): trying out \(places.count) models with at most \(most) requests and "
        + "\(most * CapabilityTrial.outputTokensMaximum) tokens of answers\n", to: STDERR_FILENO)
    for place in places {
      let name = models[place].listed.name
      for trial in CapabilityTrial.allCases {
        // Who cannot chat cannot do what chats need, and who can is not asked to embed.
        let chats = models[place].trials[.chat] == .yes
        if trial != .chat, (trial == .embeddings) == chats { continue }
        guard callsLeft > 0 else {
          models[place].trials[trial] = .unknown(reason: "no request was left")
          continue
        }
        callsLeft -= 1
        let result = await explorer.attempt(trial, model: name, account)
        models[place].trials[trial] = result
        let reason = result.reason.map { " (\($0))" } ?? ""
        write("  \(name): \(trial.rawValue): \(result.word)\(reason)\n", to: STDERR_FILENO)
      }
    }
  }

  private func isWanted(_ model: DiscoveredModel) -> Bool {
    if command.models.isEmpty { return model.standing == .new }
    return command.models.contains { Glob.matches(pattern: $0, name: model.listed.name) }
  }

  // MARK: Output

  private func print(_ findings: [DiscoveryFinding]) {
    let text: String
    switch command.format {
    case .text: text = findings.map(\.table).joined(separator: "\n")
    case .json: text = DiscoveryFinding.json(findings) + "\n"
    case .yaml:
      let taken = Set(
        (0..<catalog.modelCount).map {
          catalog.model(ModelIndex(rawValue: UInt16($0))).name.string
        })
      text =
        findings.map { finding in
          "  # \(finding.gateway): add a price, or `local: true`; without one a model is refused "
            + "unless `routing.unpriced_models` has a ceiling\n"
            + ModelDiscovery.yaml(finding.models, provider: finding.provider, taken: taken)
        }.joined()
    }
    guard let path = command.write else { return write(text, to: STDOUT_FILENO) }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      return fail("cannot write \(path): \(String(cString: strerror(errno)))")
    }
    write(text, to: descriptor)
    close(descriptor)
  }
}

extension GatewayProgram {
  /// Every gateway with its first key, those without any deployment too.
  fileprivate func firstAccounts(_ catalog: Catalog) -> [CatalogAccount] {
    let served = accounts(catalog)
    return configuration.catalog.gateways.compactMap { gateway in
      if let found = served.first(where: { $0.gateway.name == gateway.name }) { return found }
      return gateway.baseURL.map {
        CatalogAccount(
          gateway: gateway, baseURL: $0, label: gateway.name, apiKey: "", deployments: [])
      }
    }
  }
}

extension CatalogAccount {
  fileprivate func configured(_ catalog: Catalog) -> [ConfiguredModel] {
    deployments.map { row in
      let model = catalog.model(row.model)
      return ConfiguredModel(
        name: model.name.string, upstreamModel: row.upstreamModel.string,
        provider: catalog.provider(model.provider).name.string,
        contextTokens: model.contextWindowTokens, capabilities: model.capabilities)
    }
  }

  /// Of the models that are configured here; else as the gateway is called.
  fileprivate func provider(_ catalog: Catalog) -> String {
    configured(catalog).first?.provider ?? gateway.name
  }
}
