// SPDX-License-Identifier: MIT

/// The requests of one worker that wait for places, a line for each gate, first come, first served.
///
/// Among all workers a place goes to the one whose first request waits longest. It stays taken on
/// its way there, so that nobody comes in between; a worker that finds no one waiting any more
/// gives it back, which passes it on again while anyone waits anywhere.
///
/// SAFETY: the lines hold pointers to `WaitingRequest`s that are alive by their owners' contract.
/// One thread uses an instance.
@safe
public final class WaitLines {
  @safe
  private struct Line {
    var first: UnsafeMutablePointer<WaitingRequest>?
    var last: UnsafeMutablePointer<WaitingRequest>?
  }

  private let worker: Int
  private var lines: [Line] = []
  /// Places that have come, each for the first in its line, in the order of their coming.
  private var arrived: [GateReference] = []
  private var arrivedStart = 0

  public init(worker: Int) { self.worker = worker }

  /// Places have come: `next` says what to do.
  public var hasArrivals: Bool { arrivedStart < arrived.count }

  /// Asks for a place, behind all that wait here.
  public func join(
    _ request: UnsafeMutablePointer<WaitingRequest>, _ gate: GateReference,
    nanoseconds: UInt64
  ) -> PlaceAnswer {
    let number = gate.number
    while lines.count <= number { lines.append(Line()) }
    unsafe request.pointee.nanoseconds = nanoseconds
    unsafe link(request, number)
    if unsafe lines[number].first == request { showHead(gate) }
    switch gate.join() {
    case .waiting: return .waiting
    case .taken:
      unsafe unlink(request)
      showHead(gate)
      return .taken
    case .full:
      unsafe unlink(request)
      showHead(gate)
      return .full
    }
  }

  /// A request waits no more; it may have its place already, which then goes to the next.
  public func leave(_ request: UnsafeMutablePointer<WaitingRequest>, _ gate: GateReference) {
    guard unsafe request.pointee.isWaiting else { return }
    unsafe precondition(request.pointee.line == gate.number)
    unsafe unlink(request)
    gate.leave()
    showHead(gate)
  }

  /// Gives a place back. It goes to whoever waits longest, which may be someone here, or on the
  /// workers that `pass` is called with.
  public func give(_ gate: GateReference, pass: (Int) -> Void) {
    if let target = gate.give() { deliver(gate, target, pass) }
    serveAll(gate, pass: pass)
  }

  /// Hands free places to those who wait, after the limit has become larger.
  public func serveAll(_ gate: GateReference, pass: (Int) -> Void) {
    // Not more often than there are requests: each of these may be on its way already.
    var rounds = gate.waitingCount
    while rounds > 0, let target = gate.grant() {
      deliver(gate, target, pass)
      rounds -= 1
    }
  }

  private func deliver(_ gate: GateReference, _ target: Int, _ pass: (Int) -> Void) {
    if target == worker { accept(gate) } else { pass(target) }
  }

  /// A place has come from another worker.
  public func accept(_ gate: GateReference) {
    if arrivedStart > 0, arrivedStart == arrived.count {
      arrived.removeAll(keepingCapacity: true)
      arrivedStart = 0
    }
    arrived.append(gate)
  }

  /// What to do with the place that came first; nil when there is none left.
  public func next() -> PlaceStep? {
    while hasArrivals {
      let gate = arrived[arrivedStart]
      arrivedStart += 1
      if gate.number < lines.count, let request = unsafe lines[gate.number].first {
        unsafe unlink(request)
        gate.leave()
        showHead(gate)
        return unsafe .resume(request)
      }
      guard let target = gate.give() else { continue }
      if target != worker { return unsafe .pass(worker: target, gate) }
      accept(gate)
    }
    return nil
  }

  private func showHead(_ gate: GateReference) {
    let first = unsafe lines[gate.number].first
    gate.show(head: unsafe first.map { unsafe $0.pointee.nanoseconds }, of: worker)
  }

  private func link(_ request: UnsafeMutablePointer<WaitingRequest>, _ number: Int) {
    unsafe precondition(!request.pointee.isWaiting)
    unsafe request.pointee.line = number
    unsafe request.pointee.next = nil
    unsafe request.pointee.previous = lines[number].last
    if let last = unsafe lines[number].last {
      unsafe last.pointee.next = request
    } else {
      unsafe lines[number].first = request
    }
    unsafe lines[number].last = request
  }

  private func unlink(_ request: UnsafeMutablePointer<WaitingRequest>) {
    let number = unsafe request.pointee.line
    if let next = unsafe request.pointee.next {
      unsafe next.pointee.previous = request.pointee.previous
    } else {
      unsafe lines[number].last = request.pointee.previous
    }
    if let previous = unsafe request.pointee.previous {
      unsafe previous.pointee.next = request.pointee.next
    } else {
      unsafe lines[number].first = request.pointee.next
    }
    unsafe request.pointee.next = nil
    unsafe request.pointee.previous = nil
    unsafe request.pointee.line = -1
  }
}
