// SPDX-License-Identifier: MIT

internal import EventLoop
internal import JSON
internal import Routing
internal import Telemetry

/// What limits of concurrency that follow the latency are told of attempts. Others are asked once
/// whether they are of that kind, and only where an attempt holds a place.
extension Worker {
  /// A stream's first event has come. Its head says nothing: many servers send it before they have
  /// begun to work.
  @inline(never)
  func tellGatesOfFirstEvent(_ client: Client, _ now: UInt64) {
    guard isMeasured(client) else { return }
    let start = client.pointee.exchange.attemptStartNanoseconds
    tell(client, .answered(.firstEvent(microseconds: Self.microseconds(start, now))), now)
  }

  /// The attempt is over, and still holds its places.
  @inline(never)
  func tellGatesOfEnd(
    _ client: Client, _ outcome: Routing.AttemptOutcome, _ metric: Telemetry.AttemptOutcome,
    _ now: UInt64
  ) {
    guard isMeasured(client), let sample = sample(client, outcome, metric, now) else { return }
    tell(client, sample, now)
  }

  /// A WebSocket's beginning says nothing about how busy its provider is.
  private func isMeasured(_ client: Client) -> Bool {
    let gates = currentDeployment(client).pointee.gates
    guard client.pointee.exchange.endpoint != .realtime else { return false }
    for position in 0..<gates.count where gates[position].isAdaptive { return true }
    return false
  }

  private func sample(
    _ client: Client, _ outcome: Routing.AttemptOutcome, _ metric: Telemetry.AttemptOutcome,
    _ now: UInt64
  ) -> LoadSample? {
    if outcome == .success {
      // A stream has told with its first event.
      if client.pointee.exchange.mode == .events { return nil }
      let tokens =
        client.pointee.exchange.hasUsage ? client.pointee.exchange.usage.completionTokens : 0
      let start = client.pointee.exchange.attemptStartNanoseconds
      // What passes in pieces takes as long as its client needs: its first byte was the provider's.
      let end =
        client.pointee.exchange.mode == .streamed
        ? client.pointee.exchange.firstByteNanoseconds : now
      return .answered(
        .whole(microseconds: Self.microseconds(start, end), tokens: Int64(clamping: tokens)))
    }
    switch metric {
    case .rateLimited: return .refused
    case .timedOut: return client.pointee.exchange.firstByteNanoseconds == 0 ? .refused : nil
    case .serverError:
      // "Service unavailable", and Anthropic's "overloaded".
      let status = client.pointee.exchange.upstreamStatus
      return status == 503 || status == 529 ? .refused : nil
    // Other errors come fast or slowly for reasons of their own.
    default: return nil
    }
  }

  private func tell(_ client: Client, _ sample: LoadSample, _ now: UInt64) {
    let gates = currentDeployment(client).pointee.gates
    let start = client.pointee.exchange.attemptStartNanoseconds
    for position in 0..<gates.count where gates[position].isAdaptive {
      let gate = gates[position]
      if gate.learn(sample, sentNanoseconds: start, nowNanoseconds: now) { serveMore(gate) }
    }
  }

  private static func microseconds(_ start: UInt64, _ end: UInt64) -> Int64 {
    end > start ? Int64(clamping: (end - start) / 1_000) : 0
  }
}
