// SPDX-License-Identifier: MIT

internal import CUV
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#endif

/// One libuv loop and what belongs to it: sockets, timers, buffers, and a queue of work handed in
/// by other threads.
///
/// Everything but `execute`, `wakeUp` and the executor calls happens on the thread that runs the
/// loop; debug builds assert it. `close()` asserts that no handle was leaked.
///
/// SAFETY: `@unchecked Sendable` because the mutable state is confined to the loop's thread, and
/// what other threads touch is behind a mutex or an atomic.
public final class Loop: @unchecked Sendable {
  let uv: UnsafeMutablePointer<uv_loop_t>
  private let wheelTimer: UnsafeMutablePointer<uv_timer_t>
  private let wakeup: UnsafeMutablePointer<uv_async_t>
  private var wheelTimerDeadlineMilliseconds = UInt64.max

  /// Request timeouts of this loop.
  private var timers: TimerWheel
  /// Buffers of this loop's connections.
  public var buffers = BufferPool()
  var sockets: SocketPool

  /// What `onAllocate` falls back to: bytes read into it are gone when the read callback returns.
  public let scratch: UnsafeMutablePointer<UInt8>
  /// A millisecond each: how long `close` waits for what the thread pool still has.
  static let closingRoundsMaximum = 5_000
  public static let scratchCapacity = 64 * 1024

  private let incoming = Mutex(LoopQueue())
  private var running = LoopWorkBatch()
  private let runningThread = Atomic<UInt>(0)
  private var stopRequested = false
  /// Handles that are open, of every kind.
  public internal(set) var openHandleCount = 0

  /// - Throws: `LoopError` when the system refuses another epoll descriptor.
  public init() throws(LoopError) {
    uv = .allocate(capacity: 1)
    let status = uv_loop_init(uv)
    if status < 0 {
      uv.deallocate()
      throw LoopError(code: status)
    }
    wheelTimer = .allocate(capacity: 1)
    wakeup = .allocate(capacity: 1)
    scratch = .allocate(capacity: Self.scratchCapacity)
    timers = TimerWheel(nowMilliseconds: uv_now(uv))
    sockets = SocketPool()
    uv_timer_init(uv, wheelTimer)
    wheelTimer.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    uv_async_init(uv, wakeup, wakeupCallback)
    wakeup.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    // The wake-up handle keeps the loop alive: `run` ends by `stop()` only.
    uv_unref(cuv_handle(wheelTimer))
  }

  deinit {
    scratch.deallocate()
    wheelTimer.deallocate()
    wakeup.deallocate()
    uv.deallocate()
  }

  // MARK: Running

  /// Runs until `stop()`; callbacks and queued work run on the calling thread.
  public func run() {
    runningThread.store(UInt(pthread_self()), ordering: .relaxed)
    while !stopRequested { uv_run(uv, UV_RUN_DEFAULT) }
    stopRequested = false
    runningThread.store(0, ordering: .relaxed)
  }

  /// Ends `run()` after the callbacks under way. May be called from any thread.
  public func stop() {
    execute { [self] in
      stopRequested = true
      uv_stop(uv)
    }
  }

  /// Closes the loop after `run()` has returned. Every handle must have been closed by its owner:
  /// a leaked one is a programmer error and asserts.
  ///
  /// Work that is still queued, and what comes later, is thrown away.
  public func close() {
    // Released outside the lock: what is thrown away may hand in more.
    let left = incoming.withLock { queue in
      queue.isClosed = true
      return queue.items
    }
    incoming.withLock { $0.items = [] }
    withExtendedLifetime(left) {}
    uv_close(cuv_handle(wheelTimer), nil)
    uv_close(cuv_handle(wakeup), nil)
    // Handles close in the next turn; work on the thread pool may take a while to come back.
    var rounds = 0
    while uv_run(uv, UV_RUN_NOWAIT) != 0 && rounds < Self.closingRoundsMaximum {
      rounds += 1
      if rounds > 10 { usleep(1_000) }
    }
    assert(openHandleCount == 0, "\(openHandleCount) handles leaked")
    let status = uv_loop_close(uv)
    precondition(status == 0, "the loop still has open handles")
    sockets.freeAll()
  }

