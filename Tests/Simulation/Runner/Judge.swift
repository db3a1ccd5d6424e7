// SPDX-License-Identifier: MIT

import DataPlane
import EventLoop
import FakeProviders
import SimulatedWorld

/// What must hold at the end of every run, whatever went wrong in it.
struct Judge {
  let run: Run

  private var settings: SettingsPlan { run.plan.settings }

  // MARK: Nothing is left

  func judgeEnd() {
    for misuse in run.world.misuses { run.fail(misuse) }
    if run.world.openHandleCount > 0 {
      run.fail("handles were leaked: \(run.world.openHandles.joined(separator: ", "))")
    }
    for loop in run.gateway.plane.loops where loop.buffers.lentCount != 0 {
      run.fail("\(loop.buffers.lentCount) buffers (\(loop.buffers.lentBytes) bytes) were leaked")
    }
    if run.gateway.inFlight != 0 { run.fail("\(run.gateway.inFlight) attempts never ended") }
    for loop in run.gateway.plane.loops where loop.armedTimerCount != 0 {
      run.fail("\(loop.armedTimerCount) timers are still armed")
    }
    if run.gateway.plane.waitingCount != 0 {
      run.fail("\(run.gateway.plane.waitingCount) requests wait for places for ever")
    }
    run.gates.judgeEnd()
    let metrics = run.gateway.metricText
    for gauge in [
      "gateway_requests_in_flight", "gateway_client_connections", "gateway_open_streams",
    ] {
      let value = metrics.sum(gauge)
      if value != 0 { run.fail("\(gauge) is \(value) at the end") }
    }
    judgeCounts(metrics)
    SpendingJudge(run: run).judge(metrics)
  }

  private func judgeCounts(_ metrics: MetricText) {
    let written = run.ledger.records.reduce(0) { $0 + $1.attempts.count }
    let attempts = metrics.sum("gateway_upstream_attempts_total")
    if attempts < Double(written - resent) {
      run.fail("\(written) requests came to servers, \(attempts) attempts were counted")
    }
    let answers = metrics.sum("gateway_requests_total")
    let ended = run.ledger.records.filter {
      if case .dropped = $0.outcome { return false }
      return $0.committedAt != nil
    }.count
    if answers < Double(ended) || answers > Double(run.ledger.records.count) {
      run.fail("\(ended) requests were answered, \(answers) were counted")
    }
    let hedges = metrics.sum("gateway_hedges_started_total")
    if hedges > metrics.sum("gateway_hedges_total") {
      run.fail("of \(hedges) hedges that were started some have not ended")
    }
    let retries = run.ledger.records.reduce(0) { $0 + max(0, $1.attempts.count - 1) }
    let earned = Double(settings.budgetThousandths * Int64(100 + run.ledger.records.count)) / 1_000
    let seconds = Double(run.world.now - 1_000_000_000_000) / 1e9
    let budget = earned + Double(settings.budgetMinimumPerSecond) * (seconds + 10)
    if Double(retries - resent) > budget {
      run.fail("\(retries) retries, where the budget allowed \(budget)")
    }
  }

  /// Requests that went out again because a server had closed its idle connection.
  private var resent: Int { run.ledger.records.reduce(0) { $0 + $1.resentCount } }

  // MARK: Requests

  func judgeRequests() {
    for record in run.ledger.records { judge(record) }
  }

  private func judge(_ record: RequestRecord) {
    let tag = record.plan.tag
    guard let outcome = record.outcome else {
      if record.sentAt > 0, run.hasDrained || run.problems.isEmpty {
        run.fail("\(tag) never ended for its client")
      }
      return
    }
    let allowed = Int(settings.attemptsMaximum) + record.resentCount
    if record.attempts.count > allowed {
      run.fail("\(tag) was tried \(record.attempts.count) times; \(allowed) are allowed")
    }
    judgeTime(record)
    switch outcome {
    case .good(let answer, _): judgeGood(record, answer)
    case .failed(let answer, _), .broken(let answer?): judgeBeginning(record, answer)
    case .invalid(let reason):
      // What is too large to be checked before it goes on is passed on as it is.
      let isUnchecked =
        settings.bufferedResponseBytes < 1_000 && !record.plan.isStream
        && record.attempts.contains {
          $0.fault?.contains("malformed_chunk") == true || $0.fault?.contains("half") == true
        }
      if !isUnchecked { run.fail("\(tag): \(reason)") }
    case .refused(let status, let code): judgeRefusal(record, status, code)
    case .broken(nil), .left, .dropped: break
    }
    judgeDelivery(record, outcome)
    judgeExcuse(record, outcome)
  }

  /// A good answer is what one server said, whole.
  private func judgeGood(_ record: RequestRecord, _ answer: Answer) {
    let served = record.attempts.filter(\.isServed)
    if served.contains(where: { $0.expected.says(answer) && $0.expected.ending == answer.ending }) {
      return
    }
    // Where the finish reason is itself the provider's end, what is missing behind it is no part of
    // the answer.
    let ended = record.attempts.filter { [.bedrock, .gemini].contains($0.wire) }
    if ended.contains(where: { $0.expected.says(answer) && $0.expected.ending == answer.ending }) {
      return
    }
    let said = served.map(\.expected.description).joined(separator: " | ")
    run.fail("\(record.plan.tag): the client has \(answer), the servers said \(said)")
  }

