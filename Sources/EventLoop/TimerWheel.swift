// SPDX-License-Identifier: MIT

/// A timer as a link in its owner's memory: no allocation to start, move or stop one.
public struct TimerNode {
  var next: UnsafeMutablePointer<TimerNode>?
  var previous: UnsafeMutablePointer<TimerNode>?
  var expiryTick: UInt64 = 0
  /// The tick of the slot it stands in: no later than `expiryTick`.
  var slotTick: UInt64 = 0
  var slot: Int32 = -1
  /// Handed to `callback`.
  public var owner: UnsafeMutableRawPointer?
  /// Called once, on the loop, after the node has left the wheel.
  public var callback: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?

  public init(
    owner: UnsafeMutableRawPointer?,
    callback: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Void
  ) {
    self.owner = owner
    self.callback = callback
  }

  public init() {}

  public var isArmed: Bool { slot >= 0 }
}

/// A hierarchical timer wheel (Varghese and Lauck, 1987, scheme 7): start, move and stop in
/// constant time. One per loop carries the request timeouts of thousands of connections; it is
/// coarse on purpose, since a timeout of seconds may be some milliseconds late but never early.
///
/// The wheel is pure: time comes in as `nextExpired(at:)`, so tests need no clock.
public struct TimerWheel: ~Copyable {
  /// One tick is 8 ms: the resolution of every timeout on the request path.
  public static let tickMillisecondsShift: UInt64 = 3
  static let slotBits = 8
  static let slotCount = 1 << slotBits
  static let levelCount = 3
  /// About 37 hours; longer timers are clamped.
  static let horizonTicks: UInt64 = 1 << UInt64(slotBits * levelCount)

  /// Each slot is a circular list around a sentinel node.
  private let sentinels: UnsafeMutablePointer<TimerNode>
  private var occupied: InlineArray<12, UInt64> = .init(repeating: 0)
  private(set) var currentTick: UInt64
  public private(set) var armedCount = 0

  public init(nowMilliseconds: UInt64) {
    let total = Self.slotCount * Self.levelCount
    sentinels = .allocate(capacity: total)
    for index in 0..<total {
      let sentinel = sentinels + index
      sentinel.initialize(to: TimerNode())
      sentinel.pointee.next = sentinel
      sentinel.pointee.previous = sentinel
    }
    currentTick = nowMilliseconds >> Self.tickMillisecondsShift
  }

  deinit { sentinels.deallocate() }

  /// Starts `node`, or moves it when it is armed, to fire at or just after `deadlineMilliseconds`.
  ///
  /// Timeouts are nearly always moved to later, and hardly ever fire. So a node that is moved to
  /// later stays in its slot, and moves when that slot comes up.
  public mutating func arm(
    _ node: UnsafeMutablePointer<TimerNode>, deadlineMilliseconds: UInt64
  ) {
    // Rounded up: a timer is never early.
    let wanted = (deadlineMilliseconds &+ 7) >> Self.tickMillisecondsShift
    let tick = min(max(wanted, currentTick &+ 1), currentTick &+ Self.horizonTicks &- 1)
    node.pointee.expiryTick = tick
    if node.pointee.slot >= 0 {
      if tick >= node.pointee.slotTick { return }
      unlink(node)
    }
    link(node)
    armedCount += 1
  }

  public mutating func disarm(_ node: UnsafeMutablePointer<TimerNode>) {
    guard node.pointee.slot >= 0 else { return }
    unlink(node)
  }

  private mutating func link(_ node: UnsafeMutablePointer<TimerNode>) {
    let delta = node.pointee.expiryTick - currentTick
    let level = delta < 256 ? 0 : delta < 65536 ? 1 : 2
    let index =
      level * Self.slotCount
      + Int((node.pointee.expiryTick >> UInt64(level * Self.slotBits)) & 255)
    let sentinel = sentinels + index
    node.pointee.slot = Int32(truncatingIfNeeded: index)
    node.pointee.slotTick = node.pointee.expiryTick
    node.pointee.next = sentinel
    node.pointee.previous = sentinel.pointee.previous
    sentinel.pointee.previous!.pointee.next = node
    sentinel.pointee.previous = node
    occupied[index >> 6] |= 1 << UInt64(index & 63)
  }

  private mutating func unlink(_ node: UnsafeMutablePointer<TimerNode>) {
    let index = Int(node.pointee.slot)
    node.pointee.previous!.pointee.next = node.pointee.next
    node.pointee.next!.pointee.previous = node.pointee.previous
    node.pointee.slot = -1
    let sentinel = sentinels + index
    if sentinel.pointee.next == sentinel { occupied[index >> 6] &= ~(1 << UInt64(index & 63)) }
    armedCount -= 1
  }

  /// Takes the next timer due at `nowMilliseconds` out of the wheel, or returns nil when no more
  /// are due. The caller calls the owner back, so a callback may arm and disarm freely.
  public mutating func nextExpired(at nowMilliseconds: UInt64) -> UnsafeMutablePointer<TimerNode>? {
    let target = nowMilliseconds >> Self.tickMillisecondsShift
    while true {
      let sentinel = sentinels + Int(currentTick & 255)
      if let node = sentinel.pointee.next, node != sentinel {
        unlink(node)
        if node.pointee.expiryTick <= currentTick { return node }
        // It was moved to later since it came into this slot.
        link(node)
        armedCount += 1
        continue
      }
      if currentTick >= target { return nil }
      if armedCount == 0 {
        currentTick = target
        return nil
      }
      currentTick = min(nextOccupiedTick(), target)
      if currentTick & 0xff == 0 { cascade() }
    }
  }

  /// The next tick at which a slot of level 0 is occupied or a higher level must come down.
  private func nextOccupiedTick() -> UInt64 {
    let boundary = (currentTick | 0xff) + 1
    var tick = currentTick + 1
    while tick < boundary {
      let index = Int(tick & 255)
      let word = occupied[index >> 6] >> UInt64(index & 63)
      if word != 0 { return min(tick + UInt64(word.trailingZeroBitCount), boundary) }
      tick += UInt64(64 - (index & 63))
    }
    return boundary
  }

  private mutating func cascade() {
    if currentTick & 0xffff == 0 {
      relink(slot: 2 * Self.slotCount + Int((currentTick >> 16) & 255))
    }
    relink(slot: Self.slotCount + Int((currentTick >> 8) & 255))
  }

  private mutating func relink(slot index: Int) {
    let sentinel = sentinels + index
    while let node = sentinel.pointee.next, node != sentinel {
      unlink(node)
      // Due this very tick: level 0 keeps the slot of the current tick for it.
      link(node)
      armedCount += 1
    }
  }

  /// Milliseconds from `nowMilliseconds` until the wheel wants to be advanced, or nil when empty.
  public func nextWakeupMilliseconds(nowMilliseconds: UInt64) -> UInt64? {
    guard armedCount > 0 else { return nil }
    let wakeup = nextOccupiedTick() << Self.tickMillisecondsShift
    return wakeup > nowMilliseconds ? wakeup - nowMilliseconds : 0
  }
}
