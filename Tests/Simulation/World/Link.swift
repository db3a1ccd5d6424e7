// SPDX-License-Identifier: MIT

public import Clocks

/// How the way between the gateway and one party behaves.
public struct LinkConditions: Sendable {
  /// Each way, before jitter.
  public var latency = Interval.milliseconds(1)
  public var jitter = Interval.milliseconds(1)
  /// Most bytes of one packet to the gateway.
  public var packetBytes = 1_448
  /// Bytes the gateway's kernel takes for the party before writes have to wait.
  public var sendBufferBytes = 256 << 10
  /// Bytes the party may have under way to a gateway that does not read.
  public var windowBytes = 64 << 10
  /// Writes are taken in part though there were room for all.
  public var takesPartialWrites = false
  /// Reads give less than there is.
  public var givesShortReads = false
  /// The party takes so many bytes at a time from its kernel, and pauses between; 0: all at once.
  public var partyReadBytes = 0
  public var partyReadPause = Interval.milliseconds(50)
  /// A reset that arrives destroys what was not read yet.
  public var resetDropsUnread = false

  public init() {}
}

/// The other end of a connection. All calls are made within the world's time.
public protocol LinkParty: AnyObject {
  /// The connection stands.
  func linkOpened(_ link: Link)
  func linkReceived(_ link: Link, _ bytes: [UInt8])
  /// FIN from the gateway.
  func linkEnded(_ link: Link)
  /// RST, or the connection could not be made.
  func linkBroken(_ link: Link)
  /// Bytes that the gateway's kernel has taken for the party, before they have travelled.
  func linkAccepted(_ link: Link, _ bytes: UnsafeBufferPointer<UInt8>)
}

/// A TCP connection between the gateway and a party, as two ordered ways with limits.
public final class Link {
  enum End { case none, finish, reset }

  public let number: Int
  public let conditions: LinkConditions
  public private(set) weak var party: (any LinkParty)?
  unowned let world: World
  /// The gateway's end; nil before it is accepted and after it is closed.
  weak var stream: SimulatedStream?
  public internal(set) var isStreamClosed = false

  // To the gateway.
  var inbox: [UInt8] = []
  var inboxStart = 0
  var hasEndArrived = false
  var hasResetArrived = false
  private var partyQueue: [UInt8] = []
  private var partyEnd = End.none
  private var isPartyEndSent = false
  private var underWayToGateway = 0
  private var lastArrivalAtGateway: UInt64 = 0
  /// Bytes that the gateway has read.
  public private(set) var readByteCount = 0

  // To the party.
  private var outboxUsed = 0
  private var partyInbox: [UInt8] = []
  private var isPartyReading = false
  private var endsAfterPartyInbox = false
  private var lastArrivalAtParty: UInt64 = 0
  private(set) var isPartyClosed = false
  private var isBroken = false

  init(number: Int, world: World, party: any LinkParty, conditions: LinkConditions) {
    self.number = number
    self.world = world
    self.party = party
    self.conditions = conditions
  }

  private var delay: UInt64 {
    let jitter = UInt64(max(conditions.jitter.nanoseconds, 0))
    let extra = jitter == 0 ? 0 : world.random.next() % jitter
    return UInt64(conditions.latency.nanoseconds) + extra
  }

  // MARK: The party

  public func send(_ bytes: [UInt8]) {
    guard partyEnd == .none, !isBroken else { return }
    partyQueue += bytes
    pump()
  }

  /// FIN; the party still reads.
  public func finish() {
    guard partyEnd == .none else { return }
    partyEnd = .finish
    pump()
  }

  /// FIN, and what comes from now on is answered by a reset.
  public func close() {
    finish()
    isPartyClosed = true
  }

  public func reset() {
    guard !isPartyClosed || partyEnd != .reset else { return }
    isPartyClosed = true
    partyEnd = .reset
    isPartyEndSent = true
    partyQueue = []
    arriveAtGateway { link in link.resetArrived() }
  }

  /// Sends what the window allows.
  func pump() {
    while !partyQueue.isEmpty {
      let room = conditions.windowBytes - underWayToGateway - (inbox.count - inboxStart)
      guard room > 0 else { return }
      let limit = min(room, conditions.packetBytes, partyQueue.count)
      let isShort = world.random.next(below: 4) == 0
      let count = isShort ? 1 + Int(world.random.next() % UInt64(limit)) : limit
      let packet = Array(partyQueue.prefix(count))
      partyQueue.removeFirst(count)
      underWayToGateway += count
      arriveAtGateway { link in link.packetArrived(packet) }
    }
    if partyEnd == .finish, !isPartyEndSent {
      isPartyEndSent = true
      arriveAtGateway { link in link.endArrived() }
    }
  }

