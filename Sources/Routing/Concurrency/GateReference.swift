// SPDX-License-Identifier: MIT

internal import Synchronization

/// One reading of a limit.
public struct GateReading: BitwiseCopyable, Hashable, Sendable {
  /// The limit in force.
  public var limit: Int64
  /// Whether it follows the latency.
  public var isAdaptive: Bool
  public var inFlight: Int64
  public var waiting: Int64
  public var queueMaximum: Int64
  /// Refused because the queue was full, and because no place came in time.
  public var refusedFull: Int64
  public var refusedLate: Int64
}

/// A limit, without reference counting. Places are taken here; waiting for one goes through the
/// worker's `WaitLines`.
///
/// SAFETY: the memory belongs to the `HealthRegistry` and stays until the registry is released;
/// every `RoutingSnapshot` holds its registry, and whoever holds a reference holds the snapshot.
/// All access is by atomics, so any thread may use it.
@safe
public struct GateReference: BitwiseCopyable, @unchecked Sendable {
  let pointer: UnsafeMutablePointer<ConcurrencyGate>

  init(pointer: UnsafeMutablePointer<ConcurrencyGate>) { unsafe self.pointer = pointer }

  /// Dense among the gates of a registry.
  public var number: Int { unsafe pointer.pointee.number }

  public var queueTimeoutMilliseconds: Int64 {
    unsafe pointer.pointee.queueTimeoutMilliseconds.load(ordering: .relaxed)
  }

  /// Requests waiting, over all workers.
  var waitingCount: Int64 {
    unsafe PlaceCounts(rawValue: pointer.pointee.counts.load(ordering: .relaxed)).waiting
  }

  var limit: Int64 { unsafe pointer.pointee.limit.load(ordering: .relaxed) }

  /// Takes a place if one is free and no one waits for it. Each one taken ends with exactly one
  /// `WaitLines.give`.
  public func take() -> Bool {
    let limit = limit
    return unsafe pointer.pointee.change { $0.taking(limit: limit) } != nil
  }

  /// Counts a request that was refused.
  public func countRefusal(isFull: Bool) {
    if isFull {
      unsafe pointer.pointee.refusedFull.wrappingAdd(1, ordering: .relaxed)
    } else {
      unsafe pointer.pointee.refusedLate.wrappingAdd(1, ordering: .relaxed)
    }
  }

  public func read() -> GateReading {
    let counts = unsafe PlaceCounts(rawValue: pointer.pointee.counts.load(ordering: .relaxed))
    return GateReading(
      limit: limit, isAdaptive: isAdaptive, inFlight: counts.taken, waiting: counts.waiting,
      queueMaximum: unsafe pointer.pointee.queueMaximum.load(ordering: .relaxed),
      refusedFull: unsafe Int64(
        truncatingIfNeeded: pointer.pointee.refusedFull.load(ordering: .relaxed)),
      refusedLate: unsafe Int64(
        truncatingIfNeeded: pointer.pointee.refusedLate.load(ordering: .relaxed)))
  }

  // MARK: Limits that follow the latency

  @inline(__always)
  public var isAdaptive: Bool { unsafe pointer.pointee.isAdaptive.load(ordering: .relaxed) }

  /// Takes in what came of a request that holds a place. A sample that meets another worker's is
  /// lost: no one waits here.
  ///
  /// - Returns: whether the limit is larger now; then `WaitLines.serveAll` is to be called.
  public func learn(
    _ sample: LoadSample, sentNanoseconds: UInt64, nowNanoseconds: UInt64
  ) -> Bool {
    let inFlight = unsafe PlaceCounts(
      rawValue: pointer.pointee.counts.load(ordering: .relaxed)
    ).taken
    let hasGrown = unsafe pointer.pointee.gradient.withLockIfAvailable { gradient -> Bool in
      guard gradient != nil else { return false }
      let before = gradient!.inForce
      gradient!.learn(sample, sent: sentNanoseconds, now: nowNanoseconds, inFlight: inFlight)
      let after = gradient!.inForce
      if after != before { unsafe pointer.pointee.limit.store(after, ordering: .relaxed) }
      return after > before
    }
    return hasGrown ?? false
  }

  // MARK: For `WaitLines`

  enum Joined {
    /// A place became free in the meantime, and is taken.
    case taken
    case waiting
    case full
  }

  func join() -> Joined {
    let limit = limit
    let queueMaximum = unsafe pointer.pointee.queueMaximum.load(ordering: .relaxed)
    var hasTaken = false
    let next = unsafe pointer.pointee.change { counts in
      if let taken = counts.taking(limit: limit) {
        hasTaken = true
        return taken
      }
      hasTaken = false
      return counts.joining(queueMaximum: queueMaximum)
    }
    guard next != nil else { return .full }
    return hasTaken ? .taken : .waiting
  }

  func leave() { _ = unsafe pointer.pointee.change { $0.leaving() } }

  func show(head nanoseconds: UInt64?, of worker: Int) {
    unsafe pointer.pointee.show(head: nanoseconds ?? ConcurrencyGate.noOne, of: worker)
  }

  /// Gives a place back. The worker that it is passed on to, if one waits.
  func give() -> Int? {
    let limit = limit
    while true {
      var isPassedOn = false
      _ = unsafe pointer.pointee.change { counts in
        let (next, passes) = counts.giving(limit: limit)
        isPassedOn = passes
        return passes ? nil : next
      }
      if !isPassedOn { return nil }
      if let worker = unsafe pointer.pointee.longestWaiting() { return worker }
      // Who was waiting has left in between: look again.
    }
  }

  /// Takes a free place for one that waits, and says on which worker; nil when there is none.
  func grant() -> Int? {
    let limit = limit
    guard unsafe pointer.pointee.change({ $0.granting(limit: limit) }) != nil else { return nil }
    return unsafe pointer.pointee.longestWaiting() ?? give()
  }
}

/// The limits that a deployment is under: its own, and that of its account. Empty for most.
public struct DeploymentGates: BitwiseCopyable, Sendable {
  public static let countMaximum = 2

  /// Whether there is any.
  public let count: Int
  private let first: GateReference?
  private let second: GateReference?

  /// - Parameters:
  ///   - own: of the deployment.
  ///   - account: of all deployments of its gateway.
  init(own: GateReference?, account: GateReference?) {
    first = own ?? account
    second = own == nil ? nil : account
    count = (own == nil ? 0 : 1) + (account == nil ? 0 : 1)
  }

  /// In the order in which they are passed, which is the same for all, so that no two requests wait
  /// for each other.
  public subscript(position: Int) -> GateReference {
    precondition(position >= 0 && position < count)
    return position == 0 ? first! : second!
  }
}
