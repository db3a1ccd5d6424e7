// SPDX-License-Identifier: MIT

/// Runs blocking work one piece after the other, off the caller's executor: reloads must neither
/// overlap nor hold up a loop.
public actor SerialWork {
  public init() {}

  private func perform<Result: Sendable>(_ body: @Sendable () -> Result) -> Result { body() }

  public nonisolated func run<Result: Sendable>(
    _ body: @escaping @Sendable () -> Result
  ) async -> Result {
    // Detached, because an actor would otherwise follow the caller onto its loop (SE-0417).
    await Task.detached { await self.perform(body) }.value
  }
}
