// SPDX-License-Identifier: MIT

internal import CUV
internal import Clocks

/// One turn after another, in libuv's order: timers, what is pending, what is ready, what closes.
extension World {
  func run(_ mode: uv_run_mode) -> Int32 {
    awaitBegin()
    while isAlive && !isStopped {
      turnCount += 1
      if turnCount > turnsMaximum { die("more than \(turnsMaximum) turns") }
      if now > nanosecondsMaximum { die("more virtual time than a run may take") }
      updateTime()
      runTimers()
      runPending()
      poll(blocks: mode == UV_RUN_DEFAULT && closing.isEmpty && !isStopped)
      runClosing()
      onTurn()
      if mode != UV_RUN_DEFAULT { break }
    }
    if mode == UV_RUN_DEFAULT { isStopped = false }
    return isAlive ? 1 : 0
  }

  private var isAlive: Bool {
    if !closing.isEmpty || requestCount > 0 || !pending.isEmpty { return true }
    return handles.contains { handle in
      switch handle {
      case let timer as SimulatedTimer: timer.dueMilliseconds != nil
      case let stream as SimulatedStream: stream.isReading || stream.connectionCallback != nil
      case let handle?: !handle.isClosing
      case nil: false
      }
    }
  }

  func updateTime() { loopMilliseconds = max(loopMilliseconds, now / 1_000_000) }

  // MARK: Timers

  private var nextTimer: SimulatedTimer? {
    var first: SimulatedTimer?
    for case let timer as SimulatedTimer in handles {
      guard let due = timer.dueMilliseconds else { continue }
      guard let best = first, let bestDue = best.dueMilliseconds else {
        first = timer
        continue
      }
      if (due, timer.sequence) < (bestDue, best.sequence) { first = timer }
    }
    return first
  }

  private func runTimers() {
    while let timer = nextTimer, let due = timer.dueMilliseconds, due <= loopMilliseconds {
      timer.dueMilliseconds = nil
      if timer.repeatMilliseconds > 0 {
        start(timer, delay: timer.repeatMilliseconds, repeats: timer.repeatMilliseconds)
      }
      note("timer", timer.number, 0)
      spend()
      timer.callback?(timer.timer)
    }
  }

  func start(_ timer: SimulatedTimer, delay: UInt64, repeats: UInt64) {
    let (due, overflow) = loopMilliseconds.addingReportingOverflow(delay)
    timer.dueMilliseconds = overflow ? .max : due
    timer.repeatMilliseconds = repeats
    timerSequence += 1
    timer.sequence = timerSequence
  }

  private func runPending() {
    let batch = pending
    pending = []
    for action in batch {
      spend()
      action()
    }
  }

  // MARK: Input and output

  private func poll(blocks: Bool) {
    while true {
      while let action = agenda.takeDue(at: now) { action() }
      var ready: [SimulatedHandle] = []
      for handle in handles {
        if let handle, handle.isReady { ready.append(handle) }
      }
      if !ready.isEmpty || !completions.isEmpty {
        updateTime()
        return process(&ready)
      }
      guard blocks else {
        if closing.isEmpty, requestCount > 0, let next = agenda.nextNanoseconds {
          now = max(now, next)
          continue
        }
        return
      }
      if !pending.isEmpty { return }
      if !advance() { return }
    }
  }

  /// Moves time on to the next thing that happens; false when that is a timer of the loop.
  private func advance() -> Bool {
    let deadline = nextTimer?.dueMilliseconds.map { $0 * 1_000_000 }
    guard let next = agenda.nextNanoseconds else {
      guard let deadline else { die("nothing will ever happen any more") }
      now = max(now, deadline + random.next() % 300_000)
      return false
    }
    if let deadline, deadline < next {
      now = max(now, deadline + random.next() % 300_000)
      return false
    }
    now = max(now, next)
    return true
  }

  private func process(_ ready: inout [SimulatedHandle]) {
    if machine.shufflesReadiness, ready.count > 1 { ready.shuffle(using: &random) }
    let completed = completions
    completions = []
    for completion in completed {
      spend()
      completion()
    }
    for handle in ready {
      if machine.postponesReadiness, random.next(below: 8) == 0 { continue }
      // An earlier callback of this turn may have changed it.
      if handle.isReady { handle.process(self) }
    }
  }

  /// What the others still have to do when the gateway has ended.
  public func playOut() {
    for _ in 0..<100_000 {
      guard let next = agenda.nextNanoseconds else { return }
      now = max(now, next)
      while let action = agenda.takeDue(at: now) { action() }
    }
  }

  // MARK: Handles

  func add(_ make: (Int) -> SimulatedHandle) {
    // Slot 0 stays empty: a handle whose memory is zero is none of ours.
    if handles.isEmpty { handles.append(nil) }
    let handle = make(handles.count)
    handle.raw.pointee.u.fd = Int32(handles.count)
    handles.append(handle)
  }

  func handle<Raw>(_ raw: UnsafeMutablePointer<Raw>?) -> SimulatedHandle {
    let base = UnsafeMutableRawPointer(raw!).assumingMemoryBound(to: uv_handle_t.self)
    let number = Int(base.pointee.u.fd)
    guard number > 0, number < handles.count, let handle = handles[number], handle.raw == base
    else { die("a handle is used that was never made, or is closed") }
    return handle
  }

  func stream<Raw>(_ raw: UnsafeMutablePointer<Raw>?) -> SimulatedStream {
    guard let stream = handle(raw) as? SimulatedStream else { die("the handle is no stream") }
    return stream
  }

  func close(_ raw: UnsafeMutablePointer<uv_handle_t>?, _ callback: uv_close_cb?) {
    let handle = handle(raw)
    if handle.isClosing { die("a handle is closed twice") }
    handle.isClosing = true
    handle.closeCallback = callback
    (handle as? SimulatedTimer)?.dueMilliseconds = nil
    if let stream = handle as? SimulatedStream {
      if listener === stream { listener = nil }
      stream.close(self)
    }
    closing.append(handle)
  }

  private func runClosing() {
    // libuv closes last in, first out.
    let batch = closing.reversed()
    closing = []
    for handle in batch {
      handles[handle.number] = nil
      handle.finishClosing(self)
    }
    while let last = handles.last, last == nil, handles.count > 1 { handles.removeLast() }
  }
}
