// SPDX-License-Identifier: MIT

internal import Routing
internal import Synchronization

/// How a place that became free on one worker reaches a request that waits on another: by the loop
/// of that one. Used only while requests wait.
final class PlaceWakeUps: Sendable {
  private let accepters = Mutex<[@Sendable (GateReference) -> Void]>([])

  /// The workers subscribe in the order of their indices.
  func subscribe(_ accept: @escaping @Sendable (GateReference) -> Void) {
    accepters.withLock { $0.append(accept) }
  }

  func pass(to worker: Int, _ gate: GateReference) {
    let accept = accepters.withLock { worker < $0.count ? $0[worker] : nil }
    accept?(gate)
  }
}
