// SPDX-License-Identifier: MIT

/// Whether requests go through.
@frozen
public enum CircuitState: UInt8, BitwiseCopyable, Sendable {
  case closed = 0
  case open = 1
  case halfOpen = 2

  /// The name that policies, metrics and `/models` show.
  public var name: String {
    switch self {
    case .closed: "closed"
    case .open: "open"
    case .halfOpen: "half-open"
    }
  }
}

/// What a circuit says to a request that wants to go through.
@frozen
public enum Admission: BitwiseCopyable, Hashable, Sendable {
  case admitted
  /// Let through to try the deployment out; the generation goes back with the outcome.
  case probe(generation: UInt8)
  /// Worth asking again at this time.
  case refused(untilMilliseconds: Int64)
}

/// How an attempt ended, as far as the deployment's health goes.
@frozen
public enum AttemptOutcome: BitwiseCopyable, Hashable, Sendable {
  case success
  /// Connect or TLS failure, reset, timeout, 5xx, broken stream.
  case failure
  /// 429 with or without `Retry-After`, or 503 with it; negative: none was given.
  case rateLimited(retryAfterMilliseconds: Int64)
  /// The caller's fault (4xx) or the caller left: says nothing about the deployment.
  case ignored
}

/// The circuit breaker of one deployment as a pure state machine in one 64-bit word, so that all
/// workers share it with a compare-and-swap and without a lock.
///
/// Time is given in milliseconds of any clock that does not go back, 40 bits of it.
@frozen
public struct Circuit: BitwiseCopyable, Hashable, Sendable {
  // Bits, from the lowest: state 2, failures in a row 7, trips 5, generation 2, probes in
  // flight 4, probe successes 4, time 40.
  public let rawValue: UInt64

  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

  init(
    state: CircuitState, failures: Int64 = 0, trips: Int64, generation: UInt8,
    probesInFlight: Int64 = 0, successes: Int64 = 0, milliseconds: Int64
  ) {
    var word = UInt64(state.rawValue)
    word |= UInt64(min(max(failures, 0), 127)) << 2
    word |= UInt64(min(max(trips, 0), 31)) << 9
    word |= UInt64(generation & 3) << 14
    word |= UInt64(min(max(probesInFlight, 0), 15)) << 16
    word |= UInt64(min(max(successes, 0), 15)) << 20
    word |= UInt64(min(max(milliseconds, 0), (1 << 40) - 1)) << 24
    rawValue = word
  }

  /// A new deployment's circuit: closed, nothing held against it.
  public static let initial = Circuit(rawValue: 0)

  @inlinable public var state: CircuitState {
    CircuitState(rawValue: UInt8(truncatingIfNeeded: rawValue & 3)) ?? .closed
  }
  public var failuresInARow: Int64 { Int64(rawValue >> 2 & 127) }
  /// Cool-downs since the circuit was last at peace.
  public var trips: Int64 { Int64(rawValue >> 9 & 31) }
  var generation: UInt8 { UInt8(rawValue >> 14 & 3) }
  public var probesInFlight: Int64 { Int64(rawValue >> 16 & 15) }
  var probeSuccesses: Int64 { Int64(rawValue >> 20 & 15) }
  /// Closed: until when earlier trips are remembered. Open: until when nothing passes.
  /// Half-open: when the probes count as lost.
  public var milliseconds: Int64 { Int64(rawValue >> 24) }
}
