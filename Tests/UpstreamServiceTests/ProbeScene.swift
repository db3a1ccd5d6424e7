// SPDX-License-Identifier: MIT

import Clocks
import Dispatch
import EventLoop
import FakeProviders
import ModelCatalog
import Network
import Routing
import Synchronization
import Testing
import UpstreamService

/// A fake provider and a prober on one loop, on threads of their own.
final class ProbeScene: @unchecked Sendable {
  let provider: ScriptedProvider
  let server: ScriptedProviderServer
  let registry = HealthRegistry()
  let health: [HealthReference]
  let reports = Mutex<[String]>([])
  let circuit: CircuitSettings
  private let loop: Loop
  private let client: UpstreamClient
  private let prober: HealthProber
  private let target: ProbeTarget
  private let thread: LoopThread

  init(
    _ settings: HealthCheckSettings, wire: Wire = .openai,
    _ wireProtocol: WireProtocol = .openAI, deploymentCount: Int = 2, key: String = "sk-probe",
    circuit: CircuitSettings = CircuitSettings()
  ) throws {
    var options = ScriptedProvider.Options(wire: wire, acceptedKeys: ["sk-probe"])
    options.models = ["a", "b"]
    provider = ScriptedProvider(options, now: { 0 })
    server = try ScriptedProviderServer(provider, recordedRequestsMaximum: 1_000)
    let registry = registry
    health = try (0..<deploymentCount).map {
      try #require(registry.reference(for: "deployment \($0)"))
    }
    self.circuit = circuit
    let loop = try Loop()
    self.loop = loop
    client = UpstreamClient(on: loop)
    let prefix = wireProtocol == .gemini ? "/v1beta" : "/v1"
    let target = ProbeTarget(
      account: UpstreamAccount(
        gateway: "fake", wireProtocol: wireProtocol,
        baseURL: BaseURL(isTLS: false, host: "127.0.0.1", port: server.port, pathPrefix: prefix),
        style: .bearer, apiKey: Secret(key)),
      settings: settings,
      deployments: health.enumerated().map {
        ProbeTarget.Deployment(health: $1, upstreamModel: ["a", "b"][$0 % 2], isChat: true)
      }, chatModel: "a")
    self.target = target
    let box = Box()
    prober = HealthProber(
      [target], with: client, registry: registry, settings: circuit,
      report: { report in
        guard case .changed(_, let verdict, let reason) = report else { return }
        box.scene?.reports.withLock { $0.append("\(verdict.name): \(reason)") }
      })
    thread = try LoopThread(name: "probes") {
      loop.run()
      loop.close()
    }
    box.scene = self
  }

  private final class Box: @unchecked Sendable { weak var scene: ProbeScene? }

  var reportTexts: [String] { reports.withLock { $0 } }

  func start() {
    loop.execute { [prober] in
      do { try prober.start() } catch { fatalError("\(error)") }
    }
  }

  /// Another catalogue, with the deployments of these numbers in this order.
  func update(deployments numbers: [Int]) async throws -> [HealthReference] {
    let health = try numbers.map { try #require(registry.reference(for: "deployment \($0)")) }
    var target = target
    target.deployments = health.map {
      ProbeTarget.Deployment(health: $0, upstreamModel: "a", isChat: true)
    }
    await withCheckedContinuation { done in
      loop.execute { [prober, target] in
        prober.update([target])
        done.resume()
      }
    }
    return health
  }

  func finish() async {
    await withCheckedContinuation { done in
      loop.execute { [prober, client] in
        prober.close()
        client.close()
        done.resume()
      }
    }
    loop.stop()
    await withCheckedContinuation { done in
      DispatchQueue.global().async { [self] in
        thread.join()
        server.stop()
        done.resume()
      }
    }
  }

  var nowMilliseconds: Int64 { MonotonicClock.system.now().nanoseconds / 1_000_000 }

  func wouldAdmit(_ index: Int = 0) -> Bool {
    health[index].wouldAdmit(nowMilliseconds: nowMilliseconds, settings: circuit)
  }

  /// A request that failed, as a worker counts it.
  func failRequests(_ count: Int, of index: Int = 0) {
    for _ in 0..<count {
      let admission = health[index].begin(nowMilliseconds: nowMilliseconds, settings: circuit)
      if case .refused = admission { return }
      health[index].end(
        .failure, admission: admission, nowMilliseconds: nowMilliseconds, random: 1,
        settings: circuit)
    }
  }

  func stand(_ script: String?) throws {
    guard let script else { return provider.setStandingScript(nil) }
    var parsed = Script()
    try parsed.apply(user: "script:" + script)
    provider.setStandingScript(parsed)
  }

  /// Waits, five seconds at most, until `condition` holds.
  func eventually(_ condition: () -> Bool) async -> Bool {
    for _ in 0..<500 {
      if condition() { return true }
      try? await Task.sleep(for: .milliseconds(10))
    }
    return condition()
  }
}
