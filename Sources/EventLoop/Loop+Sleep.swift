// SPDX-License-Identifier: MIT

@_spi(ExperimentalScheduling) public import _Concurrency

/// `Task.sleep` on a loop: the loop's timer wheel wakes the task up again, on the loop. Without
/// this the runtime looks for a clock in the executor, finds none and ends the process.
///
/// As coarse as every timer of the wheel: some milliseconds late, never early. A task that sleeps
/// when its loop is closed never wakes.
@_spi(ExperimentalScheduling)
extension Loop: SchedulingExecutor {
  public func enqueue<C: Clock>(
    _ job: consuming ExecutorJob, after delay: C.Duration, tolerance: C.Duration?, clock: C
  ) {
    guard let delay = delay as? Duration else {
      preconditionFailure("a loop sleeps by clocks that count in `Duration`")
    }
    sleep(UnownedJob(job), milliseconds: Self.milliseconds(delay))
  }

  public func enqueue<C: Clock>(
    _ job: consuming ExecutorJob, at instant: C.Instant, tolerance: C.Duration?, clock: C
  ) {
    enqueue(
      job, after: clock.now.duration(to: instant), tolerance: tolerance, clock: clock)
  }

  /// Rounded up; what has passed is now.
  static func milliseconds(_ duration: Duration) -> UInt64 {
    let (seconds, attoseconds) = duration.components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let fraction = UInt64((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000)
    return overflow ? .max / 2 : whole + fraction
  }

  private func sleep(_ job: UnownedJob, milliseconds: UInt64) {
    execute { [self] in
      let sleeper = UnsafeMutablePointer<Sleeper>.allocate(capacity: 1)
      sleeper.initialize(to: Sleeper(loop: .passUnretained(self), job: job))
      sleeper.pointee.node = TimerNode(owner: sleeper, callback: wakeSleeper)
      // SAFETY: the node lies in memory of its own until its callback, its only user, frees it.
      arm(&sleeper.pointee.node, delayMilliseconds: milliseconds)
    }
  }
}

/// A job that waits in the wheel. The loop outlives its wheel.
private struct Sleeper {
  var node = TimerNode()
  let loop: Unmanaged<Loop>
  let job: UnownedJob
}

private func wakeSleeper(_ owner: UnsafeMutableRawPointer?) {
  let sleeper = owner!.assumingMemoryBound(to: Sleeper.self)
  let (loop, job) = (sleeper.pointee.loop, sleeper.pointee.job)
  sleeper.deinitialize(count: 1)
  sleeper.deallocate()
  loop._withUnsafeGuaranteedRef { $0.enqueue(.job(job)) }
}
