// SPDX-License-Identifier: MIT

extension Circuit {
  /// Asks to let one request through.
  ///
  /// Valid transitions
  /// - closed → closed
  /// - open → open (refused), or half-open with one probe when the cool-down is over
  /// - half-open → half-open with one probe more, or refused when enough are out; probes that
  ///   were lost are forgotten after their time
  public func admitting(
    nowMilliseconds now: Int64, settings: CircuitSettings
  ) -> (next: Circuit, admission: Admission) {
    switch state {
    case .closed:
      return (self, .admitted)
    case .open:
      if now < milliseconds { return (self, .refused(untilMilliseconds: milliseconds)) }
      return halfOpening(successes: 0, now: now, settings: settings)
    case .halfOpen:
      // Successes are kept when the others are given up: with one request now and then, starting
      // over would keep the circuit half-open for ever.
      if now >= milliseconds {
        return halfOpening(successes: probeSuccesses, now: now, settings: settings)
      }
      guard probesInFlight < min(max(settings.probesMaximum, 1), 15) else {
        return (self, .refused(untilMilliseconds: milliseconds))
      }
      let next = Circuit(
        state: .halfOpen, trips: trips, generation: generation,
        probesInFlight: probesInFlight + 1, successes: probeSuccesses,
        milliseconds: milliseconds)
      return (next, .probe(generation: generation))
    }
  }

  /// Whether a request asking now would be let through; changes nothing.
  @inlinable
  public func wouldAdmit(nowMilliseconds now: Int64, settings: CircuitSettings) -> Bool {
    if state == .closed { return true }
    if case .refused = admitting(nowMilliseconds: now, settings: settings).admission {
      return false
    }
    return true
  }

  /// Takes in how an attempt ended.
  ///
  /// - Parameters:
  ///   - admission: what `admitting` answered for this attempt.
  ///   - isWindowOverThreshold: whether the window, this outcome included, has the volume and
  ///     the error rate that open the circuit.
  ///   - random: uniform bits for the jitter.
  ///
  /// Valid transitions
  /// - closed → closed; → open on failures in a row, on the window, or on a rate limit
  /// - open → open; a rate limit can only lengthen it; late answers change nothing
  /// - half-open → half-open; → closed when enough probes succeeded; → open with a longer
  ///   cool-down when one failed; answers to requests that were not its probes change nothing
  public func recording(
    _ outcome: AttemptOutcome, admission: Admission, isWindowOverThreshold: Bool,
    nowMilliseconds now: Int64, random: UInt64, settings: CircuitSettings
  ) -> Circuit {
    switch state {
    case .closed:
      return recordingWhenClosed(outcome, isWindowOverThreshold, now, random, settings)
    case .open:
      guard case .rateLimited(let wait) = outcome else { return self }
      let until = now + Self.believed(wait, settings)
      return until <= milliseconds ? self : opened(until: until, trips: trips)
    case .halfOpen:
      guard case .probe(generation) = admission else { return self }
      return recordingProbe(outcome, now, random, settings)
    }
  }

  private func recordingWhenClosed(
    _ outcome: AttemptOutcome, _ isWindowOverThreshold: Bool, _ now: Int64, _ random: UInt64,
    _ settings: CircuitSettings
  ) -> Circuit {
    switch outcome {
    case .ignored:
      return self
    case .success:
      if failuresInARow == 0 { return self }
      return Circuit(
        state: .closed, trips: trips, generation: generation, milliseconds: milliseconds)
    case .failure:
      let failures = failuresInARow + 1
      guard isWindowOverThreshold || failures >= min(max(settings.consecutiveFailures, 1), 127)
      else {
        return Circuit(
          state: .closed, failures: failures, trips: trips, generation: generation,
          milliseconds: milliseconds)
      }
      return tripped(after: now >= milliseconds ? 0 : trips, now, random, settings)
    case .rateLimited(let wait):
      return opened(
        until: now + Self.believed(wait, settings), trips: now >= milliseconds ? 0 : trips)
    }
  }

