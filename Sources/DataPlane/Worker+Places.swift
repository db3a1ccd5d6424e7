// SPDX-License-Identifier: MIT

internal import Bytes
internal import Clocks
internal import EventLoop
internal import ModelCatalog
internal import Network
internal import Routing
internal import Telemetry

/// Limits of concurrency: an attempt takes a place at each limit of its deployment and gives them
/// back at its end. Where all deployments of the plan are full, the request waits for the best one.
extension Worker {
  /// Whether the attempt has its places: all of them, or none.
  @inline(__always)
  func takePlaces(_ client: Client, _ deployment: UnsafeMutablePointer<DeploymentRuntime>) -> Bool {
    if deployment.pointee.gates.count == 0 { return true }
    return takeLimitedPlaces(client, deployment.pointee.gates)
  }

  @inline(never)
  private func takeLimitedPlaces(_ client: Client, _ gates: DeploymentGates) -> Bool {
    while Int(client.pointee.exchange.placeCount) < gates.count {
      guard gates[Int(client.pointee.exchange.placeCount)].take() else {
        giveLimitedPlaces(client, gates)
        return false
      }
      client.pointee.exchange.placeCount += 1
    }
    return true
  }

  /// Gives back what `takePlaces` took; to be called before the exchange moves to another step.
  @inline(__always)
  func givePlaces(_ client: Client) {
    if client.pointee.exchange.placeCount > 0 {
      giveLimitedPlaces(client, currentDeployment(client).pointee.gates)
    }
  }

  @inline(never)
  private func giveLimitedPlaces(_ client: Client, _ gates: DeploymentGates) {
    while client.pointee.exchange.placeCount > 0 {
      client.pointee.exchange.placeCount -= 1
      give(gates[Int(client.pointee.exchange.placeCount)])
    }
  }

  private func give(_ gate: GateReference) {
    waitLines.give(gate) { shared.placeWakeUps.pass(to: $0, gate) }
    if waitLines.hasArrivals { schedulePlaces() }
  }

  /// The limit has become larger: those who wait get what is free.
  func serveMore(_ gate: GateReference) {
    waitLines.serveAll(gate) { shared.placeWakeUps.pass(to: $0, gate) }
    if waitLines.hasArrivals { schedulePlaces() }
  }

  // MARK: Waiting

  /// Every deployment that the request may still go to is full: it waits for the one at `step`,
  /// unless that has a place by now.
  func awaitPlace(_ client: Client, step: Int) {
    client.pointee.exchange.step = step
    // There is no second attempt while there is no first.
    client.pointee.exchange.hedge?.pointee.delayDeadlineMilliseconds = .max
    // Of an earlier attempt.
    waiting(client)?.pointee.deadlineMilliseconds = 0
    passGates(client)
  }

  /// Passes the gates of the deployment one after another, up to the one where it has to wait.
  /// Where as many wait as may, the next full deployment of the plan is waited for.
  private func passGates(_ client: Client) {
    let gates = currentDeployment(client).pointee.gates
    while Int(client.pointee.exchange.placeCount) < gates.count {
      let gate = gates[Int(client.pointee.exchange.placeCount)]
      let request = waiting(client) ?? makeWaiting(client)
      switch waitLines.join(request, gate, nanoseconds: Loop.nanoseconds) {
      case .taken: client.pointee.exchange.placeCount += 1
      case .waiting:
        let now = loop.nowMilliseconds
        if request.pointee.deadlineMilliseconds == 0 {
          request.pointee.deadlineMilliseconds = now + UInt64(gate.queueTimeoutMilliseconds)
        }
        let deadline = request.pointee.deadlineMilliseconds
        waitFor(client, .place, Int64(deadline > now ? deadline - now : 0))
        return
      case .full:
        guard let step = nextLimitedStep(client) else {
          refuseFull(client, gate, isFull: true)
          return
        }
        giveLimitedPlaces(client, gates)
        client.pointee.exchange.step = step
        passGates(client)
        return
      }
    }
    client.pointee.exchange.attemptStartNanoseconds = Loop.nanoseconds
    attempt(client)
  }

  /// The next deployment of the plan that a request can wait for: under a limit, with a circuit
  /// that would let it through.
  private func nextLimitedStep(_ client: Client) -> Int? {
    (client.pointee.exchange.step + 1..<client.pointee.exchange.plan.attemptCount).first { step in
      let deployment = deployment(client, step: step)
      return deployment.pointee.gates.count > 0
        && deployment.pointee.health.wouldAdmit(
          nowMilliseconds: nowMilliseconds, settings: circuitSettings)
    }
  }

