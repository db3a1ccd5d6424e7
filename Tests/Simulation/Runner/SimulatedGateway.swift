// SPDX-License-Identifier: MIT

import Accounts
import Bytes
import CedarSyntax
import Clocks
import Configuration
import DataPlane
import DecisionIR
import EventLoop
import FakeProviders
import ModelCatalog
import Network
import PolicyService
import Routing
import Telemetry

/// The gateway's data plane, assembled as the program assembles it: one worker, no control plane.
/// The upstreams are plain HTTP/1.1.
final class SimulatedGateway {
  static let key = "sk-simulated-client-key"
  static let wires: [Wire] = [.openai, .openai, .anthropic, .gemini, .ollama, .bedrock, .deepseek]
  static let serverCount = wires.count
  static let models = [
    "gpt-a", "claude-b", "gemini-c", "ollama-d", "bedrock-e", "deepseek-f", "any", "twice",
  ]
  static let port: UInt16 = 8_000

  private static let text = """
    models:
      - {name: gpt-a, provider: openai, price: {input: 1, output: 2}, CAP}
      - {name: claude-b, provider: anthropic, price: {input: 3, output: 5}, CAP}
      - {name: gemini-c, provider: google, price: {input: 7, output: 11}, CAP}
      - {name: ollama-d, provider: ollama, price: {input: 1, output: 1}, CAP}
      - {name: bedrock-e, provider: bedrock, price: {input: 2, output: 3}, CAP}
      - {name: deepseek-f, provider: deepseek, price: {input: 2, output: 3}, CAP}
    groups:
      - {name: any, strategy: order, models: [gpt-a, claude-b, gemini-c]}
      - {name: twice, strategy: order, models: [ollama-d, bedrock-e, deepseek-f]}
    gateways:
      - {name: s0, type: openai-compatible, base_url: "http://s0.test:8000/v1", api_key: k}
      - {name: s1, type: openai-compatible, base_url: "http://s1.test:8000/v1", api_key: k}
      - {name: s2, type: anthropic, base_url: "http://s2.test:8000", api_key: k}
      - {name: s3, type: google, base_url: "http://s3.test:8000", api_key: k}
      - {name: s4, type: ollama, base_url: "http://s4.test:8000", api_key: k}
      - {name: s5, type: bedrock, base_url: "http://s5.test:8000", api_key: k, region: us-east-1}
      - {name: s6, type: deepseek, base_url: "http://s6.test:8000/v1", api_key: k}
    model_routing:
      "gpt-a": [s0, s1]
      "claude-b": [s2]
      "gemini-c": [s3]
      "ollama-d": [s4]
      "bedrock-e": [s5]
      "deepseek-f": [s6]
    keys: [{name: client, key: \(key), user: alice, team: simulation}]
    """

  /// One of the two groups is hedged, so soon that many requests have two attempts.
  private static let policies = """
    permit (principal, action, resource);
    @priority("1")
    @hedge("24ms")
    permit (principal, action, resource) when { context.requested_model == "twice" };

    """

  /// What does not change from run to run.
  private struct Parts {
    let catalog: Catalog
    let keys: KeyTable
    let program: Program
  }

  nonisolated(unsafe) private static var parts: Parts = makeParts()

  private static func makeParts() -> Parts {
    let capabilities =
      "capabilities: [chat, tools, parallel_tools, reasoning], context_window: 10000000, "
      + "max_output: 200000"
    let text = Self.text.split(separator: "CAP", omittingEmptySubsequences: false)
      .joined(separator: capabilities)
    let loaded = ConfigurationLoader(
      environment: [:],
      readFile: { path in
        path == "main.yaml" ? .success(text) : .failure(FileReadError("no such file"))
      }, digest: digest
    ).load(path: "main.yaml")
    guard let configuration = loaded.configuration else {
      preconditionFailure("\(loaded.problems)")
    }
    let policies = PolicyLoader(
      folder: PolicyFolder(paths: [], schemaPath: nil),
      builtIn: PolicySources(
        policies: [
          SourceFile(name: "built-in", text: Self.policies)
        ]), digest: { "\($0.count)" })
    do {
      return Parts(
        catalog: try Catalog(configuration.catalog), keys: try KeyTable(configuration.keys),
        program: try policies.load().program)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  private static func digest(_ key: String) -> KeyDigest {
    let digest = key.withByteView { SHA256.withDigest(of: $0) { KeyDigest(bytes: $0) } ?? nil }
    guard let digest else { preconditionFailure("OpenSSL has no SHA-256") }
    return digest
  }

  let snapshot: RoutingSnapshot
  let metrics: MetricSet
  let plane: DataPlane

  init(_ settings: SettingsPlan) throws {
    let parts = Self.parts
    snapshot = try RoutingSnapshot(
      catalog: parts.catalog, keys: parts.keys, program: parts.program,
      registry: HealthRegistry(), version: "simulated", circuitSettings: settings.circuit)
    metrics = Self.makeMetrics(parts.catalog)
    let shared = SharedState(
      snapshots: SnapshotPublisher(snapshot), metrics: metrics, clientTLS: nil, startSeconds: 0,
      sample: {})
    guard let address = SocketAddress(host: "127.0.0.1", port: 0) else {
      preconditionFailure("127.0.0.1 is an address")
    }
    plane = try DataPlane(
      listeners: [DataPlaneListener(address: address)], workerCount: 1, shared: shared,
      settings: settings.dataPlane)
  }

  private static func makeMetrics(_ catalog: Catalog) -> MetricSet {
    let models = (0..<catalog.modelCount).map { position in
      let model = catalog.model(ModelIndex(rawValue: UInt16(position)))
      return ModelLabel(
        model: model.name.string, provider: catalog.provider(model.provider).name.string)
    }
    let deployments = (0..<catalog.deploymentCount).map { position in
      let deployment = catalog.deployment(DeploymentIndex(rawValue: UInt16(position)))
      let model = models[Int(deployment.model.rawValue)]
      return DeploymentLabel(
        deployment: deployment.gatewayName.string, model: model.model, provider: model.provider)
    }
    return MetricSet(
      models: models, deployments: deployments, workerCount: 1, showsTokenUsage: false)
  }

  /// Attempts that the gateway counts as under way, over all deployments.
  var inFlight: Int64 {
    (0..<snapshot.catalog.deploymentCount).reduce(0) { sum, position in
      sum + snapshot.health(of: DeploymentIndex(rawValue: UInt16(position))).inFlight
    }
  }

  /// The sums of the metrics over their labels, by name.
  func metricSums() -> [String: Double] {
    var sums: [String: Double] = [:]
    for line in metrics.registry.prometheusText().utf8.split(separator: UInt8(ascii: "\n"))
    where line.starts(with: "gateway_".utf8) {
      guard let space = line.lastIndex(of: UInt8(ascii: " ")),
        let end = line.firstIndex(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: " ") })
      else { continue }
      let value = Double(String(line[line.index(after: space)...]) ?? "") ?? .nan
      sums[String(line[..<end]) ?? "", default: 0] += value
    }
    return sums
  }
}