  private func recordingProbe(
    _ outcome: AttemptOutcome, _ now: Int64, _ random: UInt64, _ settings: CircuitSettings
  ) -> Circuit {
    switch outcome {
    case .failure:
      return tripped(after: trips, now, random, settings)
    case .rateLimited(let wait):
      return opened(until: now + Self.believed(wait, settings), trips: trips)
    case .ignored, .success:
      let successes = probeSuccesses + (outcome == .success ? 1 : 0)
      if successes >= min(max(settings.probeSuccesses, 1), 15) {
        return Circuit(
          state: .closed, trips: trips, generation: generation,
          milliseconds: now + max(settings.forgivenessMilliseconds, 0))
      }
      return Circuit(
        state: .halfOpen, trips: trips, generation: generation,
        probesInFlight: probesInFlight - 1, successes: successes, milliseconds: milliseconds)
    }
  }

  /// A health probe found that nothing gets through: open until then at least, from every state.
  /// Earlier trips stay remembered.
  public func held(untilMilliseconds until: Int64, nowMilliseconds now: Int64) -> Circuit {
    switch state {
    case .closed: opened(until: until, trips: now >= milliseconds ? 0 : trips)
    case .open: opened(until: max(until, milliseconds), trips: trips)
    case .halfOpen: opened(until: until, trips: trips)
    }
  }

  /// Health probes found it well again.
  ///
  /// Valid transitions
  /// - open → closed; or open until the cool-down is over that it was in before it was held
  /// - closed, half-open: as they are, because requests have decided since
  ///
  /// - Parameter own: the end of that cool-down; 0 for none.
  public func released(
    ownUntilMilliseconds own: Int64, nowMilliseconds now: Int64, settings: CircuitSettings
  ) -> Circuit {
    guard state == .open else { return self }
    if own > now { return opened(until: own, trips: trips) }
    return Circuit(
      state: .closed, trips: trips, generation: generation,
      milliseconds: now + max(settings.forgivenessMilliseconds, 0))
  }

  private func halfOpening(
    successes: Int64, now: Int64, settings: CircuitSettings
  ) -> (next: Circuit, admission: Admission) {
    let next = Circuit(
      state: .halfOpen, trips: trips, generation: generation &+ 1, probesInFlight: 1,
      successes: successes, milliseconds: now + max(settings.probeTimeoutMilliseconds, 1))
    return (next, .probe(generation: next.generation))
  }

  private func tripped(
    after trips: Int64, _ now: Int64, _ random: UInt64, _ settings: CircuitSettings
  ) -> Circuit {
    let length = Self.coolDown(trips: trips, random: random, settings: settings)
    return opened(until: now + length, trips: trips + 1)
  }

  private func opened(until: Int64, trips: Int64) -> Circuit {
    Circuit(state: .open, trips: trips, generation: generation, milliseconds: until)
  }

  /// The cool-down after `trips` earlier ones: doubled each time up to the maximum, then drawn
  /// from ± the jitter so that workers and nodes do not probe in step.
  static func coolDown(trips: Int64, random: UInt64, settings: CircuitSettings) -> Int64 {
    let base = min(max(settings.coolDownMilliseconds, 1), 1 << 32)
    let ceiling = min(max(settings.coolDownMaximumMilliseconds, base), 1 << 36)
    let length = min(base << min(max(trips, 0), 20), ceiling)
    let jitter = min(max(settings.jitterThousandths, 0), 1_000)
    let spread = length * jitter / 1_000
    let draw = Int64(random % UInt64(2 * spread + 1))
    return max(length - spread + draw, 1)
  }

  private static func believed(_ wait: Int64, _ settings: CircuitSettings) -> Int64 {
    let ceiling = min(max(settings.retryAfterMaximumMilliseconds, 1), 1 << 36)
    return min(wait < 0 ? max(settings.coolDownMilliseconds, 1) : max(wait, 1), ceiling)
  }
}
