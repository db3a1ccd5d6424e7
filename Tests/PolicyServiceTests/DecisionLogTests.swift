// SPDX-License-Identifier: MIT

import PolicyService
import Testing

@Suite struct DecisionLogTests {
  private func decision(_ identifier: String) -> RoutingDecision {
    var answer = RouteAnswer.example
    answer.decisionID = identifier
    return .allowed(answer)
  }

  @Test func theOldestGivesWay() {
    let log = DecisionLog(capacity: 3)
    for number in 0..<7 { log.record(decision("\(number)")) }
    #expect(log.count == 3)
    #expect((0..<7).filter { log.find("\($0)") != nil } == [4, 5, 6])
    #expect(log.find("5")?.identifier == "5")
  }

  @Test func aDecisionRecordedAgainTakesNoSecondPlace() {
    let log = DecisionLog(capacity: 2)
    for identifier in ["a", "a", "b"] { log.record(decision(identifier)) }
    #expect(log.find("a") != nil)
    #expect(log.find("b") != nil)
  }
}
