// SPDX-License-Identifier: MIT

/// Which of the two attempts of a hedged exchange.
enum HedgeLane: UInt8, CaseIterable {
  case first
  /// The one that is sent after the delay.
  case second

  var other: HedgeLane { self == .first ? .second : .first }
}

/// Where a hedged exchange stands. Transitions go to the states named.
enum HedgeState: UInt8 {
  /// One attempt is under way or is retried, and when it takes too long a second one is sent
  /// → `starting`, `over`.
  case waiting
  /// The delay is over; whether there can be a second attempt is being found out
  /// → `both`, `alone`, `over`.
  case starting
  /// Two attempts → `alone` (one failed), `over`.
  case both
  /// One attempt, and no second one will be sent any more → `over`.
  case alone
  /// One has delivered, or the exchange was given up: it goes on like any other.
  case over
}

enum HedgeEvent: Equatable {
  /// An attempt begins while there is no other: the first, or a retry.
  case began
  case delayElapsed
  /// The second attempt is admitted and on its way.
  case secondStarted
  /// There is no deployment for it, no retry budget, or no attempt left.
  case secondWithheld
  /// The answer of this attempt will be the client's: its head came (of a whole answer) or its
  /// first content (of a stream), or nothing else may be sent any more.
  case delivered(HedgeLane)
  /// This attempt has failed before that.
  case failed(HedgeLane)
  /// The client left, the drain's or the request's time is over.
  case ended
}

enum HedgeAction: Equatable {
  case none
  /// Let the delay run from now.
  case armDelay
  /// Look for a deployment and send the second attempt; tell `secondStarted` or `secondWithheld`.
  case startSecond
  /// Cancel this attempt at once; the other one goes on.
  case cancel(HedgeLane)
  /// This attempt has failed and the other goes on: nothing is retried, the client waits.
  case goOn(HedgeLane)
  /// The only attempt has failed: retry or tell the client, as without hedging.
  case settleFailure
}

/// How hedging ended, for metrics and records.
enum HedgeResult: UInt8 {
  /// The answer, or the failure, came before the delay was over.
  case notNeeded
  /// A second attempt was due, but none could be sent.
  case withheld
  /// The second attempt delivered first.
  case won
  /// The first attempt delivered first.
  case lost
  /// The second attempt failed.
  case failed
  /// The exchange was given up while the second attempt was under way.
  case abandoned

  /// The name in records.
  var name: StaticString {
    switch self {
    case .notNeeded: "not_needed"
    case .withheld: "withheld"
    case .won: "won"
    case .lost: "lost"
    case .failed: "failed"
    case .abandoned: "abandoned"
    }
  }
}

/// Decides about a hedged exchange, without I/O: an event in, an action out. At most one attempt
/// delivers, and of two attempts each is ended once: by its own failure, by the other's delivery,
/// or with the exchange.
struct HedgeMachine {
  private(set) var state = HedgeState.waiting
  /// The attempt that alone is under way.
  private(set) var remaining = HedgeLane.first
  /// Final in `over`, and once the second attempt has failed or was withheld.
  private(set) var result = HedgeResult.notNeeded

  mutating func take(_ event: HedgeEvent) -> HedgeAction {
    switch (state, event) {
    case (.waiting, .began): return .armDelay
    case (.waiting, .delayElapsed):
      state = .starting
      return .startSecond
    case (.starting, .secondStarted):
      state = .both
      return .none
    case (.starting, .secondWithheld):
      state = .alone
      result = .withheld
      return .none
    case (.both, .failed(let lane)):
      state = .alone
      remaining = lane.other
      if lane == .second { result = .failed }
      return .goOn(lane.other)
    case (.both, .delivered(let lane)):
      state = .over
      remaining = lane
      result = lane == .second ? .won : .lost
      return .cancel(lane.other)
    case (.alone, .delivered):
      if result == .notNeeded { result = .won }
      state = .over
      return .none
    case (.alone, .failed):
      // The second one, after the first; what is sent from now on are retries.
      if result == .notNeeded { result = .failed }
      return .settleFailure
    case (.both, .ended), (.alone, .ended):
      if result == .notNeeded { result = .abandoned }
      state = .over
      return .none
    case (.waiting, .delivered), (.waiting, .ended), (.starting, .delivered), (.starting, .ended):
      state = .over
      return .none
    case (_, .failed): return .settleFailure
    default: return .none
    }
  }
}
