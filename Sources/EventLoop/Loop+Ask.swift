// SPDX-License-Identifier: MIT

extension Loop {
  /// Runs `body` on the loop and returns what it says; nil when the loop is closed before. May be
  /// called from any thread, the loop's own included.
  public func ask<Answer: Sendable>(
    _ body: @escaping @Sendable () -> Answer
  ) async -> Answer? {
    await withCheckedContinuation { continuation in
      let question = Question(continuation)
      execute { question.answer(body()) }
    }
  }
}

/// A continuation that is resumed exactly once: with an answer, or with nil when the work that
/// would have answered is thrown away.
///
/// SAFETY: `@unchecked Sendable` because only the closure that holds it uses it: once, and then
/// its last release.
private final class Question<Answer: Sendable>: @unchecked Sendable {
  private var continuation: CheckedContinuation<Answer?, Never>?

  init(_ continuation: CheckedContinuation<Answer?, Never>) { self.continuation = continuation }

  func answer(_ answer: Answer) {
    continuation?.resume(returning: answer)
    continuation = nil
  }

  deinit { continuation?.resume(returning: nil) }
}
