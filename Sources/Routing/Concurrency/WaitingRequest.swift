// SPDX-License-Identifier: MIT

/// A request that waits for a place, as a link in memory of its owner: waiting allocates nothing.
///
/// SAFETY: the links are those of one `WaitLines`; the owner keeps the memory, unmoved, until the
/// request has been resumed or has left.
@safe
public struct WaitingRequest {
  /// Handed back when there is a place.
  public let owner: UnsafeMutableRawPointer
  /// When it is refused, on the owner's clock; 0 before it has begun to wait.
  public var deadlineMilliseconds: UInt64 = 0
  /// Since when it waits in this line.
  public internal(set) var nanoseconds: UInt64 = 0
  /// The number of its gate; -1 while it waits for none.
  var line: Int = -1
  var next: UnsafeMutablePointer<WaitingRequest>?
  var previous: UnsafeMutablePointer<WaitingRequest>?

  public init(owner: UnsafeMutableRawPointer) { unsafe self.owner = owner }

  public var isWaiting: Bool { line >= 0 }
}

/// What comes of asking for a place in line.
public enum PlaceAnswer: BitwiseCopyable, Hashable, Sendable {
  /// One became free in the meantime, and is taken.
  case taken
  /// It waits; `WaitLines.next` resumes it.
  case waiting
  /// As many wait as may.
  case full
}

/// What a worker has to do for those that wait.
///
/// SAFETY: the request's owner keeps its memory while it is used.
@safe
public enum PlaceStep {
  /// The first in a line has its place.
  case resume(UnsafeMutablePointer<WaitingRequest>)
  /// Tell that worker to `accept` a place at the gate.
  case pass(worker: Int, GateReference)
}
