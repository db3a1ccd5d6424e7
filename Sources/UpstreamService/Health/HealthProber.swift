// SPDX-License-Identifier: MIT

public import Clocks
public import EventLoop
import ModelCatalog
public import Routing
import Translation

/// Probes upstreams on the control loop, and opens and closes the circuits of their deployments by
/// what it finds. Requests see nothing of it but those circuits.
///
/// - An account whose probes fail is held open until they succeed again: no request is spent on it.
/// - Probes by chat try out circuits that requests have opened, in place of requests. Those by the
///   list of models leave that to requests: a server may list its models and serve none.
///
/// SAFETY: `@unchecked Sendable` because all of it happens on the loop's thread; the health is made
/// for several.
public final class HealthProber: @unchecked Sendable {
  /// How often circuits are looked at, and holds renewed.
  static let tickMilliseconds: Int64 = 500
  /// How much longer than to the next look a hold lasts.
  static let holdSlackMilliseconds: Int64 = 1_000
  /// Trials by chat at a time and account.
  static let trialsMaximum = 4

  private struct Place {
    var deployment: ProbeTarget.Deployment
    /// The end of the cool-down it was in when it was held; nil when it is not.
    var ownUntil: Int64?
    var isTried = false
  }

  private struct State {
    var target: ProbeTarget
    var monitor: ProbeMonitor
    var places: [Place]
  }

  private let client: UpstreamClient
  /// Keeps the memory of all health.
  private let registry: HealthRegistry
  private let settings: CircuitSettings
  private let clock: MonotonicClock
  private let report: @Sendable (ProbeReport) -> Void
  private var random: RandomSource
  private var states: [State]
  private var timer: LoopTimer?
  private var isClosed = false

  /// - Parameters:
  ///   - clock: the one that circuits go by.
  ///   - report: called on the loop's thread.
  public init(
    _ targets: [ProbeTarget], with client: UpstreamClient, registry: HealthRegistry,
    settings: CircuitSettings, clock: MonotonicClock = .system,
    random: RandomSource = RandomSource(), report: @escaping @Sendable (ProbeReport) -> Void
  ) {
    self.client = client
    self.registry = registry
    self.settings = settings
    self.clock = clock
    self.report = report
    self.random = random
    states = []
    let now = nowMilliseconds
    for target in targets {
      states.append(
        State(
          target: target,
          monitor: ProbeMonitor(
            target.settings, nowMilliseconds: now, random: self.random.next()),
          places: target.deployments.map { Place(deployment: $0) }))
      for deployment in target.deployments { deployment.health.setProbe(.unknown) }
    }
  }

  /// On the loop's thread, or before the loop runs.
  ///
  /// - Throws: `LoopError` when the system refuses another timer.
  public func start() throws(LoopError) {
    timer = try LoopTimer(on: client.loop)
    tick()
  }

  /// On the loop's thread, or after the loop has ended. What is held is free again when its time
  /// is over.
  public func close() {
    isClosed = true
    timer?.close()
    timer = nil
  }

  /// Takes over the deployments of another catalogue. What is known of an account, by its label,
  /// stays, and holds for those of its deployments that are new; the accounts are the same.
  public func update(_ targets: [ProbeTarget]) {
    if isClosed { return }
    let now = nowMilliseconds
    for index in states.indices {
      let label = states[index].target.account.label
      guard let target = targets.first(where: { $0.account.label == label }) else { continue }
      let before = states[index].places
      states[index].target = target
      states[index].places = target.deployments.map { deployment in
        guard let known = before.first(where: { $0.deployment.health == deployment.health }) else {
          deployment.health.setProbe(states[index].monitor.verdict)
          return Place(deployment: deployment)
        }
        return Place(
          deployment: deployment, ownUntil: known.ownUntil, isTried: known.isTried)
      }
      if states[index].monitor.verdict == .unhealthy { hold(index, now) }
    }
  }

  private var nowMilliseconds: Int64 { clock.now().nanoseconds / 1_000_000 }

  // MARK: Time

  private func tick() {
    if isClosed { return }
    let now = nowMilliseconds
    var wake = now + Self.tickMilliseconds
    for index in states.indices {
      let isSuspected =
        states[index].monitor.verdict != .unhealthy
        && states[index].target.deployments.contains { $0.health.circuit.state == .open }
      handle(isSuspected ? .suspicion : .time, index)
      if states[index].monitor.verdict == .unhealthy {
        hold(index, now)
      } else if states[index].target.settings.kind == .chat {
        tryOut(index, now)
      }
      wake = min(wake, states[index].monitor.nextMilliseconds)
    }
    timer?.start(delayMilliseconds: UInt64(max(wake - now, 1))) { [weak self] in self?.tick() }
  }

