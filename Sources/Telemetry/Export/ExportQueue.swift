// SPDX-License-Identifier: MIT

public import Clocks

/// The limits of an export queue.
public struct ExportLimits: Sendable, Equatable {
  /// Items sent at once.
  public var batchCountMaximum = 512
  /// The longest an item waits for a batch to fill.
  public var batchInterval = Interval.milliseconds(5_000)
  /// Items held at most; newer ones are dropped.
  public var queueCountMaximum = 4_096
  /// The pause after the first failure; each further one doubles it.
  public var backoff = Interval.milliseconds(1_000)
  public var backoffMaximum = Interval.milliseconds(30_000)
  /// A batch that has failed so often is dropped.
  public var attemptCountMaximum = 6

  public init() {}
}

/// How an attempt to send a batch ended.
public enum ExportResult: Sendable, Equatable {
  /// Taken; of its items so many were refused (OTLP's `partial_success`).
  case accepted(rejectedCount: Int)
  /// To be tried again, after so long where the receiver said.
  case retryable(after: Interval?)
  /// Refused for good.
  case refused
}

/// Why items were dropped.
public enum ExportDropReason: UInt8, CaseIterable, Sendable {
  /// The queue was full.
  case queueFull
  /// The receiver refused them.
  case rejected
  /// The receiver could not be reached often enough.
  case failed
  /// The process ended first.
  case shutdown

  public var label: String {
    switch self {
    case .queueFull: "queue_full"
    case .rejected: "rejected"
    case .failed: "failed"
    case .shutdown: "shutdown"
    }
  }
}

/// Collects items into batches and decides when one is sent, again or for the last time: a state
/// machine without clock or socket. One batch is on its way at a time, so a slow receiver costs
/// memory up to the queue's limit and nothing else.
public struct ExportQueue<Item: Sendable>: Sendable {
  private enum State: Sendable {
    /// Nothing is on its way → `sending`.
    case idle
    /// A batch is on its way → `idle`, `waiting`.
    case sending
    /// A batch that failed waits for its time → `sending`; `idle` when it is given up.
    case waiting(until: Instant)
  }

  /// What to do now.
  public enum Action: Sendable {
    case send([Item])
    /// Nothing before that instant, or before more items come.
    case wait(until: Instant)
    /// Nothing before more items come, or before what is on its way has ended.
    case rest
  }

  public let limits: ExportLimits
  private var state = State.idle
  private var queue: [Item] = []
  private var oldest = Instant.distantFuture
  private var batch: [Item] = []
  private var attemptCount = 0
  private var isFlushing = false
  public private(set) var sentCount = 0
  private var dropped = [Int](repeating: 0, count: ExportDropReason.allCases.count)

  public init(_ limits: ExportLimits) { self.limits = limits }

  /// Items that are neither sent nor dropped.
  public var pendingCount: Int { queue.count + batch.count }

  /// Whether a batch is on its way.
  public var isSending: Bool {
    if case .sending = state { return true }
    return false
  }

  public func droppedCount(_ reason: ExportDropReason) -> Int { dropped[Int(reason.rawValue)] }

  /// Takes an item, or drops it where the queue is full.
  public mutating func add(_ item: Item, at now: Instant) {
    guard queue.count < limits.queueCountMaximum else { return drop(1, .queueFull) }
    if queue.isEmpty { oldest = now }
    queue.append(item)
  }

  /// What is to be done at `now`. A `send` must be followed by `ended`.
  public mutating func next(at now: Instant) -> Action {
    switch state {
    case .sending: return .rest
    case .waiting(let until):
      if now < until { return .wait(until: until) }
      state = .sending
      attemptCount += 1
      return .send(batch)
    case .idle:
      guard !queue.isEmpty else { return .rest }
      let due = oldest + limits.batchInterval
      guard isFlushing || queue.count >= limits.batchCountMaximum || now >= due else {
        return .wait(until: due)
      }
      let count = min(queue.count, limits.batchCountMaximum)
      batch = Array(queue.prefix(count))
      queue.removeFirst(count)
      // What is left has come since, but not when: it waits its time from now on.
      oldest = now
      state = .sending
      attemptCount = 1
      return .send(batch)
    }
  }

  /// The batch on its way has ended.
  ///
  /// - Parameter random: bits for the jitter of the pause.
  public mutating func ended(_ result: ExportResult, at now: Instant, random: UInt64) {
    guard case .sending = state else {
      assertionFailure("no batch is on its way")
      return
    }
    switch result {
    case .accepted(let rejected):
      let refused = min(max(rejected, 0), batch.count)
      sentCount += batch.count - refused
      drop(refused, .rejected)
      endBatch()
    case .refused:
      drop(batch.count, .rejected)
      endBatch()
    case .retryable(let after):
      guard attemptCount < limits.attemptCountMaximum else {
        drop(batch.count, .failed)
        endBatch()
        return
      }
      state = .waiting(until: now + pause(after, random))
    }
  }

  /// From now on batches are sent without waiting to be full, and a pause is cut short once.
  public mutating func flush() {
    isFlushing = true
    if case .waiting = state { state = .waiting(until: .distantPast) }
  }

  /// Gives up all that is left, at the end of the process.
  public mutating func abandon() {
    drop(pendingCount, .shutdown)
    queue = []
    batch = []
    state = .idle
  }

  private mutating func endBatch() {
    batch = []
    attemptCount = 0
    state = .idle
  }

  /// What the receiver asked for, else from half of the doubled pause to the whole of it.
  private func pause(_ asked: Interval?, _ random: UInt64) -> Interval {
    if let asked { return min(max(asked, .zero), limits.backoffMaximum) }
    let doublings = Int64(min(attemptCount - 1, 16))
    let whole = min(limits.backoff.nanoseconds << doublings, limits.backoffMaximum.nanoseconds)
    let half = whole / 2
    return Interval(nanoseconds: half + Int64(random % UInt64(max(whole - half, 1))))
  }

  private mutating func drop(_ count: Int, _ reason: ExportDropReason) {
    dropped[Int(reason.rawValue)] += count
  }
}
