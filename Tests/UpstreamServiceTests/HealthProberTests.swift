// SPDX-License-Identifier: MIT

import FakeProviders
import ModelCatalog
import Routing
import Testing
import UpstreamService

@Suite("Health probes against a provider", .serialized)
struct HealthProberTests {
  static func settings(_ kind: HealthCheckSettings.Kind = .models) -> HealthCheckSettings {
    var settings = HealthCheckSettings()
    settings.kind = kind
    settings.intervalMilliseconds = 100
    settings.timeoutMilliseconds = 300
    settings.unhealthyAfter = 2
    settings.healthyAfter = 2
    return settings
  }

  func with(_ scene: ProbeScene, _ body: (ProbeScene) async throws -> Void) async throws {
    scene.start()
    do {
      try await body(scene)
    } catch {
      await scene.finish()
      throw error
    }
    await scene.finish()
  }

  @Test(
    "an upstream that fails is held open, one that is back is let in again without a request",
    arguments: ["status=503", "stall_at=0", "reset_at=0", "status=401"])
  func failsAndRecovers(_ fault: String) async throws {
    try await with(try ProbeScene(Self.settings())) { scene in
      #expect(await scene.eventually { scene.health[0].probe == .healthy })
      #expect(scene.wouldAdmit(0) && scene.wouldAdmit(1))
      try scene.stand(fault)
      #expect(await scene.eventually { scene.health[1].probe == .unhealthy })
      #expect(!scene.wouldAdmit(0) && !scene.wouldAdmit(1))
      // Held over several of its probes.
      try await Task.sleep(for: .milliseconds(800))
      #expect(!scene.wouldAdmit(0))
      try scene.stand(nil)
      #expect(await scene.eventually { scene.wouldAdmit(0) && scene.wouldAdmit(1) })
      #expect(scene.health[0].circuit.state == .closed)
      #expect(scene.server.requests.allSatisfy { $0.path == "/v1/models" })
      let reports = scene.reportTexts
      #expect(reports.count == 3, "transitions only: \(reports)")
      if fault.hasPrefix("status") { #expect(reports[1].hasSuffix(fault.suffix(3))) }
    }
  }

  @Test("a bad key is no health at all; 429 says nothing")
  func keysAndLimits() async throws {
    try await with(try ProbeScene(Self.settings(), key: "sk-wrong")) { scene in
      #expect(await scene.eventually { scene.health[0].probe == .unhealthy })
    }
    try await with(try ProbeScene(Self.settings())) { scene in
      try scene.stand("status=429")
      #expect(await scene.eventually { scene.server.requests.count > 8 })
      #expect(scene.health[0].probe != .unhealthy)
      #expect(scene.wouldAdmit())
    }
  }

  @Test("a server that refuses the path itself is alive")
  func notFound() async throws {
    var settings = Self.settings()
    settings.path = "/health"
    try await with(try ProbeScene(settings)) { scene in
      #expect(await scene.eventually { scene.health[0].probe == .healthy })
      #expect(scene.server.requests.allSatisfy { $0.path == "/v1/health" })
    }
  }

  @Test("chats try a tripped circuit out in place of requests, by the deployment's own model")
  func trials() async throws {
    var circuit = CircuitSettings()
    circuit.coolDownMilliseconds = 200
    circuit.jitterThousandths = 0
    try await with(
      try ProbeScene(Self.settings(.chat), circuit: circuit)
    ) { scene in
      #expect(await scene.eventually { scene.health[1].probe == .healthy })
      scene.failRequests(5, of: 1)
      #expect(scene.health[1].circuit.state == .open)
      for _ in 0..<500 where scene.health[1].circuit.state != .closed {
        // Closed between the two looks, it lets requests in.
        let isAdmitted = scene.wouldAdmit(1)
        let isOpen = scene.health[1].circuit.state != .closed
        #expect(!(isAdmitted && isOpen), "no request before the trials have succeeded")
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(scene.health[1].circuit.state == .closed)
      #expect(scene.health[0].circuit.state == .closed)
      let models = scene.server.requests.map { String(decoding: $0.body, as: UTF8.self) }
      let ofSecond = models.filter { $0.contains(#""model":"b""#) }
      #expect(ofSecond.count >= 2)
      #expect(models.allSatisfy { $0.contains("max_") })
      #expect(scene.health[1].inFlight == 0)
    }
  }

  @Test("the list of models does not close a circuit that requests have opened")
  func listIsNoTrial() async throws {
    var circuit = CircuitSettings()
    circuit.coolDownMilliseconds = 60_000
    try await with(try ProbeScene(Self.settings(), circuit: circuit)) { scene in
      #expect(await scene.eventually { scene.health[0].probe == .healthy })
      scene.failRequests(5)
      try await Task.sleep(for: .milliseconds(700))
      #expect(scene.health[0].circuit.state == .open)
      #expect(scene.health[0].probe == .healthy)
      #expect(scene.wouldAdmit(1))
    }
  }

  @Test(
    "each API is asked in its own way",
    arguments: [
      (Wire.anthropic, WireProtocol.anthropic), (Wire.gemini, WireProtocol.gemini),
      (Wire.ollama, WireProtocol.openAICompatible),
    ])
  func apis(_ wire: Wire, _ wireProtocol: WireProtocol) async throws {
    for kind in HealthCheckSettings.Kind.allCases {
      try await with(
        try ProbeScene(Self.settings(kind), wire: wire, wireProtocol)
      ) { scene in
        #expect(await scene.eventually { scene.health[0].probe == .healthy })
      }
    }
  }

  @Test("another catalogue: what is known of the account holds for deployments that are new")
  func anotherCatalogue() async throws {
    try await with(try ProbeScene(Self.settings())) { scene in
      func admits(_ health: HealthReference) -> Bool {
        health.wouldAdmit(nowMilliseconds: scene.nowMilliseconds, settings: scene.circuit)
      }
      #expect(await scene.eventually { scene.health[0].probe == .healthy })
      var health = try await scene.update(deployments: [2, 1, 0])
      #expect(health.map(\.probe) == [.healthy, .healthy, .healthy])
      try scene.stand("status=503")
      #expect(await scene.eventually { health[0].probe == .unhealthy })
      #expect(!health.contains(where: admits))
      // One is left out, one is new, those that stay have moved.
      health = try await scene.update(deployments: [3, 0, 2])
      #expect(health.map(\.probe) == [.unhealthy, .unhealthy, .unhealthy])
      #expect(!health.contains(where: admits))
      try await Task.sleep(for: .milliseconds(2_500))
      #expect(!health.contains(where: admits), "all of them are held on")
      #expect(scene.wouldAdmit(1), "nobody holds what is no longer there")
      try scene.stand(nil)
      #expect(await scene.eventually { health.allSatisfy(admits) })
      #expect(health.map(\.circuit.state) == [.closed, .closed, .closed])
    }
  }
}
