// SPDX-License-Identifier: MIT

internal import Clocks
internal import DecisionIR
internal import Routing
internal import Synchronization

extension LivePolicyState {
  public func reload() async -> ReloadOutcome {
    await reloads.run { [self] in reloadNow() }
  }

  public func rollBack(to version: String?) async -> ReloadReport? {
    await reloads.run { [self] in rollBackNow(to: version) }
  }

  public func versions() -> [String] { kept.withLock { $0.versions.map(\.version) } }

  /// Puts the policies in force onto another catalogue: `change` makes it the present one for
  /// `PolicyHost.makeSnapshot`, and is undone when the policies do not hold for it.
  ///
  /// - Returns: what is wrong, in words; nil where the new snapshot is in force.
  public func rebuild(
    changing change: @escaping @Sendable () -> Void, undoing undo: @escaping @Sendable () -> Void
  ) async -> String? {
    await reloads.run { [self] in
      change()
      do throws(PolicyLoader.Failure) {
        try putInForce(policies)
        return nil
      } catch {
        undo()
        return error.findings.filter(\.isError).map(\.message).joined(separator: "; ")
      }
    }
  }

  /// Reads, compiles, checks and publishes; to be called by one thread at a time.
  private func reloadNow() -> ReloadOutcome {
    let start = host.monotonicClock.now()
    do throws(PolicyLoader.Failure) {
      let loaded = try loader.load()
      let isChanged = loaded.version != policies.version
      if isChanged { try putInForce(loaded) }
      kept.withLock { $0.lastProblem = nil }
      return .loaded(report(loaded, since: start, isChanged: isChanged))
    } catch {
      let first = error.findings.first { $0.isError }?.message
      let running = kept.withLock { kept in
        kept.lastProblem = first ?? "the policies cannot be used"
        return kept.versions.first?.version
      }
      return .refused(ReloadRefusal(findings: error.findings, runningVersion: running))
    }
  }

  private func rollBackNow(to version: String?) -> ReloadReport? {
    let start = host.monotonicClock.now()
    let found = kept.withLock { kept in
      version == nil
        ? kept.versions.dropFirst().first : kept.versions.first { $0.version == version }
    }
    guard let found else { return nil }
    let isChanged = found.version != policies.version
    if isChanged {
      // It was in force before; only a catalogue that changed since can refuse it.
      do throws(PolicyLoader.Failure) { try putInForce(found) } catch { return nil }
    }
    return report(found, since: start, isChanged: isChanged)
  }

  private func putInForce(_ loaded: LoadedPolicies) throws(PolicyLoader.Failure) {
    let snapshot: RoutingSnapshot
    do throws(RoutingSnapshotError) {
      snapshot = try host.makeSnapshot(loaded.program, loaded.version)
    } catch {
      throw PolicyLoader.Failure(findings: loaded.findings + Self.findings(error))
    }
    host.publish(snapshot)
    kept.withLock { kept in
      kept.versions.removeAll { $0.version == loaded.version }
      kept.versions.insert(loaded, at: 0)
      if kept.versions.count > Self.versionsMaximum { kept.versions.removeLast() }
    }
  }

  private static func findings(_ error: RoutingSnapshotError) -> [PolicyFinding] {
    switch error {
    case .obligations(let problems):
      problems.map { problem in
        PolicyFinding(
          code: "ROUTING", message: "policy `\(problem.policy)`: \(problem.message)",
          file: problem.file, line: problem.line)
      }
    case .entities(let problem):
      [PolicyFinding(code: "ROUTING", message: problem.description, file: "")]
    case .tooManyDeployments:
      [PolicyFinding(code: "ROUTING", message: "there are too many deployments", file: "")]
    }
  }

  private func report(
    _ loaded: LoadedPolicies, since start: Instant, isChanged: Bool
  ) -> ReloadReport {
    ReloadReport(
      version: loaded.version, policyCount: loaded.program.policyCount,
      testCount: loaded.testCount,
      milliseconds: Double((host.monotonicClock.now() - start).nanoseconds) / 1e6,
      isChanged: isChanged, findings: loaded.findings)
  }
}
