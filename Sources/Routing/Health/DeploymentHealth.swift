// SPDX-License-Identifier: MIT

internal import Synchronization

/// The live state of one deployment, shared by all workers: its circuit, its error window and
/// its measurements. Every operation is a few relaxed atomics; there is no lock. A measurement
/// lost to a race between two workers is a sample less, never a wrong value.
struct DeploymentHealth: ~Copyable, Sendable {
  let circuit = Atomic<UInt64>(0)
  /// Set at the first attempt: what was never called need not be read for policies.
  let isUsed = Atomic<Bool>(false)
  let inFlight = Atomic<Int64>(0)
  /// Microseconds to the first byte of the answer.
  let latencyMean = Atomic<UInt64>(0)
  /// The same in 1/1,024 of a microsecond.
  let latencyPercentile95 = Atomic<UInt64>(0)
  /// How often latency was measured, counted up to `HedgeDelay.samplesMinimum`.
  let latencySampleCount = Atomic<Int>(0)
  /// Thousandths of a token per second.
  let tokenRate = Atomic<UInt64>(0)
  /// A `ProbeVerdict`.
  let probe = Atomic<UInt8>(0)
  /// Until when requests are not used to try the deployment out: health probes do that.
  let trialsReservedUntil = Atomic<Int64>(0)
  let buckets: InlineArray<10, Atomic<UInt64>> = InlineArray { _ in Atomic<UInt64>(0) }

  borrowing func admit(
    nowMilliseconds: Int64, settings: CircuitSettings, isTrial: Bool
  ) -> Admission {
    var word = circuit.load(ordering: .relaxed)
    if Circuit(rawValue: word).state != .closed, !isTrial, isReserved(nowMilliseconds) {
      return .refused(untilMilliseconds: Circuit(rawValue: word).milliseconds)
    }
    while true {
      let (next, admission) = Circuit(rawValue: word)
        .admitting(nowMilliseconds: nowMilliseconds, settings: settings)
      if next.rawValue == word { return admission }
      let (isDone, seen) = circuit.compareExchange(
        expected: word, desired: next.rawValue, ordering: .acquiringAndReleasing)
      if isDone { return admission }
      word = seen
    }
  }

  borrowing func record(
    _ outcome: AttemptOutcome, admission: Admission, nowMilliseconds: Int64, random: UInt64,
    settings: CircuitSettings
  ) {
    if outcome != .ignored {
      count(isFailure: outcome == .failure, nowMilliseconds: nowMilliseconds, settings: settings)
    }
    let isOver =
      outcome == .failure
      && window(nowMilliseconds: nowMilliseconds, settings: settings).isOver(settings)
    var word = circuit.load(ordering: .relaxed)
    while true {
      let current = Circuit(rawValue: word)
      let next = current.recording(
        outcome, admission: admission, isWindowOverThreshold: isOver,
        nowMilliseconds: nowMilliseconds, random: random, settings: settings)
      if next == current { return }
      let (isDone, seen) = circuit.compareExchange(
        expected: word, desired: next.rawValue, ordering: .acquiringAndReleasing)
      if isDone {
        if current.state == .halfOpen, next.state == .closed { clearWindow() }
        return
      }
      word = seen
    }
  }

  borrowing func isReserved(_ nowMilliseconds: Int64) -> Bool {
    trialsReservedUntil.load(ordering: .relaxed) > nowMilliseconds
  }

  /// Puts what `change` makes of the circuit in its place.
  borrowing func changeCircuit(_ change: (Circuit) -> Circuit) {
    var word = circuit.load(ordering: .relaxed)
    while true {
      let current = Circuit(rawValue: word)
      let next = change(current)
      if next == current { return }
      let (isDone, seen) = circuit.compareExchange(
        expected: word, desired: next.rawValue, ordering: .acquiringAndReleasing)
      if isDone {
        if current.state != .closed, next.state == .closed { clearWindow() }
        return
      }
      word = seen
    }
  }

  private borrowing func count(
    isFailure: Bool, nowMilliseconds: Int64, settings: CircuitSettings
  ) {
    let epoch = WindowBucket.epoch(nowMilliseconds: nowMilliseconds, settings: settings)
    let position = Int(epoch % Int64(WindowBucket.count))
    var word = buckets[position].load(ordering: .relaxed)
    while true {
      let next = WindowBucket(rawValue: word).adding(isFailure: isFailure, epoch: epoch)
      let (isDone, seen) = buckets[position].compareExchange(
        expected: word, desired: next.rawValue, ordering: .relaxed)
      if isDone { return }
      word = seen
    }
  }

  borrowing func window(nowMilliseconds: Int64, settings: CircuitSettings) -> WindowSum {
    let epoch = WindowBucket.epoch(nowMilliseconds: nowMilliseconds, settings: settings)
    var sum = WindowSum()
    for position in 0..<WindowBucket.count {
      let bucket = WindowBucket(rawValue: buckets[position].load(ordering: .relaxed))
      if bucket.isWithin(windowEndingAt: epoch) {
        sum.answers += bucket.answers
        sum.failures += bucket.failures
      }
    }
    return sum
  }

  /// What failed before the circuit closed again must not open it at the next failure.
  private borrowing func clearWindow() {
    for position in 0..<WindowBucket.count { buckets[position].store(0, ordering: .relaxed) }
  }

  borrowing func measure(latencyMicroseconds: Int64) {
    let sample = UInt64(max(latencyMicroseconds, 1))
    latencyMean.store(
      MovingEstimate.mean(latencyMean.load(ordering: .relaxed), sample: sample),
      ordering: .relaxed)
    let scaled = min(sample, 1 << 40) * 1_024
    latencyPercentile95.store(
      MovingEstimate.percentile95(latencyPercentile95.load(ordering: .relaxed), sample: scaled),
      ordering: .relaxed)
    let count = latencySampleCount.load(ordering: .relaxed)
    if count < HedgeDelay.samplesMinimum {
      latencySampleCount.store(count + 1, ordering: .relaxed)
    }
  }

  /// An attempt was given up when it had waited so long for its answer: what is known of its
  /// latency is that it is more. Without this a deployment whose slow answers are all overtaken
  /// would look as quick as the rest of them.
  borrowing func measure(latencyAboveMicroseconds bound: Int64) {
    let sample = UInt64(max(bound, 1))
    let isAboveMean = sample > latencyMean.load(ordering: .relaxed)
    let scaled = min(sample, 1 << 40) * 1_024
    let isAbove95 = scaled > latencyPercentile95.load(ordering: .relaxed)
    if isAboveMean && isAbove95 { measure(latencyMicroseconds: bound) }
  }

  borrowing func measure(tokens: Int64, overMicroseconds: Int64) {
    guard tokens > 0, overMicroseconds > 0, tokens < 1 << 30 else { return }
    let sample = UInt64(tokens) * 1_000_000_000 / UInt64(overMicroseconds)
    tokenRate.store(
      MovingEstimate.mean(tokenRate.load(ordering: .relaxed), sample: sample),
      ordering: .relaxed)
  }
}
