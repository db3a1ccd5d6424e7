// SPDX-License-Identifier: MIT

internal import Synchronization

/// Calls back once, when as many parties have passed as there are.
final class DrainGate: Sendable {
  private let remaining: Atomic<Int>
  private let completion: @Sendable () -> Void

  init(count: Int, _ completion: @escaping @Sendable () -> Void) {
    remaining = Atomic(count)
    self.completion = completion
  }

  func pass() {
    if remaining.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
      completion()
    }
  }
}
