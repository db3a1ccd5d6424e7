// SPDX-License-Identifier: MIT

import Clocks
import SimulatedWorld

/// A client: sends its requests one connection at a time, reads what comes, and leaves where its
/// plan says so.
final class SimulatedClient: LinkParty {
  let plan: ClientPlan
  private unowned let run: Run
  private var link: Link?
  private var reader = MessageReader(isResponse: true)
  /// What the gateway has written, a little earlier than it arrives.
  private var written = MessageReader(isResponse: true)
  /// Requests sent on this connection and not answered, oldest first.
  private var waiting: [RequestRecord] = []
  /// The same, by what the gateway has written.
  private var unwritten: [RequestRecord] = []
  private var unsent: ArraySlice<RequestPlan>
  /// Bytes of requests on this connection, those that are still to be sent included.
  private var requestByteCount = 0
  private var isSending = false
  private var isOpen = false
  private(set) var isDone = false

  init(plan: ClientPlan, run: Run) {
    self.plan = plan
    self.run = run
    unsent = plan.requests[...]
  }

  func start() {
    run.world.after(.milliseconds(Int64(plan.startMilliseconds))) { [self] in next() }
  }

  // MARK: Requests

  /// Sends the next request, on a new connection where there is none.
  private func next() {
    guard !isSending, !isDone, waiting.isEmpty || plan.isPipelining else { return }
    guard let request = unsent.first else {
      if waiting.isEmpty { finish() }
      return
    }
    if link == nil {
      link = run.world.connectToGateway(self, conditions)
      return
    }
    guard isOpen else { return }
    unsent.removeFirst()
    send(request)
  }

  private var conditions: LinkConditions {
    var conditions = plan.conditions
    for fault in run.plan.faults {
      switch fault {
      case .slowReader(plan.number, let bytes, let pause):
        conditions.partyReadBytes = bytes
        conditions.partyReadPause = .milliseconds(Int64(pause))
      case .smallBuffers(let bytes):
        conditions.sendBufferBytes = bytes
        conditions.windowBytes = bytes
      default: break
      }
    }
    return conditions
  }

  private func send(_ request: RequestPlan) {
    guard let link else { return }
    let record = run.ledger.record(request)
    record.sentAt = run.world.now
    record.clientLink = link
    run.world.note("asks", request.number, link.number, request.model)
    waiting.append(record)
    unwritten.append(record)
    let isStranger = run.plan.isStranger(request)
    var bytes =
      isStranger
      ? request.api.request(request, key: "sk-nobody-knows") : request.api.request(request)
    requestByteCount += bytes.count
    record.endByte = requestByteCount
    for fault in run.plan.faults {
      guard case .halfSent(request.number, let count, let leaves) = fault, count < bytes.count
      else { continue }
      record.isHalfSent = true
      isSending = true
      link.send(Array(bytes.prefix(count)))
      if leaves { run.world.after(.milliseconds(30)) { [self] in leave(record, isReset: false) } }
      return
    }
    isSending = true
    let size = request.pieceBytes > 0 ? request.pieceBytes : bytes.count
    func sendPiece() {
      guard self.link === link else { return }
      link.send(Array(bytes.prefix(size)))
      bytes.removeFirst(min(size, bytes.count))
      if bytes.isEmpty {
        isSending = false
        leaveIfPlanned(record)
        leaveAsStranger(record)
        if plan.isPipelining, self.link === link { next() }
      } else {
        run.world.after(request.pieceDelay, sendPiece)
      }
    }
    sendPiece()
  }

  private func leaveIfPlanned(_ record: RequestRecord) {
    guard waiting.first === record else { return }
    for fault in run.plan.faults {
      guard case .leave(record.plan.number, let bytes, let isReset) = fault,
        reader.byteCount >= bytes
      else { continue }
      // Now, or while the gateway is at it.
      run.world.after(.milliseconds(Int64(run.world.draw(below: 60)))) { [self] in
        leave(record, isReset: isReset)
      }
      return
    }
  }

  private func leaveAsStranger(_ record: RequestRecord) {
    for case .stranger(record.plan.number, true) in run.plan.faults {
      leave(record, isReset: true)
    }
  }

