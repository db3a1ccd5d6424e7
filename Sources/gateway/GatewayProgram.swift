// SPDX-License-Identifier: MIT

import Accounts
internal import Bytes
import Clocks
import Configuration
import ControlPlane
import CredentialService
import DataPlane
import DecisionIR
import EventLoop
import FakeProviders
import ModelCatalog
import Network
import PolicyService
import Routing
import Telemetry
import TelemetryExport
import UpstreamService

/// The gateway, assembled from a checked configuration: the data plane's workers on threads of
/// their own, the control plane's loop on the main thread.
final class GatewayProgram: @unchecked Sendable {
  let configuration: GatewayConfiguration
  let logger: Logger
  private let certificates = ListenerCertificates()
  let registry: HealthRegistry
  let started = WallClock.system.now()
  private var scripted: ScriptedProviderServer?

  init(_ configuration: GatewayConfiguration) {
    self.configuration = configuration
    registry = HealthRegistry(workerCount: Self.workerCount(of: configuration))
    logger = Logger(
      component: "gateway",
      minimumLevel: LogLevel(label: configuration.logging.level.rawValue) ?? .info)
  }

  /// Starts everything and serves until a signal ends it.
  ///
  /// - Throws: `StartFailure`, before anything serves.
  func run(_ held: HeldSignals) throws {
    var held = held
    defer { held.release() }
    raiseFileLimit()
    let catalog = try makeCatalog()
    let keys = LiveKeys(try makeKeys())
    let policies = try PolicySource(configuration)
    let initial = try policies.loadFirst()
    let catalogs = LiveCatalog(catalog)
    let make = makeSnapshot(catalogs, keys)
    let snapshot = try firstSnapshot(initial, make)

    let control = try loop()
    let metrics = makeMetrics(catalog)
    let publisher = SnapshotPublisher(snapshot)
    let accessLog = try makeAccessLog()
    let spans = makeSpanCollector(workerCount: workerCount)
    let credentials = makeCredentials(on: control)
    let shared = try makeShared(
      publisher, metrics, accessLog, spans, credentials, snapshot, on: control)
    held.holdEnds()
    let plane = try startDataPlane(shared)
    let state = LivePolicyState(
      host: policyHost(plane, publisher, make), loader: policies.loader, initial: initial)
    metrics.control.policiesReloaded(.applied, policyCount: snapshot.policyCount)
    let upstreams = UpstreamClient(on: control)
    let prober = makeProber(upstreams, snapshot, credentials, metrics)
    let discovery = makeDiscovery(
      upstreams, credentials, metrics,
      CatalogUpdate(
        program: self, catalogs: catalogs, state: state, publisher: publisher, prober: prober,
        credentials: credentials, on: control))
    var exporter: TelemetryExporter?
    let service: GatewayService
    do {
      exporter = try makeExporter(
        on: control, spans: spans, metrics: metrics, started: started, logger: logger,
        sample: shared.sampleMetrics)
      service = GatewayService(
        control: control, plane: plane, state: state, metrics: metrics, logger: logger,
        accessLog: accessLog, exporter: exporter, certificates: certificates,
        keys: KeyReload(configuration, keys, state, logger, on: control),
        credentials: credentials, prober: prober, discovery: discovery,
        configuration: configuration)
      try service.start()
      held.release()
    } catch {
      exporter?.close()
      upstreams.close()
      plane.drain {}
      plane.join()
      throw error
    }
    let accessThread = try accessLog.map(startWriting)
    Banner(configuration, plane.addresses, service.policyAddress, catalog: catalog).print()
    control.run()
    plane.join()
    accessLog?.end()
    accessThread?.join()
    service.close()
    upstreams.close()
    exporter?.close()
    control.close()
    scripted?.stop()
    logger.info("stopped")
  }

  // MARK: Parts

  private func makeShared(
    _ publisher: SnapshotPublisher, _ metrics: MetricSet, _ accessLog: AccessLog?,
    _ spans: SpanCollector?, _ credentials: CredentialService?, _ snapshot: RoutingSnapshot,
    on control: Loop
  ) throws -> SharedState {
    SharedState(
      snapshots: publisher, metrics: metrics, clientTLS: try clientContext(.off),
      clientTLSWithHTTP2: try clientContext(.auto),
      credentials: credentials.map(published) ?? [], startSeconds: started.secondsSinceEpoch,
      accessLog: accessLog,
      accessLogFormat: configuration.logging.accessLogFormat == .json ? .json : .text,
      accessLogSampleRatio: configuration.logging.accessLogSampleRatio,
      spans: spans, limitRows: ConcurrencyLimits.rowsOfGates(snapshot),
      report: reporter(on: control),
      sample: sampler(metrics, publisher, accessLog))
  }

  private func makeCatalog() throws -> Catalog {
    var endpoint: BaseURL?
    if configuration.catalog.needsScriptedProvider {
      let server = try scriptedProvider()
      scripted = server
      endpoint = BaseURL(isTLS: false, host: "127.0.0.1", port: server.port, pathPrefix: "/v1")
    }
    return try makeCatalog(scriptedEndpoint: endpoint)
  }

  /// The configuration's catalogue with what upstreams' lists have brought in.
  func makeCatalog(_ found: [DiscoveredModels]) throws -> Catalog {
    let endpoint = scripted.map {
      BaseURL(isTLS: false, host: "127.0.0.1", port: $0.port, pathPrefix: "/v1")
    }
    return try Catalog(configuration.catalog.adding(found), scriptedEndpoint: endpoint)
  }

  func makeCatalog(scriptedEndpoint: BaseURL?) throws -> Catalog {
    do {
      return try Catalog(configuration.catalog, scriptedEndpoint: scriptedEndpoint)
    } catch {
      throw StartFailure(message: "the model catalogue cannot be built: \(error)")
    }
  }

