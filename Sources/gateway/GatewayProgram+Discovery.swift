// SPDX-License-Identifier: MIT

import Bytes
import Configuration
import CredentialService
import DataPlane
import EventLoop
import ModelCatalog
import PolicyService
import Routing
import Telemetry
import UpstreamService

extension GatewayProgram {
  /// Names in one line of the log at most.
  private static let loggedNamesMaximum = 20

  /// Nil where no list is kept up to date.
  func makeDiscovery(
    _ client: UpstreamClient, _ credentials: CredentialService?, _ metrics: MetricSet,
    _ update: CatalogUpdate
  ) -> DiscoveryService? {
    let catalog = update.catalogs.current
    let discoveries = configuration.catalog.discoveries
    guard !discoveries.isEmpty else { return nil }
    let accounts = accounts(catalog)
    let targets = discoveries.map { discovery in
      let own = accounts.filter { $0.gateway.name == discovery.gateway }
      let placed = own.flatMap(\.deployments).filter { !$0.isOpen }.map(\.upstreamModel.string)
      return DiscoveryTarget(
        accounts: own.map { $0.upstream(credentials) }, settings: discovery.settings,
        placed: Set(placed))
    }
    let service = DiscoveryService(
      targets, taken: configuration.catalog.takenNames, with: client
    ) { [logger] report in
      switch report {
      case .failed(let index, let problem, let isFirst):
        metrics.control.discovered(index, isSuccess: false)
        // Once, and not at every try.
        if isFirst {
          logger.warning(
            "models not listed; those listed last stay",
            [
              "gateway": .string(discoveries[index].gateway),
              "error": .string(problem.description),
            ])
        }
      case .listed(let index, let models, let changes, let isListing):
        if isListing { metrics.control.discovered(index, isSuccess: true) }
        Self.record(index, models, changes, metrics)
        if !changes.isEmpty {
          logger.info(
            "models discovered", Self.fields(discoveries[index].gateway, models, changes))
        }
        // What was refused is tried again: the policies may be others by now.
        if !changes.isEmpty || update.wasRefused { update.request() }
      }
    }
    update.service = service
    return service
  }

  private static func record(
    _ index: Int, _ models: DiscoveredModels, _ changes: DiscoveredModels.Changes,
    _ metrics: MetricSet
  ) {
    let vanished = models.entries.values.count { $0.vanishedAtMilliseconds != nil }
    metrics.control.discoveredModels(
      index, listed: models.entries.count - vanished, vanished: vanished,
      ignored: models.ignoredCount)
    metrics.control.discoveryChanged(index, .added, changes.added.count)
    metrics.control.discoveryChanged(index, .vanished, changes.vanished.count)
    metrics.control.discoveryChanged(index, .returned, changes.returned.count)
    metrics.control.discoveryChanged(index, .removed, changes.removed.count)
  }

  private static func fields(
    _ gateway: String, _ models: DiscoveredModels, _ changes: DiscoveredModels.Changes
  ) -> KeyValuePairs<String, LogValue> {
    [
      "gateway": .string(gateway), "models": .integer(models.entries.count),
      "added": .string(text(changes.added)), "vanished": .string(text(changes.vanished)),
      "returned": .string(text(changes.returned)), "removed": .string(text(changes.removed)),
      "altered": .string(text(changes.altered)), "ignored": .integer(models.ignoredCount),
    ]
  }

  private static func text(_ names: [String]) -> String {
    let shown = names.prefix(loggedNamesMaximum).joined(separator: " ")
    let rest = names.count - min(names.count, loggedNamesMaximum)
    return rest == 0 ? shown : shown + " and \(rest) more"
  }
}

/// Puts what lists have brought in into force: one at a time, and what comes meanwhile once more.
///
/// SAFETY: `@unchecked Sendable` because all of it happens on the control loop's thread; snapshots
/// are made elsewhere, of values.
final class CatalogUpdate: @unchecked Sendable {
  let catalogs: LiveCatalog
  weak var service: DiscoveryService?
  private let program: GatewayProgram
  private let state: LivePolicyState
  private let publisher: SnapshotPublisher
  private let prober: HealthProber?
  private let credentials: CredentialService?
  private let loop: Loop
  private var isRunning = false
  private var isWanted = false
  /// What was found last is not in force.
  private(set) var wasRefused = false

  init(
    program: GatewayProgram, catalogs: LiveCatalog, state: LivePolicyState,
    publisher: SnapshotPublisher, prober: HealthProber?, credentials: CredentialService?,
    on loop: Loop
  ) {
    self.program = program
    self.catalogs = catalogs
    self.state = state
    self.publisher = publisher
    self.prober = prober
    self.credentials = credentials
    self.loop = loop
  }

  func request() {
    isWanted = true
    guard !isRunning else { return }
    isRunning = true
    Task(executorPreference: loop) { [self] in
      while isWanted, let found = service?.found {
        isWanted = false
        await apply(found)
      }
      isRunning = false
    }
  }

  private func apply(_ found: [DiscoveredModels]) async {
    let problem: String?
    do {
      let next = try program.makeCatalog(found)
      let before = catalogs.current
      problem = await state.rebuild(
        changing: { [catalogs] in catalogs.current = next },
        undoing: { [catalogs] in catalogs.current = before })
    } catch {
      problem = "\(error)"
    }
    wasRefused = problem != nil
    guard let problem else {
      // Circuits of models that are new are the prober's as well.
      prober?.update(program.probeTargets(publisher.snapshot, credentials))
      return
    }
    program.logger.error(
      "the models discovered cannot be served; those before stay", ["error": .string(problem)])
  }
}
