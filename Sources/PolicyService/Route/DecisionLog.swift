// SPDX-License-Identifier: MIT

internal import Synchronization

/// The last decisions by id, bounded: the oldest gives way.
public final class DecisionLog: Sendable {
  private struct State {
    var decisions: [String: RoutingDecision] = [:]
    /// Ids as a ring; `next` is the oldest one once the ring is full.
    var order: [String] = []
    var next = 0
  }

  private let capacity: Int
  private let state = Mutex(State())

  /// - Precondition: `capacity` is positive.
  public init(capacity: Int = 10_000) {
    precondition(capacity > 0)
    self.capacity = capacity
  }

  public func record(_ decision: RoutingDecision) {
    let identifier = decision.identifier
    state.withLock { state in
      if state.decisions.updateValue(decision, forKey: identifier) != nil { return }
      if state.order.count < capacity {
        state.order.append(identifier)
        return
      }
      state.decisions[state.order[state.next]] = nil
      state.order[state.next] = identifier
      state.next = (state.next + 1) % capacity
    }
  }

  public func find(_ identifier: String) -> RoutingDecision? {
    state.withLock { $0.decisions[identifier] }
  }

  public var count: Int { state.withLock { $0.decisions.count } }
}

extension RoutingDecision {
  public var identifier: String {
    switch self {
    case .allowed(let answer): answer.decisionID
    case .denied(let denial): denial.decisionID
    }
  }
}
