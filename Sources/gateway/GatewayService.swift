// SPDX-License-Identifier: MIT

import Clocks
import Configuration
import ControlPlane
import CredentialService
import DataPlane
import EventLoop
import Glibc
import Network
import PolicyService
import Routing
import Synchronization
import Telemetry
import TelemetryExport
import UpstreamService

/// What runs on the control loop: the policy router's API, signals, the watched policies, and the
/// drain at the end.
final class GatewayService: @unchecked Sendable {
  /// How long the end waits for spans to go out.
  static let exportMillisecondsMaximum = 5_000

  private let control: Loop
  private let plane: DataPlane
  private let state: LivePolicyState
  private let metrics: MetricSet
  private let logger: Logger
  private let accessLog: AccessLog?
  private let exporter: TelemetryExporter?
  private let listenerCertificates: ListenerCertificates
  private let keys: KeyReload
  /// Nil where every gateway has a key, or none.
  private let credentials: CredentialService?
  /// Nil where nothing is probed.
  private let prober: HealthProber?
  /// Nil where no list of models is kept up to date.
  private let discovery: DiscoveryService?
  private let configuration: GatewayConfiguration
  private let isDraining = Atomic<Bool>(false)
  private var servers: [HTTPServer] = []
  private var signals: [SignalWatch] = []
  private var triggers: PolicyTriggers?

  init(
    control: Loop, plane: DataPlane, state: LivePolicyState, metrics: MetricSet, logger: Logger,
    accessLog: AccessLog?, exporter: TelemetryExporter?, certificates: ListenerCertificates,
    keys: KeyReload,
    credentials: CredentialService?, prober: HealthProber?, discovery: DiscoveryService?,
    configuration: GatewayConfiguration
  ) {
    self.control = control
    self.plane = plane
    self.state = state
    self.metrics = metrics
    self.logger = logger
    self.accessLog = accessLog
    self.exporter = exporter
    listenerCertificates = certificates
    self.keys = keys
    self.credentials = credentials
    self.prober = prober
    self.discovery = discovery
    self.configuration = configuration
  }

  var policyAddress: SocketAddress? { servers.first?.address }

  func start() throws {
    let api = PolicyAPI(
      state, isDraining: { [self] in isDraining.load(ordering: .relaxed) },
      report: { [self] cause, outcome in report(cause, outcome) })
    let table = RouteTable(api.routes)
    var limits = HTTPServerConfiguration()
    limits.bodyBytesMaximum = PolicyAPI.bodyBytesMaximum
    for listener in configuration.listeners where listener.role == .policy {
      let address = try numericAddress(listener.host, listener.port)
      let certificates = try listenerCertificates.slot(
        for: listener, protocols: [.http11])
      do {
        servers.append(
          try HTTPServer(
            on: control, address: address, configuration: limits, tls: certificates
          ) { await table.answer($0) })
      } catch {
        throw StartFailure(
          message: "the policy router cannot listen on \(address): \(error). "
            + "Is another gateway running?")
      }
    }
    try watchSignals()
    watchPolicies()
    exporter?.start()
    do {
      try credentials?.start()
    } catch {
      throw StartFailure(message: "the providers' credentials cannot be fetched: \(error)")
    }
    do {
      try prober?.start()
    } catch {
      throw StartFailure(message: "the upstreams cannot be probed: \(error)")
    }
    do {
      try discovery?.start()
    } catch {
      throw StartFailure(message: "the upstreams' models cannot be discovered: \(error)")
    }
  }

  func close() {
    for signal in signals { signal.close() }
    triggers?.close()
    keys.close()
    prober?.close()
    discovery?.close()
    credentials?.close()
  }

  // MARK: Reload

  private func watchSignals() throws {
    do {
      signals = [
        try SignalWatch(on: control, signal: SIGTERM) { [unowned self] in drain("SIGTERM") },
        try SignalWatch(on: control, signal: SIGINT) { [unowned self] in drain("SIGINT") },
        // What log rotation and certificate renewal send. SIGHUP reloads the policies as well.
        try SignalWatch(on: control, signal: SIGHUP) { [unowned self] in
          keys.request()
          accessLog?.reopen()
          listenerCertificates.reload(logger)
          credentials?.reload()
        },
        try SignalWatch(on: control, signal: SIGUSR1) { [accessLog] in accessLog?.reopen() },
      ]
    } catch {
      throw StartFailure(message: "signals cannot be watched: \(error)")
    }
    signal(SIGPIPE, SIG_IGN)
  }

  /// SIGHUP always reloads; a change of the files does where the configuration says so.
  private func watchPolicies() {
    let isWatched = configuration.policies.isWatched
    let folder =
      isWatched
      ? state.loader.folder : PolicyFolder(paths: [], schemaPath: nil)
    do {
      triggers = try PolicyTriggers(on: control, folder: folder, state: state, signal: SIGHUP) {
        [self] cause, outcome in report(cause, outcome)
      }
    } catch {
      logger.warning(
        "the policies are not watched; POST /policies/reload reloads them",
        ["error": .string(error.description)])
    }
  }

  private func report(_ cause: PolicyTriggers.Cause, _ outcome: ReloadOutcome) {
    switch outcome {
    case .loaded(let report):
      logger.info(
        report.isChanged ? "policies reloaded" : "policies unchanged",
        [
          "cause": .string(cause.rawValue), "version": .string(report.version),
          "policies": .integer(report.policyCount),
        ])
    case .refused(let refusal):
      logger.error(
        "policies refused; the running ones stay",
        [
          "cause": .string(cause.rawValue),
          "findings": .string(refusal.findings.map(\.text).joined(separator: "\n")),
        ])
    }
    control.execute { [self] in
      let result: Telemetry.ReloadResult =
        switch outcome {
        case .loaded(let report): report.isChanged ? .applied : .unchanged
        case .refused: .refused
        }
      metrics.control.policiesReloaded(result, policyCount: state.status().policyCount)
    }
  }

  // MARK: Ending

  private func drain(_ cause: String) {
    guard !isDraining.exchange(true, ordering: .relaxed) else {
      // Asked twice: whoever asks has no more patience.
      keys.close()
      exit(1)
    }
    logger.info("draining", ["cause": .string(cause)])
    discovery?.close()
    let limit = Int(configuration.timeouts.drainMilliseconds)
    let start = MonotonicClock.system.now()
    plane.drain { [self] in
      Task(executorPreference: control) { [self] in
        for server in servers { await server.drain(limitMilliseconds: min(limit, 2_000)) }
        // What the streams have left of the drain is for their spans, and never nothing.
        let spent = Int((MonotonicClock.system.now() - start).milliseconds)
        await exporter?.finish(
          limitMilliseconds: min(max(limit - spent, 500), Self.exportMillisecondsMaximum))
        control.stop()
      }
    }
  }
}
