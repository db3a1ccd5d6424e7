// SPDX-License-Identifier: MIT

import Accounts
import Configuration
import EventLoop
import PolicyService
import Telemetry

/// Reads the callers' keys anew, so that one can be given out or taken back without a restart. The
/// rest of the configuration takes effect at the next start.
///
/// SAFETY: `@unchecked Sendable` because all of it happens on the control loop's thread.
final class KeyReload: @unchecked Sendable {
  /// The main configuration file.
  private let path: String
  private let keys: LiveKeys
  private let state: LivePolicyState
  private let logger: Logger
  private let loop: Loop
  private var running: [KeyDescription]
  private var isRunning = false
  private var isWanted = false

  init(
    _ configuration: GatewayConfiguration, _ keys: LiveKeys, _ state: LivePolicyState,
    _ logger: Logger, on loop: Loop
  ) {
    path = configuration.files.first ?? ""
    running = configuration.keys
    self.keys = keys
    self.state = state
    self.logger = logger
    self.loop = loop
  }

  /// One at a time; what is asked for meanwhile is done once more.
  func request() {
    isWanted = true
    guard !isRunning, !path.isEmpty else { return }
    isRunning = true
    Task(executorPreference: loop) { [self] in
      while isWanted {
        isWanted = false
        await reload()
      }
      isRunning = false
    }
  }

  private func reload() async {
    let loaded = ConfigurationFiles.load(path)
    guard let wanted = loaded.configuration?.keys else {
      return refuse(loaded.errors.map(\.description).joined(separator: "\n"))
    }
    guard wanted != running else { return logger.info("keys unchanged", fields(wanted)) }
    do {
      let next = try KeyTable(wanted)
      let before = keys.current
      let problem = await state.rebuild(
        changing: { [keys] in keys.current = next }, undoing: { [keys] in keys.current = before })
      if let problem { return refuse(problem) }
      running = wanted
      logger.info("keys reloaded", fields(wanted))
    } catch {
      refuse("\(error)")
    }
  }

  private func fields(_ keys: [KeyDescription]) -> KeyValuePairs<String, LogValue> {
    ["file": .string(path), "keys": .integer(keys.count)]
  }

  private func refuse(_ findings: String) {
    logger.error(
      "keys not reloaded; the running ones stay",
      ["file": .string(path), "findings": .string(findings)])
  }
}
