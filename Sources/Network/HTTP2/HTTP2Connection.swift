// SPDX-License-Identifier: MIT

public import Bytes
import CNGHTTP2
public import EventLoop
import HTTPWire

/// One HTTP/2 connection (RFC 9113) over a transport, either side of it. nghttp2 knows the frames;
/// here they become byte streams: each stream is a `Transport` of its own, on which its owner reads
/// and writes the text of one HTTP/1.1 exchange.
///
/// Nothing of an owner is called from within nghttp2, or from within a call of an owner's: what is
/// to be told is queued on `attention` and told at the end of the turn. Whatever an owner writes is
/// sent before its call returns, or, within a turn, with all that the turn made at its end.
///
/// SAFETY: used on its loop's thread. It holds itself until it has ended; the raw pointers handed
/// out are of its streams, whose memory the workspace keeps.
public final class HTTP2Connection {
  enum Phase: UInt8 {
    /// → `closing`, `closed`
    case open
    /// The last frame is written; waits for the peer to close → `closed`.
    case closing
    case closed
  }

  let isServer: Bool
  let loop: Loop
  let workspace: HTTP2Workspace
  let limits: HTTP2Limits
  let owner: UnsafeMutableRawPointer
  let callbacks: UnsafePointer<HTTP2ConnectionCallbacks>
  var transport: Transport
  var session: OpaquePointer!
  var phase = Phase.open
  /// Turns and calls of nghttp2 under way: nothing is sent before the outermost ends.
  var depth = 0
  var isTurnScheduled = false
  let timer: UnsafeMutablePointer<TimerNode>

  // Streams.
  var first: HTTP2Stream?
  /// In use, with or without an owner.
  public internal(set) var streamCount = 0
  var attention: HTTP2Stream?
  var attentionTail: HTTP2Stream?

  // The field section that is being received.
  var section: PooledBuffer?
  var sectionListBytes = 0
  var isSectionTooLarge = false

  var budget: HTTP2FloodBudget
  var hasSettings = false
  /// The peer ends the connection, or has been told that we do.
  var hasGoaway = false
  /// What the peer did wrong, for a GOAWAY of our own (an error code of RFC 9113 section 7).
  var violation: UInt32 = 0
  var drainStep = DrainStep.none
  var idleSinceMilliseconds: UInt64
  /// When the socket's queue last moved.
  var writeProgressMilliseconds: UInt64

  enum DrainStep: UInt8 {
    /// → `announced`
    case none
    /// The peer has been told that GOAWAY is coming → `final`.
    case announced
    /// No new stream is taken.
    case final
  }

  private init(
    _ transport: Transport, isServer: Bool, on loop: Loop, in workspace: HTTP2Workspace,
    limits: HTTP2Limits, owner: UnsafeMutableRawPointer,
    callbacks: UnsafePointer<HTTP2ConnectionCallbacks>
  ) {
    self.transport = transport
    self.isServer = isServer
    self.loop = loop
    self.workspace = workspace
    self.limits = limits
    self.owner = owner
    self.callbacks = callbacks
    let now = loop.nowMilliseconds
    budget = HTTP2FloodBudget(nowMilliseconds: now)
    idleSinceMilliseconds = now
    writeProgressMilliseconds = now
    timer = .allocate(capacity: 1)
    timer.initialize(to: TimerNode())
  }

  deinit { timer.deallocate() }

  /// Takes over a connection that is open. Its streams are offered to the owner (a server's), or
  /// opened by it (a client's).
  ///
  /// - Throws: `ENOMEM`; the transport then still is the caller's.
  public static func open(
    _ transport: Transport, isServer: Bool, on loop: Loop, in workspace: HTTP2Workspace,
    limits: HTTP2Limits, owner: UnsafeMutableRawPointer,
    callbacks: UnsafePointer<HTTP2ConnectionCallbacks>
  ) throws(LoopError) -> HTTP2Connection {
    guard workspace.prepare() else { throw .outOfMemory }
    let connection = HTTP2Connection(
      transport, isServer: isServer, on: loop, in: workspace, limits: limits, owner: owner,
      callbacks: callbacks)
    let pointer = Unmanaged.passRetained(connection)
    let storage = workspace.storage
    let make = isServer ? nghttp2_session_server_new2 : nghttp2_session_client_new2
    guard
      make(
        &connection.session, storage.pointee.callbacks, pointer.toOpaque(),
        storage.pointee.options) == 0
    else {
      pointer.release()
      throw .outOfMemory
    }
    connection.start(pointer.toOpaque())
    return connection
  }