  public var isOnLoopThread: Bool {
    runningThread.load(ordering: .relaxed) == UInt(pthread_self())
  }

  // MARK: Time

  /// The loop's cached time in milliseconds; it moves once per turn of the loop.
  public var nowMilliseconds: UInt64 { uv_now(uv) }

  /// The monotonic time now, in nanoseconds.
  public static var nanoseconds: UInt64 { uv_hrtime() }

  /// Processors this process may run on: what `taskset` and containers leave it.
  public static var availableCores: Int { max(1, Int(uv_available_parallelism())) }

  // MARK: Timers

  /// Nodes that are armed; for what a simulation looks at when the loop has ended.
  package var armedTimerCount: Int { timers.armedCount }

  /// Arms `node` to fire `delayMilliseconds` from now, moving it when it is armed.
  public func arm(_ node: UnsafeMutablePointer<TimerNode>, delayMilliseconds: UInt64) {
    arm(node, deadlineMilliseconds: uv_now(uv) + delayMilliseconds)
  }

  /// Arms `node` to fire at `deadlineMilliseconds` of the loop's time.
  public func arm(_ node: UnsafeMutablePointer<TimerNode>, deadlineMilliseconds: UInt64) {
    timers.arm(node, deadlineMilliseconds: deadlineMilliseconds)
    if deadlineMilliseconds < wheelTimerDeadlineMilliseconds { startWheelTimer() }
  }

  public func disarm(_ node: UnsafeMutablePointer<TimerNode>) { timers.disarm(node) }

  private func startWheelTimer() {
    let now = uv_now(uv)
    guard let delay = timers.nextWakeupMilliseconds(nowMilliseconds: now) else {
      wheelTimerDeadlineMilliseconds = .max
      return
    }
    wheelTimerDeadlineMilliseconds = now + delay
    uv_timer_start(wheelTimer, wheelTimerCallback, delay, 0)
  }

  fileprivate func wheelTimerFired() {
    let now = uv_now(uv)
    while let node = timers.nextExpired(at: now) { node.pointee.callback?(node.pointee.owner) }
    startWheelTimer()
  }

  // MARK: Work from other threads

  /// Runs `body` on the loop, soon. May be called from any thread; work runs in the order given.
  public func execute(_ body: @escaping @Sendable () -> Void) { enqueue(.closure(body)) }

  func enqueue(_ work: LoopWork) {
    incoming.withLock { queue in
      if queue.isClosed { return }
      queue.items.append(work)
      // Under the lock, so that the loop cannot drain the queue, stop and close in between.
      if queue.items.count == 1 { uv_async_send(wakeup) }
    }
  }

  fileprivate func drainIncoming() {
    // Jobs enqueued by these jobs wait for the next turn, so that sockets are not starved.
    incoming.withLock { queue in swap(&queue.items, &running.items) }
    for work in running.items { work.run(on: self) }
    running.items.removeAll(keepingCapacity: true)
  }
}

/// Work handed in by other threads.
private struct LoopQueue {
  var items: [LoopWork] = []
  var isClosed = false
}

/// The batch being run; a box of its own so that its storage is reused.
struct LoopWorkBatch {
  var items: [LoopWork] = []
}

private func wheelTimerCallback(_ timer: UnsafeMutablePointer<uv_timer_t>?) {
  Unmanaged<Loop>.fromOpaque(timer!.pointee.data).takeUnretainedValue().wheelTimerFired()
}

private func wakeupCallback(_ handle: UnsafeMutablePointer<uv_async_t>?) {
  Unmanaged<Loop>.fromOpaque(handle!.pointee.data).takeUnretainedValue().drainIncoming()
}