  private func arriveAtGateway(_ action: @escaping (Link) -> Void) {
    lastArrivalAtGateway = max(lastArrivalAtGateway + 1, world.now + delay)
    world.at(lastArrivalAtGateway) { [self] in action(self) }
  }

  private func packetArrived(_ packet: [UInt8]) {
    underWayToGateway -= packet.count
    if isStreamClosed {
      world.note("late-bytes", number, packet.count)
      breakOff()
      return
    }
    if hasResetArrived { return }
    world.note("arrived", number, packet.count)
    inbox += packet
  }

  private func endArrived() {
    world.note("fin-arrived", number, 0)
    hasEndArrived = true
  }

  private func resetArrived() {
    guard !isStreamClosed else { return }
    world.note("rst-arrived", number, inbox.count - inboxStart)
    hasResetArrived = true
    if conditions.resetDropsUnread { inboxStart = inbox.count }
  }

  // MARK: The gateway

  /// Bytes the gateway reads into `target`; 0 when there are none.
  func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    let available = inbox.count - inboxStart
    var count = min(available, target.count)
    if conditions.givesShortReads, count > 1, world.random.next(below: 2) == 0 {
      count = 1 + Int(world.random.next() % UInt64(count))
    }
    guard count > 0 else { return 0 }
    inbox.withUnsafeBytes { source in
      target.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: source[inboxStart..<inboxStart + count]))
    }
    inboxStart += count
    readByteCount += count
    if inboxStart == inbox.count {
      inbox.removeAll(keepingCapacity: true)
      inboxStart = 0
    }
    pump()
    return count
  }

  var hasUnread: Bool { inboxStart < inbox.count }
  var isReadable: Bool { hasUnread || hasEndArrived || hasResetArrived }
  var isWritable: Bool { hasResetArrived || outboxUsed < conditions.sendBufferBytes }

  /// How many of `bytes` the kernel takes; nil where the connection is broken.
  func accept(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    if hasResetArrived { return nil }
    var count = min(bytes.count, conditions.sendBufferBytes - outboxUsed)
    guard count > 0 else { return 0 }
    if conditions.takesPartialWrites, count > 1, world.random.next(below: 3) == 0 {
      count = 1 + Int(world.random.next() % UInt64(count))
    }
    outboxUsed += count
    let taken = UnsafeBufferPointer(rebasing: bytes[..<count])
    world.noteBytes(taken)
    party?.linkAccepted(self, taken)
    let packet = Array(taken)
    arriveAtParty { link in link.arrivedAtParty(packet) }
    return count
  }

  private func arriveAtParty(_ action: @escaping (Link) -> Void) {
    lastArrivalAtParty = max(lastArrivalAtParty + 1, world.now + delay)
    world.at(lastArrivalAtParty) { [self] in action(self) }
  }

  private func arrivedAtParty(_ packet: [UInt8]) {
    if isPartyClosed || isBroken {
      outboxUsed -= packet.count
      arriveAtGateway { link in link.resetArrived() }
      return
    }
    if conditions.partyReadBytes == 0 {
      outboxUsed -= packet.count
      party?.linkReceived(self, packet)
      return
    }
    partyInbox += packet
    readAsParty()
  }

  private func readAsParty() {
    guard !isPartyReading else { return }
    isPartyReading = true
    world.after(conditions.partyReadPause) { [self] in
      isPartyReading = false
      guard !isPartyClosed, !isBroken else { return }
      let piece = Array(partyInbox.prefix(conditions.partyReadBytes))
      partyInbox.removeFirst(piece.count)
      outboxUsed -= piece.count
      if !piece.isEmpty { party?.linkReceived(self, piece) }
      if !partyInbox.isEmpty {
        readAsParty()
      } else if endsAfterPartyInbox {
        party?.linkEnded(self)
      }
    }
  }

  /// FIN from the gateway, behind what it has written.
  func finishFromGateway() {
    arriveAtParty { link in
      guard !link.isPartyClosed, !link.isBroken else { return }
      link.world.note("fin-to-party", link.number, 0)
      if link.partyInbox.isEmpty {
        link.party?.linkEnded(link)
      } else {
        link.endsAfterPartyInbox = true
      }
    }
  }

  func resetFromGateway() {
    arriveAtParty { link in link.breakOff() }
  }

  /// The party learns that the connection is gone.
  func breakOff() {
    guard !isPartyClosed, !isBroken else { return }
    isBroken = true
    world.note("rst-to-party", number, 0)
    party?.linkBroken(self)
  }

  func open() { party?.linkOpened(self) }
}
