// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import Synchronization

/// One client of the scripted provider: reads requests, carries out the steps of the answers.
///
/// Confined to the server's loop. It is kept alive by the server's table until it is closed.
final class ProviderConnection {
  /// Above this much unsent output the next step waits, so that a slow reader slows its stream.
  private static let queuedBytesMaximum = 256 * 1024
  /// Above this much input behind a request in progress the reader stops.
  private static let pipelinedBytesMaximum = 64 * 1024
  private static let lingerMilliseconds: UInt64 = 2_000

  /// What the connection is about.
  private enum State {
    /// A request is being read → `answering`, `closed`.
    case reading
    /// Step `next` of the answer comes next → `reading`, `stalled`, `lingering`, `closed`.
    case answering(steps: [WireStep], next: Int)
    /// Nothing will be sent until the peer leaves → `closed`.
    case stalled
    /// FIN is sent; what still arrives is dropped until the peer's FIN → `closed`.
    case lingering
    case closed
  }

  private unowned let core: ProviderServerCore
  private let socket: TCPSocket
  private var state = State.reading
  private var assembler: RequestAssembler
  private var timer: LoopTimer?
  /// A pause, or output that must drain first.
  private var isWaiting = false
  private var isReadingNext = false

  init(_ socket: TCPSocket, core: ProviderServerCore) {
    self.socket = socket
    self.core = core
    assembler = RequestAssembler(bodyBytesMaximum: core.bodyBytesMaximum)
  }

  /// Takes the socket over. Not part of `init`: the server must hold this object first.
  func start() {
    socket.adopt(owner: Unmanaged.passUnretained(self).toOpaque(), callbacks: core.callbacks)
    socket.startReading()
  }

  func close() {
    if case .closed = state { return }
    if isMidAnswer { core.activity.withLock { $0.abandoned += 1 } }
    state = .closed
    timer?.close()
    timer = nil
    socket.close()
    core.forget(self)
  }

  private var isMidAnswer: Bool {
    switch state {
    case .answering, .stalled: true
    default: false
    }
  }

  // MARK: Events

  func received(_ bytes: UnsafeBufferPointer<UInt8>) {
    switch state {
    case .lingering, .stalled, .closed: return
    case .answering:
      assembler.append(bytes)
      if assembler.bufferedByteCount > Self.pipelinedBytesMaximum { socket.stopReading() }
    case .reading:
      assembler.append(bytes)
      readNext()
    }
  }

  func drained() {
    guard case .answering = state, isWaiting, timer == nil else { return }
    isWaiting = false
    advance()
  }

  // MARK: Requests

  private func readNext() {
    // An answer that is out at once comes back here by `finish`; the loop goes on with the next.
    if isReadingNext { return }
    isReadingNext = true
    defer { isReadingNext = false }
    while case .reading = state {
      switch assembler.next() {
      case .needMore: return
      case .expectsContinue: send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
      case .request(let request, let keepsAlive, let allowsChunks):
        answer(steps(request, keepsAlive: keepsAlive, allowsChunks: allowsChunks))
      case .failure(let status, let message):
        let error = ProviderError(.invalidRequest, message, status: status)
        let wire = core.provider.options.wire ?? .openai
        answer(WirePlan(wire.answer(error), wire: wire, keepsAlive: false).steps)
      }
    }
  }

  private func steps(
    _ request: ReceivedRequest, keepsAlive: Bool, allowsChunks: Bool
  ) -> [WireStep] {
    if let answer = ProviderControl(core: core).answer(request) {
      return WirePlan(answer, wire: .openai, keepsAlive: keepsAlive).steps
    }
    core.note(request)
    return core.provider.respond(to: request, keepsAlive: keepsAlive, allowsChunks: allowsChunks)
  }

  private func answer(_ steps: [WireStep]) {
    state = .answering(steps: steps, next: 0)
    advance()
  }

  /// Does steps until one has to wait.
  private func advance() {
    while case .answering(let steps, let next) = state, !isWaiting, next < steps.count {
      state = .answering(steps: steps, next: next + 1)
      switch steps[next] {
      case .send(let bytes): send(bytes)
      case .wait(let milliseconds): pause(milliseconds)
      case .keepOpen: finish()
      case .stall: state = .stalled
      case .close: linger()
      case .reset:
        core.activity.withLock { $0.completed += 1 }
        state = .lingering
        socket.reset()
        close()
      }
    }
  }

  private func send(_ bytes: [UInt8]) {
    let result = bytes.withByteView { socket.write($0) }
    switch result {
    case .sent: break
    case .queued: isWaiting = socket.queuedByteCount > Self.queuedBytesMaximum
    case .failed: close()
    }
  }

  private func pause(_ milliseconds: Int) {
    guard let timer = try? LoopTimer(on: core.loop) else {
      close()
      return
    }
    isWaiting = true
    self.timer = timer
    timer.start(delayMilliseconds: UInt64(milliseconds)) { [unowned self] in
      self.timer?.close()
      self.timer = nil
      isWaiting = false
      advance()
    }
  }

  private func finish() {
    core.activity.withLock { $0.completed += 1 }
    state = .reading
    socket.startReading()
    readNext()
  }

  /// An orderly end: FIN, then wait for the peer's. Closing at once, with input unread, would make
  /// the kernel send RST and could destroy what the peer has not read yet.
  private func linger() {
    core.activity.withLock { $0.completed += 1 }
    state = .lingering
    socket.shutdown()
    socket.startReading()
    guard let timer = try? LoopTimer(on: core.loop) else {
      close()
      return
    }
    self.timer = timer
    timer.start(delayMilliseconds: Self.lingerMilliseconds) { [unowned self] in close() }
  }
}