  private func start(_ pointer: UnsafeMutableRawPointer) {
    var settings = [
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
        value: UInt32(limits.streamWindowBytes)),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
        value: UInt32(clamping: limits.fieldSectionBytesMaximum)),
    ]
    settings.append(
      isServer
        ? nghttp2_settings_entry(
          settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
          value: limits.concurrentStreamsMaximum)
        : nghttp2_settings_entry(
          settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0))
    nghttp2_submit_settings(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), settings, settings.count)
    nghttp2_session_set_local_window_size(
      session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, limits.connectionWindowBytes)
    transport.adopt(owner: pointer, callbacks: Self.socketCallbacks)
    transport.startReading()
    timer.pointee = TimerNode(owner: pointer) { owner in
      Unmanaged<HTTP2Connection>.fromOpaque(owner!).takeUnretainedValue().sweep()
    }
    loop.arm(timer, delayMilliseconds: HTTP2Limits.sweepMilliseconds)
    flush()
    if phase == .open && attention != nil { scheduleTurn() }
  }

  // MARK: Receiving

  /// Bytes from the transport: frames, then what they ask for, then what is to be sent.
  public func receive(_ bytes: ByteView) {
    guard phase == .open else { return }
    depth += 1
    let taken = nghttp2_session_mem_recv(session, bytes.base, bytes.count)
    depth -= 1
    if taken < 0 && violation == 0 { violation = Self.errorCode(of: taken) }
    if violation != 0 {
      calmDown()
    }
    turn()
  }

  private static func errorCode(of failure: Int) -> UInt32 {
    switch failure {
    case Int(NGHTTP2_ERR_FLOODED.rawValue): UInt32(NGHTTP2_ENHANCE_YOUR_CALM.rawValue)
    case Int(NGHTTP2_ERR_NOMEM.rawValue): UInt32(NGHTTP2_INTERNAL_ERROR.rawValue)
    default: UInt32(NGHTTP2_PROTOCOL_ERROR.rawValue)
    }
  }

  /// Tells a peer that has gone too far, in a frame of our own (nghttp2 takes no more part after
  /// an error), and ends the connection.
  func calmDown() {
    // Length 8, type GOAWAY, stream 0; last stream 0, then the code (RFC 9113 section 6.8).
    var frame: InlineArray<17, UInt8> = .init(repeating: 0)
    frame[2] = 8
    frame[3] = 7
    let last = UInt32(bitPattern: nghttp2_session_get_last_proc_stream_id(session))
    for place in 0..<4 {
      frame[9 + place] = UInt8(truncatingIfNeeded: last >> UInt32(24 - 8 * place))
      frame[13 + place] = UInt8(truncatingIfNeeded: violation >> UInt32(24 - 8 * place))
    }
    _ = frame.span.withUnsafeBufferPointer {
      transport.write(ByteView(base: $0.baseAddress!, count: $0.count))
    }
    beginClosing()
  }

  // MARK: Turns

  /// Tells owners what they are to know, and sends what came of it, until nothing is left.
  func turn() {
    guard depth == 0 else { return }
    var rounds = 0
    repeat {
      depth += 1
      attend()
      depth -= 1
      flush()
      rounds += 1
    } while attention != nil && rounds < Self.roundsMaximum
    if attention != nil { scheduleTurn() }
    endIfOver()
  }

  /// Of one turn; then the loop's other work has its chance.
  private static let roundsMaximum = 64

  /// A turn of its own, soon: for what comes up within a call of an owner's.
  func scheduleTurn() {
    guard !isTurnScheduled, session != nil else { return }
    isTurnScheduled = true
    let reference = HTTP2Reference(connection: self)
    loop.execute { reference.turn() }
  }

  /// After a call of an owner's.
  func ownerCalled() {
    guard depth == 0 else { return }
    flush()
    if attention != nil || isOver { scheduleTurn() }
  }

  // MARK: Ends

  /// Neither side has anything to say any more.
  private var isOver: Bool {
    switch phase {
    case .closed: return false
    case .closing: return false
    case .open:
      return nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
    }
  }

  private func endIfOver() {
    if isOver { beginClosing() }
    if phase == .closed { finish() }
  }

  /// FIN after what is written; then the peer has a moment to close, because closing with unread
  /// bytes would send a reset, which can overtake the last frames.
  func beginClosing() {
    guard phase == .open else { return }
    phase = .closing
    failStreams(LoopError.connectionReset.code)
    transport.shutdown()
    loop.arm(timer, delayMilliseconds: HTTP2Limits.closingMilliseconds)
  }

  /// The transport has failed or is not wanted any more. Owners of streams are told; then
  /// `onClosed` is called, in this turn or one to come.
  func breakOff(_ code: Int32) {
    guard phase != .closed else { return }
    phase = .closed
    transport.close()
    failStreams(code)
    // Within a turn its end sees to the rest.
    if depth == 0 { scheduleTurn() }
  }

  /// Ends the connection at once.
  public func close() { breakOff(LoopError.canceled.code) }

  private func finish() {
    guard depth == 0, first == nil, session != nil else { return }
    loop.disarm(timer)
    nghttp2_session_del(session)
    session = nil
    if let section { loop.buffers.give(section) }
    section = nil
    let pointer = Unmanaged.passUnretained(self)
    callbacks.pointee.onClosed(owner, pointer.toOpaque())
    pointer.release()
  }
}

/// A connection as a scheduled turn remembers it.
///
/// SAFETY: only used on the loop's thread.
private struct HTTP2Reference: @unchecked Sendable {
  let connection: HTTP2Connection

  func turn() {
    connection.isTurnScheduled = false
    connection.turn()
  }
}