  private func leave(_ record: RequestRecord, isReset: Bool) {
    guard waiting.first === record, let link else { return }
    run.world.note("leaves", link.number, isReset ? 1 : 0)
    if isReset { link.reset() } else { link.close() }
    record.end(.left, run.world.now)
    waiting.removeFirst()
    connectionGone()
  }

  private func finish() {
    isDone = true
    link?.close()
    link = nil
    run.clientFinished()
  }

  /// The gateway has read the request whose turn it is to its end.
  func noteReady() {
    guard let first = unwritten.first, first.readyAt == nil, let link,
      link.readByteCount >= first.endByte
    else { return }
    first.readyAt = run.world.now
  }

  // MARK: Events

  func linkOpened(_ link: Link) {
    guard link === self.link else { return }
    reader = MessageReader(isResponse: true)
    written = MessageReader(isResponse: true)
    unwritten = []
    requestByteCount = 0
    isOpen = true
    next()
  }

  func linkAccepted(_ link: Link, _ bytes: UnsafeBufferPointer<UInt8>) {
    // The gateway may not know yet that the client has left.
    guard link === self.link else { return }
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      guard let first = unwritten.first else {
        run.fail("bytes to c\(plan.number) that belong to no request")
        return
      }
      if first.firstByteAt == nil {
        first.firstByteAt = run.world.now
        first.fullServers = run.gates.fullServers()
      }
      written.read(&rest)
      let isKeptAlive = run.plan.settings.keepAliveMilliseconds > 0 && first.plan.isStream
      if first.committedAt == nil, !isKeptAlive || !first.plan.api.isSilent(written) {
        first.commit(run.world.now)
      }
      if case .broken(let reason) = written.state {
        run.fail("the answer to \(first.plan.tag) is no HTTP: \(reason)")
        return
      }
      guard written.isComplete else { break }
      unwritten.removeFirst()
      run.afterlife.watch(first)
      written = MessageReader(isResponse: true)
    }
  }

  func linkReceived(_ link: Link, _ bytes: [UInt8]) {
    guard link === self.link else { return }
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let first = waiting.first else { return }
      reader.read(&rest)
      if reader.isComplete {
        answered(first)
      } else {
        leaveIfPlanned(first)
        break
      }
    }
  }

  private func answered(_ record: RequestRecord) {
    waiting.removeFirst()
    let message = reader
    reader = MessageReader(isResponse: true)
    record.end(AnswerReader.outcome(message, record.plan, isWhole: true), run.world.now)
    run.world.note("answered", record.plan.number, message.status)
    if message.field("connection")?.lowercased() == "close" {
      link?.close()
      connectionGone()
    } else if waiting.isEmpty || plan.isPipelining {
      thinkThenNext()
    }
  }

  private func thinkThenNext() {
    guard let request = unsent.first else { return next() }
    run.world.after(.milliseconds(Int64(request.thinkMilliseconds))) { [self] in next() }
  }

  func linkEnded(_ link: Link) {
    guard link === self.link else { return }
    reader.end()
    if reader.isComplete, waiting.first != nil { return answered(waiting[0]) }
    link.close()
    ended()
  }

  func linkBroken(_ link: Link) {
    guard link === self.link else { return }
    ended()
  }

  /// The connection is gone by the gateway's doing.
  private func ended() {
    if let first = waiting.first {
      waiting.removeFirst()
      let hasBegun = reader.byteCount > 0
      first.end(
        hasBegun && reader.hasHead
          ? AnswerReader.outcome(reader, first.plan, isWhole: false) : .broken(nil),
        run.world.now)
    }
    connectionGone()
  }

  private func connectionGone() {
    run.world.note("connection-gone", plan.number, waiting.count)
    for record in waiting { record.end(.dropped, run.world.now) }
    waiting = []
    unwritten = []
    reader = MessageReader(isResponse: true)
    link = nil
    isOpen = false
    isSending = false
    if run.isTerminated {
      for request in unsent { run.ledger.record(request).end(.dropped, run.world.now) }
      unsent = []
    }
    run.world.after(.milliseconds(Int64(unsent.first?.thinkMilliseconds ?? 0))) { [self] in next() }
  }
}
