// SPDX-License-Identifier: MIT

public import Clocks
internal import CUV
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#endif

/// What a connect meets.
public enum ConnectOutcome {
  case accepted(any LinkParty, LinkConditions)
  case refused
  /// Nothing answers; the kernel gives up after two minutes.
  case silence
  /// The handshake is done, then comes a reset.
  case resetAtOnce(LinkConditions)
}

/// What a look-up gives, and when.
public struct ResolveOutcome {
  /// IPv4 addresses; none for "no such host".
  public var addresses: [UInt32]
  public var delay: Interval

  public init(addresses: [UInt32], delay: Interval) {
    self.addresses = addresses
    self.delay = delay
  }
}

/// How the machine that the gateway runs on behaves.
public struct MachineConditions: Sendable {
  /// What is ready is seen to in any order.
  public var shufflesReadiness = true
  /// What is ready is now and then seen only at the next turn.
  public var postponesReadiness = false

  public init() {}
}

/// A loop, a clock and a network in memory, in the place of libuv: `uv_run` of the gateway's
/// worker steps this world, on the worker's own thread, and nothing else moves while it does.
///
/// SAFETY: `@unchecked Sendable` because the thread that makes a world only waits once the worker's
/// thread runs it (`begin` is the hand-over).
public final class World: @unchecked Sendable {
  /// The world that calls of `uv_…` go to.
  nonisolated(unsafe) public static var current: World!

  /// Nanoseconds of monotonic time.
  public internal(set) var now: UInt64 = 1_000_000_000_000
  /// The civil clock, ahead of the monotonic one.
  public var wallOffset: Int64 = 1_767_225_600_000_000_000
  public internal(set) var random: RandomSource
  /// What `SystemRandomNumberGenerator` gives.
  var entropy: RandomSource
  public var trace: Trace
  public let machine: MachineConditions
  var agenda = Agenda()

  var handles: [SimulatedHandle?] = []
  var loopMilliseconds: UInt64 = 0
  var isStopped = false
  var closing: [SimulatedHandle] = []
  var pending: [() -> Void] = []
  var completions: [() -> Void] = []
  /// Look-ups and work that have not come back.
  var requestCount = 0
  var timerSequence: UInt64 = 0
  var linkCount = 0
  var listener: SimulatedStream?
  var isBegun = false
  private let start = DispatchGate()

  public var onConnect: (UInt32, UInt16) -> ConnectOutcome = { _, _ in .refused }
  public var onResolve: (String) -> ResolveOutcome = { _ in
    ResolveOutcome(addresses: [], delay: .zero)
  }
  /// The gateway's side has read the end or the reset of a link.
  public var onEndRead: (Link) -> Void = { _ in }
  /// After each turn of the loop.
  public var onTurn: () -> Void = {}
  /// Nothing can happen any more, or too much has. The loop's thread does not come back.
  public var onDead: (String) -> Void = { _ in }

  public var turnsMaximum = 2_000_000
  public var turnCount = 0
  public var nanosecondsMaximum: UInt64 = 1_000_000_000_000 + 7_200_000_000_000
  /// What was wrong with the way the loop was used.
  public internal(set) var misuses: [String] = []

  public init(seed: UInt64, machine: MachineConditions, trace: Trace) {
    random = RandomSource(seed: seed ^ 0x5eed_0001)
    entropy = RandomSource(seed: seed ^ 0x5eed_0002)
    self.machine = machine
    self.trace = trace
    loopMilliseconds = now / 1_000_000
  }

  // MARK: Time

  public func at(_ nanoseconds: UInt64, _ action: @escaping () -> Void) {
    agenda.add(at: max(nanoseconds, now), action)
  }

  public func after(_ interval: Interval, _ action: @escaping () -> Void) {
    agenda.add(at: now + UInt64(max(interval.nanoseconds, 0)), action)
  }

  /// The gateway's process is not run for a while; everybody else is.
  public func pauseGateway(_ interval: Interval) {
    note("gateway-paused", Int(interval.nanoseconds / 1_000_000), 0)
    now += UInt64(max(interval.nanoseconds, 0))
  }

  /// A number that the parties draw.
  public func draw(below bound: Int) -> Int {
    Int(random.next(below: UInt32(clamping: max(bound, 1))))
  }

  /// Some microseconds pass: what a callback takes.
  func spend() { now += 500 + random.next() % 8_000 }

  // MARK: Trace

  public func note(_ name: StaticString, _ first: Int, _ second: Int, _ text: String = "") {
    trace.note(
      Trace.Event(nanoseconds: now, name: name, first: first, second: second, text: text))
  }

  func noteBytes(_ bytes: UnsafeBufferPointer<UInt8>) { trace.combine(bytes) }

  // MARK: Links

  /// A client's connect to the gateway: the party is opened or broken later.
  public func connectToGateway(_ party: any LinkParty, _ conditions: LinkConditions) -> Link {
    linkCount += 1
    let link = Link(number: linkCount, world: self, party: party, conditions: conditions)
    after(conditions.latency) { [self] in
      guard let listener, !listener.isClosing else {
        note("connect-refused", link.number, 0)
        after(conditions.latency) { link.breakOff() }
        return
      }
      note("connect", link.number, 0)
      listener.backlog.append(link)
      after(conditions.latency) { link.open() }
    }
    return link
  }

  /// A connect or a look-up of the gateway is under way.
  public var isConnecting: Bool {
    requestCount > 0 || handles.contains { ($0 as? SimulatedStream)?.connect != nil }
  }

  public var openHandleCount: Int { handles.reduce(0) { $0 + ($1 == nil ? 0 : 1) } }

  /// Kinds and links of the handles that are open.
  public var openHandles: [String] {
    handles.compactMap { handle in
      guard let handle else { return nil }
      let link = (handle as? SimulatedStream)?.link.map { " of link \($0.number)" } ?? ""
      return "\(handle.kind)\(link)"
    }
  }

  // MARK: Threads

  /// Lets the loop's thread run, which waits for this in `uv_run`.
  public func begin() { start.open() }

  func awaitBegin() {
    if isBegun { return }
    isBegun = true
    start.wait()
  }

  /// Ends the run for its thread, which sleeps for ever.
  func die(_ reason: String) -> Never {
    note("dead", 0, 0, reason)
    onDead(reason)
    while true { pause() }
  }
}

/// A semaphore that is opened once.
private final class DispatchGate {
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
  init() { sem_init(semaphore, 0, 0) }
  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }
  func open() { sem_post(semaphore) }
  func wait() { while sem_wait(semaphore) != 0 {} }
}
