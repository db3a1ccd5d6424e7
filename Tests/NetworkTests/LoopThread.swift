// SPDX-License-Identifier: MIT

import EventLoop
import Foundation

/// A loop on a thread of its own; `finish` stops and closes it.
final class LoopThread: @unchecked Sendable {
  let loop: Loop
  private let ended = DispatchSemaphore(value: 0)

  init() throws {
    loop = try Loop()
    let thread = Thread { [self] in
      loop.run()
      loop.close()
      ended.signal()
    }
    thread.start()
  }

  /// True if the loop ended within five seconds.
  func finish() -> Bool {
    loop.stop()
    return ended.wait(timeout: .now() + 5) == .success
  }

  /// Runs `body` on the loop and waits for its result.
  func on<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result
  {
    try await withCheckedThrowingContinuation { done in
      loop.execute { done.resume(with: Swift.Result { try body() }) }
    }
  }
}

struct TimedOut: Error {}

/// Asks every few milliseconds; throws after `seconds`.
func waitUntil(seconds: Double = 5, _ condition: () async throws -> Bool) async throws {
  let end = Date().addingTimeInterval(seconds)
  while try await !condition() {
    if Date() > end { throw TimedOut() }
    try await Task.sleep(for: .milliseconds(2))
  }
}
