// SPDX-License-Identifier: MIT

import Accounts
import Bytes
import Clocks
import DecisionIR
import ModelCatalog
import PolicyService
import Routing
import Synchronization

/// A small gateway without traffic: a catalogue, policies from a folder, a snapshot in force.
final class TestHost: Sendable {
  /// The snapshots that were put in force, the present one last.
  final class Snapshots: Sendable {
    private let all: Mutex<[RoutingSnapshot]>
    init(_ first: RoutingSnapshot) { all = Mutex([first]) }
    var current: RoutingSnapshot { all.withLock { $0[$0.count - 1] } }
    var count: Int { all.withLock { $0.count } }
    func append(_ snapshot: RoutingSnapshot) { all.withLock { $0.append(snapshot) } }
  }

  let folder: TemporaryFolder
  let snapshots: Snapshots
  let state: LivePolicyState

  /// - Parameter policies: the text of `routing.cedar`.
  init(_ policies: String, schema: String? = nil) throws {
    folder = try TemporaryFolder()
    try folder.write("routing.cedar", policies)
    if let schema { try folder.write("gateway.cedarschema", schema) }
    let catalog = try Self.catalog()
    let keys = try KeyTable([])
    let registry = HealthRegistry()
    let loader = PolicyLoader(folder: PolicyFolder(path: folder.path), digest: Self.digest)
    let initial = try loader.load()
    let make: PolicyHost.MakeSnapshot = { program, version throws(RoutingSnapshotError) in
      try RoutingSnapshot(
        catalog: catalog, keys: keys, program: program, registry: registry, version: version)
    }
    let snapshots = Snapshots(try make(initial.program, initial.version))
    let host = PolicyHost(
      current: { snapshots.current }, makeSnapshot: make, publish: { snapshots.append($0) },
      dataPlaneDecision: { $0 == "data-plane" ? .denied(.example) : nil })
    state = LivePolicyState(host: host, loader: loader, initial: initial, decisionsMaximum: 100)
    self.snapshots = snapshots
  }

  /// FNV-1a: the tests need equal and different, not safe.
  static func digest(_ bytes: [UInt8]) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return String(hash, radix: 16)
  }

  private static func catalog() throws -> Catalog {
    func model(_ name: String, _ provider: String, _ price: String) -> ModelDescription {
      let price = Price(dollarsPerMillionTokens: price) ?? .zero
      return ModelDescription(
        name: name, provider: provider, capabilities: [.chat, .tools],
        prices: ModelPrices(input: price, output: price))
    }
    let names = [("cheap", "vllm", "0.1"), ("fine", "openai", "2"), ("dear", "openai", "20")]
    let models = names.map { model($0.0, $0.1, $0.2) }
    let endpoint = BaseURL(isTLS: false, host: "127.0.0.1", port: 9, pathPrefix: "/v1")
    return try Catalog(
      CatalogDescription(
        models: models,
        groups: [GroupDescription(name: "smart", models: ["dear", "fine", "cheap"])],
        gateways: [GatewayDescription(name: "main", baseURL: endpoint)],
        deployments: names.map {
          DeploymentDescription(model: $0.0, gateway: "main", region: "eu")
        }))
  }

  func query(_ model: String, budget: Int64? = nil, latency: Int64? = nil) -> RouteQuery {
    var query = RouteQuery(requestedModel: model)
    query.userID = "test-user"
    query.teamID = "engineering"
    query.budgetRemainingTenThousandths = budget.map { $0 * 10_000 }
    query.latencySLAMilliseconds = latency
    return query
  }

  /// Lets `count` attempts at a model fail, so that its circuit opens.
  func fail(_ name: String, times count: Int) {
    let snapshot = snapshots.current
    for position in 0..<snapshot.catalog.deploymentCount {
      let index = DeploymentIndex(rawValue: UInt16(position))
      let deployment = snapshot.catalog.deployment(index)
      guard snapshot.catalog.model(deployment.model).name.string == name else { continue }
      let health = snapshot.health(of: index)
      let now = MonotonicClock.system.now().nanoseconds / 1_000_000
      for _ in 0..<count {
        let admission = health.begin(nowMilliseconds: now, settings: snapshot.circuitSettings)
        if case .refused = admission { continue }
        health.end(
          .failure, admission: admission, nowMilliseconds: now, random: 0,
          settings: snapshot.circuitSettings)
      }
    }
  }
}
