// SPDX-License-Identifier: MIT

internal import EventLoop
internal import Network
internal import Routing
internal import Telemetry

/// Hedging, by the deciding permit's `@hedge`: when an attempt takes long, a second one goes to
/// the plan's next deployment; the first to deliver is the client's answer, the other is cancelled.
/// `HedgeMachine` decides, and this carries it out.
extension Worker {
  // MARK: Which attempt is at hand

  /// To be called first when something happens on an upstream: makes its attempt the one in the
  /// exchange's fields.
  @inline(__always)
  func select(_ upstream: Upstream) {
    guard let client = upstream.pointee.client,
      client.pointee.exchange.upstream != upstream, client.pointee.exchange.hedge != nil
    else { return }
    swapAttempts(client)
  }

  @inline(never)
  private func swapAttempts(_ client: Client) {
    guard let hedge = client.pointee.exchange.hedge, hedge.pointee.isParked else { return }
    exchangePlaces(client, hedge)
  }

  private func exchangePlaces(_ client: Client, _ hedge: UnsafeMutablePointer<Hedge>) {
    client.pointee.exchange.swapAttempt(with: &hedge.pointee.parked)
    swap(&hedge.pointee.deadlineMilliseconds, &hedge.pointee.parked.deadlineMilliseconds)
    swap(&hedge.pointee.number, &hedge.pointee.parked.number)
    hedge.pointee.lane = hedge.pointee.lane.other
  }

  /// A connection that is closed belongs to no attempt any more.
  @inline(never)
  func forgetParked(_ client: Client, _ upstream: Upstream) {
    guard let hedge = client.pointee.exchange.hedge,
      hedge.pointee.parked.upstream == upstream
    else { return }
    hedge.pointee.parked.upstream = nil
  }

  // MARK: Beginning

  /// An attempt begins: from now on it has the time that the policy gives it.
  @inline(never)
  func beginHedge(_ client: Client) {
    let endpoint = client.pointee.exchange.endpoint
    // A WebSocket is one conversation; no model counts another one's tokens, and what is kept is
    // kept in one place.
    guard endpoint != .realtime, !endpoint.task.isChargedOtherwise else { return }
    if client.pointee.exchange.hedge == nil {
      let hedge = UnsafeMutablePointer<Hedge>.allocate(capacity: 1)
      hedge.initialize(to: Hedge())
      client.pointee.exchange.hedge = hedge
    }
    let hedge = client.pointee.exchange.hedge!
    hedge.pointee.number = client.pointee.exchange.attemptCount
    guard hedge.pointee.machine.take(.began) == .armDelay else { return }
    let delay = client.pointee.exchange.plan.obligations.hedge.milliseconds(
      for: currentDeployment(client).pointee.health)
    hedge.pointee.delayDeadlineMilliseconds = loop.nowMilliseconds + UInt64(delay)
  }

  /// How hedging ended; nil where no attempt took long enough for it.
  @inline(__always)
  func hedgeResult(_ client: Client) -> HedgeResult? {
    guard let hedge = client.pointee.exchange.hedge else { return nil }
    let result = hedge.pointee.machine.result
    return result == .notNeeded ? nil : result
  }

  func releaseHedge(_ client: Client) {
    client.pointee.exchange.hedge?.deallocate()
    client.pointee.exchange.hedge = nil
  }

  /// Sends the second attempt, if there is a deployment for it and the budget of retries has one
  /// left: what is slow because it is overloaded must not be asked twice for everything.
  private func startSecond(_ client: Client, _ hedge: UnsafeMutablePointer<Hedge>) {
    hedge.pointee.delayDeadlineMilliseconds = .max
    guard hedge.pointee.machine.take(.delayElapsed) == .startSecond else { return }
    hedge.pointee.isParked = true
    exchangePlaces(client, hedge)
    guard let admission = admitSecond(client, hedge) else {
      if client.pointee.exchange.foreign != nil { releaseForeignCall(client) }
      unpark(client, hedge)
      _ = hedge.pointee.machine.take(.secondWithheld)
      return
    }
    hedge.pointee.furthestStep = client.pointee.exchange.step
    _ = hedge.pointee.machine.take(.secondStarted)
    metrics.hedgeStarted()
    begin(client, admission)
  }

  /// Finds a deployment and makes the request for it. The client is answered by none of this: its
  /// first attempt is under way.
  private func admitSecond(
    _ client: Client, _ hedge: UnsafeMutablePointer<Hedge>
  ) -> Admission? {
    let first = deployment(client, step: hedge.pointee.parked.step)
    guard client.pointee.exchange.attemptCount < Int(settings.retries.attemptsMaximum) else {
      return nil
    }
    var isPaid = false
    for step in hedge.pointee.parked.step + 1..<client.pointee.exchange.plan.attemptCount {
      client.pointee.exchange.step = step
      let deployment = currentDeployment(client)
      guard deployment != first,
        deployment.pointee.health.wouldAdmit(
          nowMilliseconds: nowMilliseconds, settings: circuitSettings)
      else { continue }
      copyRequest(client, hedge)
      // What is full is left alone: a hedge waits for no place, and pays for none.
      guard prepareAttempt(client, deployment),
        takePlaces(client, deployment)
      else { continue }
      isPaid = isPaid || retryBudget.take(nowMilliseconds: nowMilliseconds)
      guard isPaid else {
        givePlaces(client)
        return nil
      }
      let admission = deployment.pointee.health.begin(
        nowMilliseconds: nowMilliseconds, settings: circuitSettings)
      if case .refused = admission {
        givePlaces(client)
        continue
      }
      return admission
    }
    return nil
  }

