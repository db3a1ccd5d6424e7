// SPDX-License-Identifier: MIT

internal import Synchronization

/// One reading of a deployment's live state.
public struct HealthReading: BitwiseCopyable, Hashable, Sendable {
  public var circuit: Circuit
  public var window: WindowSum
  public var inFlight: Int64
  /// Mean time to the first byte; 0 when never measured.
  public var latencyMicroseconds: Int64
  public var latencyPercentile95Microseconds: Int64
  /// Thousandths of a token per second; 0 when never measured.
  public var tokenRateThousandths: Int64
  public var probe: ProbeVerdict
}

/// A deployment's live state, without reference counting.
///
/// SAFETY: the memory belongs to the `HealthRegistry` and stays until the registry is released;
/// every `RoutingSnapshot` holds its registry, and whoever holds a reference holds the snapshot.
/// All access is by atomics, so any thread may use it.
@safe
public struct HealthReference: BitwiseCopyable, Equatable, @unchecked Sendable {
  let pointer: UnsafeMutablePointer<DeploymentHealth>

  init(pointer: UnsafeMutablePointer<DeploymentHealth>) { unsafe self.pointer = pointer }

  /// Whether both are of one deployment.
  public static func == (left: HealthReference, right: HealthReference) -> Bool {
    unsafe left.pointer == right.pointer
  }

  /// The circuit as it stands.
  @inline(__always)
  public var circuit: Circuit {
    unsafe Circuit(rawValue: pointer.pointee.circuit.load(ordering: .relaxed))
  }

  /// Whether there ever was an attempt.
  public var isUsed: Bool { unsafe pointer.pointee.isUsed.load(ordering: .relaxed) }

  public var inFlight: Int64 { unsafe pointer.pointee.inFlight.load(ordering: .relaxed) }

  /// Mean time to the first byte; 0 when never measured.
  public var latencyMicroseconds: Int64 {
    unsafe Int64(pointer.pointee.latencyMean.load(ordering: .relaxed))
  }

  /// The 95th percentile of the same; 0 when never measured.
  public var latencyPercentile95Microseconds: Int64 {
    unsafe Int64(pointer.pointee.latencyPercentile95.load(ordering: .relaxed) / 1_024)
  }

  /// How often it was measured, counted up to `HedgeDelay.samplesMinimum`.
  public var latencySampleCount: Int {
    unsafe pointer.pointee.latencySampleCount.load(ordering: .relaxed)
  }

  /// Asks the circuit to let an attempt through, and counts it as in flight if it does. Each
  /// admitted attempt ends with exactly one `end`.
  ///
  /// - Parameter isTrial: this is the health probe for which trials are reserved.
  public func begin(
    nowMilliseconds: Int64, settings: CircuitSettings, isTrial: Bool = false
  ) -> Admission {
    let admission = unsafe pointer.pointee.admit(
      nowMilliseconds: nowMilliseconds, settings: settings, isTrial: isTrial)
    if case .refused = admission { return admission }
    if unsafe !pointer.pointee.isUsed.load(ordering: .relaxed) {
      unsafe pointer.pointee.isUsed.store(true, ordering: .relaxed)
    }
    unsafe pointer.pointee.inFlight.wrappingAdd(1, ordering: .relaxed)
    return admission
  }

  /// Takes in how an admitted attempt ended.
  public func end(
    _ outcome: AttemptOutcome, admission: Admission, nowMilliseconds: Int64, random: UInt64,
    settings: CircuitSettings
  ) {
    unsafe pointer.pointee.inFlight.wrappingSubtract(1, ordering: .relaxed)
    unsafe pointer.pointee.record(
      outcome, admission: admission, nowMilliseconds: nowMilliseconds, random: random,
      settings: settings)
  }

  /// Whether a request asking now would be let through; changes nothing.
  @inline(__always)
  public func wouldAdmit(nowMilliseconds: Int64, settings: CircuitSettings) -> Bool {
    let circuit = circuit
    return circuit.state == .closed || wouldTry(circuit, nowMilliseconds, settings)
  }

  @inline(never)
  private func wouldTry(_ circuit: Circuit, _ now: Int64, _ settings: CircuitSettings) -> Bool {
    unsafe !pointer.pointee.isReserved(now)
      && circuit.wouldAdmit(nowMilliseconds: now, settings: settings)
  }

  /// Time from sending the request to the first byte of the answer's body.
  public func measure(latencyMicroseconds: Int64) {
    unsafe pointer.pointee.measure(latencyMicroseconds: latencyMicroseconds)
  }

  /// An attempt was given up after so long without the first byte.
  public func measure(latencyAboveMicroseconds bound: Int64) {
    unsafe pointer.pointee.measure(latencyAboveMicroseconds: bound)
  }

  /// Tokens produced from the first byte to the last.
  public func measure(tokens: Int64, overMicroseconds: Int64) {
    unsafe pointer.pointee.measure(tokens: tokens, overMicroseconds: overMicroseconds)
  }

  public func read(nowMilliseconds: Int64, settings: CircuitSettings) -> HealthReading {
    HealthReading(
      circuit: circuit,
      window: unsafe pointer.pointee.window(nowMilliseconds: nowMilliseconds, settings: settings),
      inFlight: inFlight, latencyMicroseconds: latencyMicroseconds,
      latencyPercentile95Microseconds: latencyPercentile95Microseconds,
      tokenRateThousandths: unsafe Int64(pointer.pointee.tokenRate.load(ordering: .relaxed)),
      probe: probe)
  }
}