  private func makeWaiting(_ client: Client) -> UnsafeMutablePointer<WaitingRequest> {
    let request = freeWaiting.popLast() ?? .allocate(capacity: 1)
    request.initialize(to: WaitingRequest(owner: client))
    waitingRequests[client] = request
    client.pointee.exchange.hasWaited = true
    return request
  }

  private func waiting(_ client: Client) -> UnsafeMutablePointer<WaitingRequest>? {
    client.pointee.exchange.hasWaited ? waitingRequests[client] : nil
  }

  /// Whatever ends the exchange: it waits for nothing any more and holds no place.
  @inline(__always)
  func leavePlaces(_ client: Client) {
    if !client.pointee.exchange.hasWaited, client.pointee.exchange.placeCount == 0 { return }
    leaveLimitedPlaces(client)
  }

  @inline(never)
  private func leaveLimitedPlaces(_ client: Client) {
    let gates = currentDeployment(client).pointee.gates
    if let request = waiting(client) {
      let position = Int(client.pointee.exchange.placeCount)
      if request.pointee.isWaiting {
        measureWait(request, gates[position])
        waitLines.leave(request, gates[position])
      }
      waitingRequests[client] = nil
      client.pointee.exchange.hasWaited = false
      freeWaiting.append(request)
    }
    giveLimitedPlaces(client, gates)
  }

  private func measureWait(
    _ request: UnsafeMutablePointer<WaitingRequest>, _ gate: GateReference
  ) {
    guard gate.number < shared.limitRows.count, shared.limitRows[gate.number] >= 0 else { return }
    metrics.waitedForPlace(
      shared.limitRows[gate.number],
      Interval(nanoseconds: Int64(clamping: Loop.nanoseconds &- request.pointee.nanoseconds)))
  }

  func placeTimerFired(_ client: Client) {
    let gates = currentDeployment(client).pointee.gates
    let position = Int(client.pointee.exchange.placeCount)
    guard position < gates.count else { return }
    refuseFull(client, gates[position], isFull: false)
  }

  private func refuseFull(_ client: Client, _ gate: GateReference, isFull: Bool) {
    gate.countRefusal(isFull: isFull)
    let deployment = currentDeployment(client).pointee.deployment
    let reading = gate.read()
    let wait = gate.queueTimeoutMilliseconds
    let isOver = loop.nowMilliseconds >= client.pointee.exchange.totalDeadlineMilliseconds
    let reason =
      isFull
      ? "and \(reading.queueMaximum) more are waiting"
      : "and no place became free within \(isOver ? "the request's own time" : "\(wait) ms")"
    refuse(
      client,
      GatewayError(
        .concurrencyLimited,
        "The gateway sends at most \(reading.limit) requests at a time to "
          + "'\(deployment.gatewayName.string)', \(reason).",
        retryAfterSeconds: UInt64(min(max(1, (wait + 999) / 1_000), 60))))
  }

  // MARK: Places that come

  /// At the next turn of the loop: whoever gives a place back is in the middle of something else,
  /// and what waits may end at once and give its place back in turn.
  private func schedulePlaces() {
    if isPlaceTurnComing || (isDraining && clientCount == 0) { return }
    if placeTimer == nil { placeTimer = try? LoopTimer(on: loop) }
    isPlaceTurnComing = true
    placeTimer?.start(delayMilliseconds: 0) { [unowned self] in
      isPlaceTurnComing = false
      resumeWaiting()
    }
  }

  /// Another worker has passed a place on to this one.
  func acceptPlace(_ gate: GateReference) {
    waitLines.accept(gate)
    resumeWaiting()
  }

  private static let resumedPerTurnMaximum = 256

  private func resumeWaiting() {
    var resumed = 0
    while resumed < Self.resumedPerTurnMaximum, let step = waitLines.next() {
      switch step {
      case .pass(let worker, let gate): shared.placeWakeUps.pass(to: worker, gate)
      case .resume(let request):
        resumed += 1
        let client = request.pointee.owner.assumingMemoryBound(to: ClientConnection.self)
        let gates = currentDeployment(client).pointee.gates
        measureWait(request, gates[Int(client.pointee.exchange.placeCount)])
        client.pointee.exchange.placeCount += 1
        passGates(client)
      }
    }
    if waitLines.hasArrivals { schedulePlaces() }
  }

  /// No client is left: what came for one that has gone goes on to other workers.
  func closePlaces() {
    placeTimer?.close()
    placeTimer = nil
    resumeWaiting()
  }

  func destroyPlaces() {
    for request in freeWaiting { request.deallocate() }
    freeWaiting = []
  }
}
