// SPDX-License-Identifier: MIT

/// One thing to do on the loop: a closure of another thread, or a job of Swift concurrency.
enum LoopWork {
  case closure(@Sendable () -> Void)
  case job(UnownedJob)

  func run(on loop: Loop) {
    switch self {
    case .closure(let body): body()
    case .job(let job):
      job.runSynchronously(
        isolatedTo: loop.asUnownedSerialExecutor(),
        taskExecutor: loop.asUnownedTaskExecutor())
    }
  }
}

/// A loop runs Swift concurrency: `Task(executorPreference: loop) { … }` and actors whose
/// `unownedExecutor` is the loop run their code on its thread, between socket callbacks.
extension Loop: Executor, TaskExecutor, SerialExecutor {
  public func enqueue(_ job: consuming ExecutorJob) { enqueue(.job(UnownedJob(job))) }

  public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }

  public func checkIsolated() {
    precondition(isOnLoopThread, "this code must run on its loop")
  }
}