  /// What was read of a request need not be read again.
  private func copyRequest(_ client: Client, _ hedge: UnsafeMutablePointer<Hedge>) {
    guard client.pointee.exchange.foreign == nil,
      let call = hedge.pointee.parked.foreign?.takeUnretainedValue()
    else { return }
    client.pointee.exchange.foreign = Unmanaged.passRetained(ForeignCall(sameRequestAs: call))
  }

  // MARK: Time

  /// Two attempts wait, and the delay may run: the timer is set for what is due first.
  @inline(never)
  func armHedged(
    _ client: Client, _ hedge: UnsafeMutablePointer<Hedge>, deadlineMilliseconds: UInt64
  ) {
    hedge.pointee.deadlineMilliseconds = deadlineMilliseconds
    loop.arm(
      &client.pointee.timer, deadlineMilliseconds: hedge.pointee.nextDeadlineMilliseconds)
  }

  private func rearm(_ client: Client, _ hedge: UnsafeMutablePointer<Hedge>) {
    loop.arm(
      &client.pointee.timer, deadlineMilliseconds: hedge.pointee.nextDeadlineMilliseconds)
  }

  /// Sees to what is due. True when the wait of the attempt in the exchange's fields goes on.
  @inline(never)
  func hedgeTimerFired(_ client: Client, _ hedge: UnsafeMutablePointer<Hedge>) -> Bool {
    let now = loop.nowMilliseconds
    if now >= client.pointee.exchange.totalDeadlineMilliseconds {
      endHedge(client, .failure, .timedOut)
      return false
    }
    if now >= hedge.pointee.delayDeadlineMilliseconds {
      startSecond(client, hedge)
      // What was sent may have failed at once, and the client been answered.
      if client.pointee.exchange.hedge == hedge { rearm(client, hedge) }
      return true
    }
    if hedge.pointee.isParked, now >= hedge.pointee.parked.deadlineMilliseconds {
      exchangePlaces(client, hedge)
      return false
    }
    if now < hedge.pointee.deadlineMilliseconds {
      rearm(client, hedge)
      return true
    }
    return false
  }

  // MARK: Ends

  /// The attempt in the exchange's fields has failed and has ended. True when another one is under
  /// way, which is in the fields then: nothing is retried, and the client waits for it.
  @inline(never)
  func hedgeGoesOn(_ client: Client, _ hedge: UnsafeMutablePointer<Hedge>) -> Bool {
    hedge.pointee.delayDeadlineMilliseconds = .max
    guard case .goOn = hedge.pointee.machine.take(.failed(hedge.pointee.lane)) else {
      return false
    }
    releaseUpstream(client)
    clearAnswer(client)
    if client.pointee.exchange.foreign != nil { releaseForeignCall(client) }
    unpark(client, hedge)
    rearm(client, hedge)
    return true
  }

  /// The answer at hand is going to be the client's: the other attempt is cancelled at once.
  @inline(never)
  func hedgeDelivers(_ client: Client, _ hedge: UnsafeMutablePointer<Hedge>) {
    hedge.pointee.delayDeadlineMilliseconds = .max
    guard case .cancel = hedge.pointee.machine.take(.delivered(hedge.pointee.lane)) else { return }
    cancelParked(client, hedge, .ignored, .hedged)
  }

  /// The exchange is given up: an attempt that is parked ends, as will the one in the fields.
  @inline(never)
  func endHedge(
    _ client: Client, _ outcome: Routing.AttemptOutcome, _ metric: Telemetry.AttemptOutcome
  ) {
    guard let hedge = client.pointee.exchange.hedge else { return }
    hedge.pointee.delayDeadlineMilliseconds = .max
    _ = hedge.pointee.machine.take(.ended)
    if hedge.pointee.isParked { cancelParked(client, hedge, outcome, metric) }
  }

  private func cancelParked(
    _ client: Client, _ hedge: UnsafeMutablePointer<Hedge>,
    _ outcome: Routing.AttemptOutcome, _ metric: Telemetry.AttemptOutcome
  ) {
    exchangePlaces(client, hedge)
    if metric == .hedged { measureOvertaken(client) }
    endAttempt(client, outcome, metric)
    if let upstream = client.pointee.exchange.upstream { closeUpstream(upstream) }
    clearAnswer(client)
    if client.pointee.exchange.foreign != nil { releaseForeignCall(client) }
    unpark(client, hedge)
  }

  /// Puts the parked attempt into the fields, in place of one that has ended.
  private func unpark(_ client: Client, _ hedge: UnsafeMutablePointer<Hedge>) {
    exchangePlaces(client, hedge)
    hedge.pointee.isParked = false
    hedge.pointee.parked = ParkedAttempt()
  }

  /// How long an attempt had waited when another one was quicker.
  private func measureOvertaken(_ client: Client) {
    let waited = Loop.nanoseconds &- client.pointee.exchange.attemptStartNanoseconds
    currentDeployment(client).pointee.health.measure(
      latencyAboveMicroseconds: Int64(clamping: waited / 1_000))
  }

  // MARK: Credentials

  /// A credential has come: the parked attempt may be waiting for it.
  @inline(never)
  func resumeParked(
    _ client: Client, _ hedge: UnsafeMutablePointer<Hedge>,
    _ credential: UnsafeMutablePointer<WorkerCredential>
  ) {
    guard hedge.pointee.isParked, hedge.pointee.parked.waitsFor == .credential,
      deployment(client, step: hedge.pointee.parked.step).pointee.credential == credential
    else { return }
    exchangePlaces(client, hedge)
    resume(client, credential)
    // Back to the attempt that was at hand, which may wait for the same.
    if client.pointee.exchange.hedge == hedge { swapAttempts(client) }
  }
}
