// SPDX-License-Identifier: MIT

import Clocks
import FakeProviders
import SimulatedWorld

/// A provider's server: the fake provider of the tests behind simulated connections.
final class SimulatedServer {
  let number: Int
  let wire: Wire
  unowned let run: Run
  private(set) var connectionCount = 0
  var openConnections: [ServerConnection] = []

  init(number: Int, wire: Wire, run: Run) {
    self.number = number
    self.wire = wire
    self.run = run
  }

  /// What the nth connect to this server meets.
  func connect() -> ConnectOutcome {
    connectionCount += 1
    var conditions = run.plan.serverConditions
    for fault in run.plan.faults {
      switch fault {
      case .connect(number, connectionCount, .refused): return .refused
      case .connect(number, connectionCount, .silence): return .silence
      case .connect(number, connectionCount, .resetAtOnce): return .resetAtOnce(conditions)
      case .connect(number, connectionCount, .slow): conditions.latency = .milliseconds(1_500)
      case .smallBuffers(let bytes):
        conditions.sendBufferBytes = bytes
        conditions.windowBytes = bytes
      default: break
      }
    }
    let connection = ServerConnection(server: self, ordinal: connectionCount)
    openConnections.append(connection)
    return .accepted(connection, conditions)
  }

  /// The steps by which the provider answers `request` with `script`.
  func steps(_ request: ReceivedRequest, _ script: String) -> [WireStep] {
    let options = ScriptedProvider.Options(
      wire: wire, defaultScript: AnswerScript.script(script))
    let provider = ScriptedProvider(options, now: { 1_767_225_600 })
    return provider.respond(to: request)
  }
}

/// One connection to a server.
final class ServerConnection: LinkParty {
  private unowned let server: SimulatedServer
  private let ordinal: Int
  private var run: Run { server.run }
  private var reader = MessageReader(isResponse: false)
  /// The same a little earlier: what the gateway has written.
  private var written = MessageReader(isResponse: false)
  private var attempt: AttemptRecord?
  private var link: Link?
  /// The last request that the gateway has written here, the model that it asks for, and what the
  /// server has made of it.
  private(set) var heldRecord: RequestRecord?
  private(set) var heldModel = ""
  private(set) var heldAttempt: AttemptRecord?
  private var writtenCount = 0
  /// Those who waited for a place when a request began to be written.
  private var waiting: [RequestRecord] = []
  private var steps: ArraySlice<WireStep> = []
  private var isGone = false
  private var input: [UInt8] = []
  /// Bytes sent on this connection.
  private var sentByteCount = 0
  private(set) var requestCount = 0

  init(server: SimulatedServer, ordinal: Int) {
    self.server = server
    self.ordinal = ordinal
  }

  func linkOpened(_ link: Link) {}

  func linkAccepted(_ link: Link, _ bytes: UnsafeBufferPointer<UInt8>) {
    self.link = link
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      if written.byteCount == 0 {
        waiting = writtenCount > 0 ? run.gates.waiting(for: server) : []
      }
      written.read(&rest)
      guard written.isComplete else { break }
      requestWritten()
      written = MessageReader(isResponse: false)
    }
  }

  private func requestWritten() {
    writtenCount += 1
    heldAttempt = nil
    heldRecord = run.ledger.requestWritten(written, server: server.number)
    heldModel = SimulatedGateway.model(of: written.body, server: server.number)
    run.gates.judgeCount(server, heldModel)
    guard let heldRecord else { return }
    run.gates.judgeOrder(heldRecord, server.number, heldModel, waiting)
    run.gates.judgeWait(heldRecord, server.number)
  }

  /// A request is on its way to this server's kernel.
  var isBeingWritten: Bool {
    written.byteCount > 0 && !written.isComplete && link?.isStreamClosed == false
  }

  /// The request that was written last is under way as the gateway must see it.
  var isHeld: Bool {
    guard heldRecord != nil, let link, !link.isStreamClosed else { return false }
    guard let heldAttempt else { return true }
    return link.readByteCount < heldAttempt.leastEnd
  }

  /// The gateway has not let go of what it wrote last: the answer has not been read to its end, or
  /// not even begun.
  func isOpen(beyondBegin: Bool) -> Bool {
    guard heldRecord != nil, let link, !link.isStreamClosed else { return false }
    guard let heldAttempt else { return true }
    let end = beyondBegin ? heldAttempt.byteCount : 1
    return link.readByteCount - heldAttempt.firstByte < end
  }

  func linkReceived(_ link: Link, _ bytes: [UInt8]) {
    input += bytes
    readNext(link)
  }

  func linkEnded(_ link: Link) {
    isGone = true
    link.close()
  }

  func linkBroken(_ link: Link) { isGone = true }

  private func readNext(_ link: Link) {
    guard attempt == nil, !isGone else { return }
    var rest = input[...]
    reader.read(&rest)
    input = Array(rest)
    if case .broken(let reason) = reader.state {
      run.fail("the gateway's request to s\(server.number) is no HTTP: \(reason)")
      return
    }
    guard reader.isComplete else { return }
    let message = reader
    reader = MessageReader(isResponse: false)
    requestCount += 1
    if closesIdle(link, atRequest: true) {
      run.ledger.requestUnseen(message)
      return
    }
    answer(link, message)
  }

  private func answer(_ link: Link, _ message: MessageReader) {
    let parts = message.startLine.split(separator: " ")
    let request = ReceivedRequest(
      method: String(parts.first ?? ""), target: String(parts.dropFirst().first ?? ""),
      headers: message.fields, body: message.body)
    guard let record = run.ledger.attempt(message, server: server, request) else { return }
    record.firstByte = sentByteCount
    record.link = link
    record.isReused = requestCount > 1
    attempt = record
    heldAttempt = record
    steps = record.steps[...]
    proceed(link)
  }

  /// Does steps until one has to wait.
  private func proceed(_ link: Link) {
    while !isGone, let step = steps.popFirst() {
      switch step {
      case .send(let bytes):
        sentByteCount += bytes.count
        attempt?.sent += bytes
        link.send(bytes)
      case .wait(let milliseconds):
        run.world.after(.milliseconds(Int64(milliseconds))) { [self] in proceed(link) }
        return
      case .keepOpen:
        attempt = nil
        if closesIdle(link, atRequest: false) { return }
        readNext(link)
        return
      case .close:
        attempt = nil
        isGone = true
        link.finish()
      case .reset:
        attempt = nil
        isGone = true
        link.reset()
      case .stall: return
      }
    }
  }

  private func closesIdle(_ link: Link, atRequest: Bool) -> Bool {
    for fault in run.plan.faults {
      guard
        case .idleClose(server.number, ordinal, let milliseconds, let isReset) = fault,
        (milliseconds == 0) == atRequest, atRequest ? requestCount > 1 : true
      else { continue }
      run.world.after(.milliseconds(Int64(milliseconds))) { [self] in
        guard !isGone, attempt == nil else { return }
        isGone = true
        if isReset { link.reset() } else { link.close() }
      }
      return atRequest
    }
    return false
  }
}
