// SPDX-License-Identifier: MIT

import Accounts
import Configuration
import EventLoop
import PolicyService
import Synchronization
import Telemetry

/// Reads the callers' keys anew, so that one can be given out or taken back without a restart. The
/// rest of the configuration takes effect at the next start.
///
/// Many keys take a while to read, so that happens off the loop, of values.
///
/// SAFETY: `@unchecked Sendable` because all else happens on the control loop's thread.
final class KeyReload: @unchecked Sendable {
  /// The main configuration file.
  private let path: String
  private let keys: LiveKeys
  private let state: LivePolicyState
  private let logger: Logger
  private let loop: Loop
  private let work = SerialWork()
  private let hashing = Hashing()
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

  /// Before the process ends, which may be in the middle of a reload: what it still reads is of no
  /// use to anybody.
  func close() { hashing.end() }

  private enum Outcome: Sendable {
    case refused(String)
    case unchanged
    case changed([KeyDescription], KeyTable)
  }

  private func reload() async {
    let outcome = await work.run { [path, running, hashing] in
      Self.read(path, unlike: running, hashing)
    }
    switch outcome {
    case .refused(let findings): refuse(findings)
    case .unchanged: logger.info("keys unchanged", fields(running))
    case .changed(let wanted, let next):
      let before = keys.current
      let problem = await state.rebuild(
        changing: { [keys] in keys.current = next }, undoing: { [keys] in keys.current = before })
      if let problem { return refuse(problem) }
      running = wanted
      logger.info("keys reloaded", fields(wanted))
    }
  }

  private static func read(
    _ path: String, unlike running: [KeyDescription], _ hashing: Hashing
  ) -> Outcome {
    let loaded = ConfigurationFiles.load(path, digest: hashing.digest)
    guard let wanted = loaded.configuration?.keys else {
      return .refused(loaded.errors.map(\.description).joined(separator: "\n"))
    }
    guard wanted != running else { return .unchanged }
    do {
      return .changed(wanted, try KeyTable(wanted))
    } catch {
      return .refused("\(error)")
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

/// SHA-256 until the process ends: OpenSSL frees what it is made of while `exit` runs.
private final class Hashing: Sendable {
  private let isEnded = Mutex(false)

  func end() { isEnded.withLock { $0 = true } }

  func digest(_ key: String) -> KeyDigest {
    isEnded.withLock { $0 ? KeyDigest(0, 0, 0, 0) : ConfigurationFiles.digest(key) }
  }
}