  /// A broken answer is the beginning of what the last server said.
  private func judgeBeginning(_ record: RequestRecord, _ answer: Answer) {
    if answer == Answer() { return }
    if record.attempts.contains(where: { answer.begins($0.expected) }) { return }
    run.fail("\(record.plan.tag): the client has \(answer), which no server began to say")
  }

  private func judgeRefusal(_ record: RequestRecord, _ status: Int, _ code: String) {
    let known = [400, 403, 404, 408, 413, 422, 424, 429, 431, 500, 502, 503, 504, 529]
    if !known.contains(status), status != 401 || !run.plan.isStranger(record.plan) {
      run.fail("\(record.plan.tag) was refused with \(status) (\(code))")
    }
    if status == 429, isOwn(code, record) { run.gates.judgeRefusal(record) }
    let isProviders = record.attempts.contains { $0.fault?.contains("timeout") == true }
    if status == 408, !record.isHalfSent, record.plan.pieceBytes == 0, !hasLinkFaults,
      !isProviders
    {
      run.fail("\(record.plan.tag) was refused with 408 though it was sent at once")
    }
  }

  /// Whether a 429 is the gateway's own: for a limit of concurrency, not a provider's.
  private func isOwn(_ code: String, _ record: RequestRecord) -> Bool {
    if record.plan.api == .chat || record.plan.api.isPassed {
      return code == "concurrency_limit_exceeded"
    }
    return !record.attempts.contains {
      $0.fault?.contains("429") == true || $0.fault?.contains("rate_limit") == true
    }
  }

  private var hasLinkFaults: Bool {
    run.plan.faults.contains {
      switch $0 {
      case .smallBuffers, .slowReader, .pause: true
      default: false
      }
    }
  }

  /// What a provider has served and the gateway has read goes to a client that stayed.
  private func judgeDelivery(_ record: RequestRecord, _ outcome: ClientOutcome) {
    guard record.goneAt == nil, record.attempts.contains(where: \.isRead) else { return }
    switch outcome {
    case .good, .left, .dropped, .invalid: return
    // The reset by which the answer behind it ends destroys what is still on its way.
    case .broken where run.plan.client(of: record.plan)?.isPipelining == true: return
    case .refused, .failed, .broken: break
    }
    if mayTimeOut(record) || run.isTerminated && record.endedAt >= run.terminatedAt { return }
    run.fail("\(record.plan.tag): a whole answer was read, but the client has \(outcome)")
  }

  private func mayTimeOut(_ record: RequestRecord) -> Bool {
    record.endedAt - record.sentAt >= UInt64(settings.totalMilliseconds) * 1_000_000
      || run.plan.faults.contains {
        if case .slowReader = $0 { return true }
        return false
      }
  }

  /// Without a fault in the whole run every answer is good.
  private func judgeExcuse(_ record: RequestRecord, _ outcome: ClientOutcome) {
    guard run.plan.faults.isEmpty else { return }
    if case .good = outcome { return }
    switch outcome {
    case .refused(429, let code), .failed(Answer(), let code):
      if !run.plan.limits.isEmpty, isOwn(code, record) { return }
    default: break
    }
    // With one connection to each provider, the second request at a time is one too many.
    let code: String? =
      switch outcome {
      case .refused(503, let code): code
      // Behind a sign of life.
      case .failed(Answer(), let code) where settings.keepAliveMilliseconds > 0: code
      default: nil
      }
    if let code, settings.upstreamConnectionsMaximum == 1,
      code.hasPrefix("overloaded") || code == "UNAVAILABLE"
    {
      return
    }
    run.fail("\(record.plan.tag) has no good end though nothing went wrong: \(outcome)")
  }

  /// No request outlasts its total time, but for what stands before it on its connection and for
  /// a client that is slow to take its answer.
  private func judgeTime(_ record: RequestRecord) {
    guard record.sentAt > 0, record.endedAt > record.sentAt else { return }
    let before = run.plan.client(of: record.plan)
    let queued = before?.isPipelining == true ? UInt64(before?.requests.count ?? 1) : 1
    var slack: UInt64 = 60_000
    for fault in run.plan.faults {
      switch fault {
      case .pause(_, let milliseconds): slack += UInt64(milliseconds)
      case .slowReader: slack += 14_400_000
      case .smallBuffers: slack += 600_000
      default: break
      }
    }
    let limit = (UInt64(settings.totalMilliseconds) + 60_000) * queued + slack
    let taken = (record.endedAt - record.sentAt) / 1_000_000
    if taken > limit {
      run.fail("\(record.plan.tag) took \(taken) ms, at most \(limit) are allowed")
    }
  }
}
