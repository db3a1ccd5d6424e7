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
  /// One of the two groups is hedged, so soon that many requests have two attempts.
  private static let policies = """
    permit (principal, action, resource);
    @priority("1")
    @hedge("24ms")
    permit (principal, action, resource) when { context.requested_model == "twice" };

    """

  /// What does not change from run to run.
  private struct Parts {
    let description: CatalogDescription
    let catalog: Catalog
    let keys: KeyTable
    let program: Program
  }

  nonisolated(unsafe) private static var parts: Parts = makeParts()

  private static func makeParts() -> Parts {
    let text = Self.text
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
        description: configuration.catalog, catalog: try Catalog(configuration.catalog),
        keys: try KeyTable(configuration.keys),
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

  init(_ settings: SettingsPlan, _ limits: LimitsPlan) throws {
    let parts = Self.parts
    var catalog = parts.catalog
    if !limits.isEmpty {
      var description = parts.description
      limits.apply(to: &description)
      catalog = try Catalog(description)
    }
    snapshot = try RoutingSnapshot(
      catalog: catalog, keys: parts.keys, program: parts.program,
      registry: HealthRegistry(), version: "simulated", circuitSettings: settings.circuit)
    metrics = Self.makeMetrics(catalog)
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

  var metricText: MetricText { MetricText(metrics.registry.prometheusText()) }
}
