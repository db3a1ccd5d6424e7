// SPDX-License-Identifier: MIT

internal import ModelCatalog
internal import Synchronization

/// The shared state of one limit: an account's, or a deployment's. All of it are atomics, but for
/// what only limits that follow the latency have: that is tried to lock, and not waited for.
///
/// SAFETY: the table of heads is allocated with the gate and freed with it.
@safe
struct ConcurrencyGate: ~Copyable, @unchecked Sendable {
  /// Dense among the gates of a registry.
  let number: Int
  let counts = Atomic<UInt64>(0)
  /// The limit in force.
  let limit: Atomic<Int64>
  /// Of a limit that follows the latency.
  let gradient: Mutex<GradientLimit?>
  let isAdaptive: Atomic<Bool>
  let queueMaximum: Atomic<Int64>
  let queueTimeoutMilliseconds: Atomic<Int64>
  let refusedFull = Atomic<UInt64>(0)
  let refusedLate = Atomic<UInt64>(0)
  /// Of each worker: since when the first of its waiting requests waits; `noOne` for none. A worker
  /// shows its head before it is counted as waiting and hides it after: whoever sees someone
  /// waiting finds a head.
  private let heads: UnsafeMutablePointer<Atomic<UInt64>>
  private let workerCount: Int

  static var noOne: UInt64 { .max }

  init(number: Int, workerCount: Int, _ settings: ConcurrencyLimit) {
    self.number = number
    self.workerCount = workerCount
    let adaptive = settings.adaptive.map { GradientLimit($0, maximum: settings.maximum) }
    limit = Atomic(adaptive?.inForce ?? settings.maximum)
    gradient = Mutex(adaptive)
    isAdaptive = Atomic(adaptive != nil)
    queueMaximum = Atomic(settings.queueMaximum)
    queueTimeoutMilliseconds = Atomic(settings.queueTimeoutMilliseconds)
    unsafe heads = .allocate(capacity: max(workerCount, 1))
    for worker in 0..<max(workerCount, 1) {
      unsafe (heads + worker).initialize(to: Atomic(Self.noOne))
    }
  }

  deinit {
    unsafe heads.deinitialize(count: max(workerCount, 1))
    unsafe heads.deallocate()
  }

  borrowing func adopt(_ settings: ConcurrencyLimit) {
    gradient.withLock { gradient in
      // What it has found out stays.
      if let adaptive = settings.adaptive {
        if gradient == nil { gradient = GradientLimit(adaptive, maximum: settings.maximum) }
        gradient!.adopt(adaptive, maximum: settings.maximum)
      } else {
        gradient = nil
      }
      isAdaptive.store(gradient != nil, ordering: .relaxed)
      limit.store(gradient?.inForce ?? settings.maximum, ordering: .relaxed)
    }
    queueMaximum.store(settings.queueMaximum, ordering: .relaxed)
    queueTimeoutMilliseconds.store(settings.queueTimeoutMilliseconds, ordering: .relaxed)
  }

  borrowing func show(head nanoseconds: UInt64, of worker: Int) {
    precondition(worker >= 0 && worker < max(workerCount, 1))
    unsafe heads[worker].store(nanoseconds, ordering: .sequentiallyConsistent)
  }

  /// The worker whose first request waits longest; nil when none has one.
  borrowing func longestWaiting() -> Int? {
    var found: Int?
    var earliest = Self.noOne
    for worker in 0..<max(workerCount, 1) {
      let head = unsafe heads[worker].load(ordering: .sequentiallyConsistent)
      if head < earliest { (found, earliest) = (worker, head) }
    }
    return found
  }

  /// Applies `step` until no other worker has come in between; nil when it is not possible.
  @inline(__always)
  borrowing func change(_ step: (PlaceCounts) -> PlaceCounts?) -> PlaceCounts? {
    var word = counts.load(ordering: .sequentiallyConsistent)
    while true {
      guard let next = step(PlaceCounts(rawValue: word)) else { return nil }
      let (isDone, seen) = counts.compareExchange(
        expected: word, desired: next.rawValue, ordering: .sequentiallyConsistent)
      if isDone { return next }
      word = seen
    }
  }
}
