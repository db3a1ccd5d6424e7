// SPDX-License-Identifier: MIT

internal import Routing

/// Bounds retries to a share of requests plus a trickle per second, so that a failing upstream is
/// not hit several times as hard (the idea of gRPC's retry throttling, gRFC A6). One per worker.
struct RetryBudget {
  /// All in thousandths of a retry.
  private let earnedPerRequest: Int64
  private let earnedPerSecond: Int64
  private let capacity: Int64
  private var balance: Int64
  private var lastMilliseconds: Int64 = 0

  init(_ settings: RetrySettings, workerCount: Int) {
    earnedPerRequest = min(max(settings.budgetThousandths, 0), 1_000)
    earnedPerSecond = max(settings.budgetMinimumPerSecond, 0) * 1_000 / Int64(max(workerCount, 1))
    // Ten seconds' worth of the trickle, and bursts of failures within a hundred requests.
    capacity = earnedPerSecond * 10 + earnedPerRequest * 100
    balance = capacity
  }

  /// A request has come.
  @inline(__always)
  mutating func earn() { balance = min(balance &+ earnedPerRequest, capacity) }

  /// Whether one more retry is allowed now; it is spent then.
  mutating func take(nowMilliseconds: Int64) -> Bool {
    let elapsed = min(max(nowMilliseconds - lastMilliseconds, 0), 10_000)
    lastMilliseconds = nowMilliseconds
    balance = min(balance + elapsed * earnedPerSecond / 1_000, capacity)
    guard balance >= 1_000 else { return false }
    balance -= 1_000
    return true
  }
}
