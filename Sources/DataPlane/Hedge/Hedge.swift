// SPDX-License-Identifier: MIT

internal import Telemetry

/// What an exchange that may send a second attempt keeps beside its own fields.
///
/// The exchange's fields are one attempt's. While there are two, the other one is parked here, and
/// the two change places before anything is done for the other: so the request path knows of one
/// attempt only, whichever it is.
///
/// SAFETY: allocated when an attempt with `@hedge` begins, freed with its exchange; used on its
/// worker's loop only.
struct Hedge {
  var machine = HedgeMachine()
  /// Which attempt the exchange's fields are.
  var lane = HedgeLane.first
  /// There are two attempts.
  var isParked = false
  var parked = ParkedAttempt()
  /// When the second attempt is due.
  var delayDeadlineMilliseconds = UInt64.max
  /// When the wait of the attempt in the exchange's fields is over.
  var deadlineMilliseconds = UInt64.max
  /// Which of the exchange's attempts that one is, from 1.
  var number = 1
  /// The step of the second attempt: retries go on behind it.
  var furthestStep = -1

  /// What is due next.
  var nextDeadlineMilliseconds: UInt64 {
    min(
      deadlineMilliseconds, delayDeadlineMilliseconds,
      isParked ? parked.deadlineMilliseconds : .max)
  }
}

extension HedgeResult {
  var metric: HedgeOutcome? {
    switch self {
    case .notNeeded: nil
    case .withheld: .withheld
    case .won: .won
    case .lost: .lost
    case .failed: .failed
    case .abandoned: .abandoned
    }
  }
}