  private func scriptedProvider() throws -> ScriptedProviderServer {
    do {
      return try ScriptedProviderServer(
        ScriptedProvider(now: { WallClock.system.now().secondsSinceEpoch }))
    } catch {
      throw StartFailure(message: "the scripted provider cannot listen: \(error)")
    }
  }

  func makeKeys() throws -> KeyTable {
    do {
      return try KeyTable(configuration.keys)
    } catch {
      throw StartFailure(message: "the keys cannot be used: \(error)")
    }
  }

  func makeSnapshot(_ catalogs: LiveCatalog, _ keys: LiveKeys) -> PolicyHost.MakeSnapshot {
    let circuit = configuration.circuit
    return { [registry] program, version throws(RoutingSnapshotError) in
      try RoutingSnapshot(
        catalog: catalogs.current, keys: keys.current, program: program, registry: registry,
        version: version,
        circuitSettings: circuit)
    }
  }

  func firstSnapshot(
    _ policies: LoadedPolicies, _ make: PolicyHost.MakeSnapshot
  ) throws -> RoutingSnapshot {
    do throws(RoutingSnapshotError) {
      return try make(policies.program, policies.version)
    } catch .obligations(let problems) {
      throw StartFailure(
        message: "the policies cannot be used:\n"
          + problems.map(\.description).joined(separator: "\n"))
    } catch {
      throw StartFailure(message: "the policies cannot be used: \(error)")
    }
  }

  var workerCount: Int { Self.workerCount(of: configuration) }

  private static func workerCount(of configuration: GatewayConfiguration) -> Int {
    configuration.workerCount > 0 ? min(configuration.workerCount, 255) : Loop.availableCores
  }

  /// What upstreams over TLS are connected to with; nil when none has this setting.
  private func clientContext(_ http2: HTTP2Use) throws -> TLSContext? {
    let usesTLS = configuration.catalog.gateways.contains {
      $0.baseURL?.isTLS == true && ($0.baseURL?.http2 == .off) == (http2 == .off)
    }
    guard usesTLS else { return nil }
    do {
      return try TLSContext(
        client: TLSClientConfiguration(
          applicationProtocols: http2 == .off ? [.http11] : [.http2, .http11]))
    } catch {
      throw StartFailure(message: "TLS cannot be set up: \(error)")
    }
  }

  /// What workers find out about upstreams, as lines of the log; written on the control loop, since
  /// a log may block.
  private func reporter(on control: Loop) -> @Sendable (FailedAttempt) -> Void {
    { [logger] problem in
      control.execute {
        logger.warning(
          "upstream failed",
          [
            "gateway": .string(problem.gateway), "address": .string(problem.address),
            "model": .string(problem.model), "problem": .string(problem.problem),
            "help": .string(problem.help), "status": .integer(problem.status),
            "suppressed": .integer(problem.suppressedCount),
          ])
      }
    }
  }

  private func makeAccessLog() throws -> AccessLog? {
    let target: AccessLogTarget
    switch configuration.logging.accessLog {
    case nil: return nil
    case .standardOutput: target = .standardOutput
    case .standardError: target = .standardError
    case .file(let path): target = .file(path)
    }
    do {
      return try AccessLog(target, workerCount: workerCount) { [logger] problem in
        switch problem {
        case .notReopened(let error):
          logger.error(
            "the access log cannot be opened anew; it goes on in the old file",
            ["error": .string(error.description)])
        case .linesDropped(let count, let error):
          logger.error(
            "the access log loses lines",
            [
              "lines": .integer(count),
              "error": .string(error?.description ?? "they come faster than they are taken"),
            ])
        }
      }
    } catch {
      throw StartFailure(message: "the access log cannot be written: \(error)")
    }
  }

  private func startWriting(_ accessLog: AccessLog) throws -> LoopThread {
    do {
      return try LoopThread(name: "access-log") { accessLog.run() }
    } catch {
      throw StartFailure(message: "the system refuses another thread: \(error)")
    }
  }

  private func loop() throws -> Loop {
    do {
      return try Loop()
    } catch {
      throw StartFailure(message: "the system refuses another event loop: \(error)")
    }
  }

  private func startDataPlane(_ shared: SharedState) throws -> DataPlane {
    var settings = DataPlaneSettings()
    settings.limits = configuration.limits
    settings.timeouts = configuration.timeouts
    settings.retries = configuration.retries
    settings.circuit = configuration.circuit
    settings.keepAliveMilliseconds = configuration.keepAliveMilliseconds
    settings.refusesUnsupportedParameters = configuration.refusesUnsupportedParameters
    var listeners: [DataPlaneListener] = []
    for listener in configuration.listeners where listener.role == .languageModels {
      listeners.append(
        DataPlaneListener(
          address: try address(of: listener), certificates: try certificates.slot(for: listener)))
    }
    do {
      return try DataPlane(
        listeners: listeners, workerCount: workerCount, shared: shared, settings: settings)
    } catch {
      let places = listeners.map(\.address.description).joined(separator: ", ")
      throw StartFailure(
        message: "cannot listen on \(places): \(error). Is another gateway running? "
          + "Choose another port in the configuration or with --port.")
    }
  }

  private func policyHost(
    _ plane: DataPlane, _ publisher: SnapshotPublisher, _ make: @escaping PolicyHost.MakeSnapshot
  ) -> PolicyHost {
    PolicyHost(
      current: { publisher.snapshot }, makeSnapshot: make, publish: { publisher.publish($0) },
      dataPlaneDecision: { await plane.decision($0)?.policyDecision })
  }

  func address(of listener: ListenerConfiguration) throws -> SocketAddress {
    try numericAddress(listener.host, listener.port)
  }
}
