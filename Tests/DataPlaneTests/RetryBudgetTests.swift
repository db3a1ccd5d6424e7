// SPDX-License-Identifier: MIT

import Routing
import Testing

@testable import DataPlane

@Suite struct RetryBudgetTests {
  private func settings(_ thousandths: Int64, perSecond: Int64) -> RetrySettings {
    var settings = RetrySettings()
    settings.budgetThousandths = thousandths
    settings.budgetMinimumPerSecond = perSecond
    return settings
  }

  /// How many of `attempts` retries at `now` the budget allows.
  private func allowed(
    _ attempts: Int, of budget: inout RetryBudget, at now: Int64
  ) -> Int {
    (0..<attempts).reduce(0) { count, _ in
      budget.take(nowMilliseconds: now) ? count + 1 : count
    }
  }

  @Test func aShareOfTheRequestsIsEarned() {
    var budget = RetryBudget(settings(200, perSecond: 0), workerCount: 1)
    // The reserve of a hundred requests' worth is spent first.
    let reserve = allowed(30, of: &budget, at: 0)
    #expect(reserve == 20)
    for _ in 0..<4 { budget.earn() }
    let tooEarly = allowed(1, of: &budget, at: 0)
    #expect(tooEarly == 0)
    budget.earn()
    let earned = allowed(5, of: &budget, at: 0)
    #expect(earned == 1)
  }

  @Test func theTrickleComesWithTimeAndIsSharedByWorkers() {
    var budget = RetryBudget(settings(0, perSecond: 10), workerCount: 2)
    let reserve = allowed(1_000, of: &budget, at: 0)
    #expect(reserve == 50)
    let tooEarly = allowed(5, of: &budget, at: 100)
    #expect(tooEarly == 0)
    let earned = allowed(5, of: &budget, at: 300)
    #expect(earned == 1)
  }

  @Test func nothingIsEverOwed() {
    var budget = RetryBudget(settings(0, perSecond: 0), workerCount: 1)
    let ever = (0..<100).reduce(0) { $0 + allowed(1, of: &budget, at: Int64($1) * 1_000) }
    #expect(ever == 0)
  }
}