  private func handle(_ event: ProbeMonitor.Event, _ index: Int, reason: String = "") {
    let actions = states[index].monitor.handle(
      event, nowMilliseconds: nowMilliseconds, random: random.next())
    if let verdict = actions.change { changed(index, verdict, reason) }
    if actions.probes { probe(index) }
  }

  private func changed(_ index: Int, _ verdict: ProbeVerdict, _ reason: String) {
    switch verdict {
    case .unhealthy: hold(index, nowMilliseconds)
    case .healthy: release(index)
    case .none, .unknown: break
    }
    // Last, so that whoever sees the verdict sees what follows from it.
    for deployment in states[index].target.deployments { deployment.health.setProbe(verdict) }
    report(.changed(target: index, verdict, reason: reason))
  }

  // MARK: Circuits

  private func hold(_ index: Int, _ now: Int64) {
    let timeout = states[index].target.settings.timeoutMilliseconds
    let until =
      max(states[index].monitor.nextMilliseconds, now + Self.tickMilliseconds) + timeout
      + Self.holdSlackMilliseconds
    for place in states[index].places.indices {
      let deployment = states[index].places[place].deployment
      if states[index].places[place].ownUntil == nil {
        let circuit = deployment.health.circuit
        states[index].places[place].ownUntil = circuit.state == .open ? circuit.milliseconds : 0
      }
      deployment.health.hold(untilMilliseconds: until, nowMilliseconds: now)
    }
  }

  private func release(_ index: Int) {
    for place in states[index].places.indices {
      guard let own = states[index].places[place].ownUntil else { continue }
      states[index].places[place].ownUntil = nil
      states[index].places[place].deployment.health.release(
        ownUntilMilliseconds: own, nowMilliseconds: nowMilliseconds, settings: settings)
    }
  }

  // MARK: Probes

  private func probe(_ index: Int) {
    let target = states[index].target
    let start = clock.now()
    Task(executorPreference: client.loop) { [weak self, client, clock] in
      let finding = await Self.ask(target, client, chatModel: target.chatModel)
      guard let self, !isClosed else { return }
      report(
        .probed(
          target: index, finding.result,
          durationNanoseconds: (clock.now() - start).nanoseconds))
      handle(.ended(finding.result), index, reason: finding.reason)
    }
  }

  private static func ask(
    _ target: ProbeTarget, _ client: UpstreamClient, chatModel: String
  ) async -> ProbeFinding {
    var request: UpstreamRequest
    switch target.settings.kind {
    case .models:
      request = ModelListing.probe(
        target.account.wireProtocol, at: target.account.baseURL,
        apiVersion: target.account.apiVersion)
      if let path = target.settings.path {
        request.target = target.account.target(ofProbe: path)
        request.host = nil
      }
    case .chat:
      let wire = ProtocolWire(target.account, model: chatModel)
      do throws(TranslationError) {
        request = try wire.request(chat: ProtocolWire.shortestChat(model: chatModel))
      } catch {
        return ProbeFinding(UpstreamProblem(.notAsked, error.message))
      }
    }
    request.timeoutMilliseconds = Int(target.settings.timeoutMilliseconds)
    do throws(UpstreamProblem) {
      return ProbeFinding(try await client.send(request, to: target.account))
    } catch {
      return ProbeFinding(error)
    }
  }

  // MARK: Trials

  /// Tries out, in place of requests, the deployments whose circuits requests have opened.
  private func tryOut(_ index: Int, _ now: Int64) {
    for place in states[index].places.indices {
      let deployment = states[index].places[place].deployment
      guard deployment.isChat else { continue }
      deployment.health.reserveTrials(
        untilMilliseconds: now + Self.tickMilliseconds + Self.holdSlackMilliseconds
          + states[index].target.settings.timeoutMilliseconds)
      guard deployment.health.circuit.state != .closed, !states[index].places[place].isTried,
        states[index].places.count(where: \.isTried) < Self.trialsMaximum
      else { continue }
      let admission = deployment.health.begin(
        nowMilliseconds: now, settings: settings, isTrial: true)
      if case .refused = admission { continue }
      states[index].places[place].isTried = true
      trial(index, deployment, admission)
    }
  }

  private func trial(
    _ index: Int, _ deployment: ProbeTarget.Deployment, _ admission: Admission
  ) {
    let target = states[index].target
    Task(executorPreference: client.loop) { [weak self, client, clock, settings] in
      let finding = await Self.ask(target, client, chatModel: deployment.upstreamModel)
      // Ended whatever became of the prober: the circuit waits for it.
      deployment.health.end(
        finding.outcome, admission: admission,
        nowMilliseconds: clock.now().nanoseconds / 1_000_000,
        random: self?.random.next() ?? 0, settings: settings)
      guard let self else { return }
      // Another catalogue may have moved it, or left it out.
      for place in states[index].places.indices
      where states[index].places[place].deployment.health == deployment.health {
        states[index].places[place].isTried = false
      }
    }
  }
}
