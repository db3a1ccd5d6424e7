// SPDX-License-Identifier: MIT

import ControlPlane
import FakeProviders
import SimulatedWorld

/// What became of one request, from all sides.
final class RequestRecord {
  let plan: RequestPlan
  var sentAt: UInt64 = 0
  var isHalfSent = false
  /// Where it ends among the bytes of its connection.
  var endByte = Int.max
  /// When the gateway had read it to its end, and had answered all before it: it may go upstream.
  var readyAt: UInt64?
  /// Where as many waited as may when its answer began.
  var fullServers: Set<Int> = []
  weak var clientLink: Link?
  /// When the first byte of its answer was written by the gateway.
  var firstByteAt: UInt64?
  /// The same, where that is no sign of life nor the head before one.
  private(set) var committedAt: UInt64?
  /// When the gateway knew that the client had left.
  var goneAt: UInt64?
  private(set) var outcome: ClientOutcome?
  private(set) var endedAt: UInt64 = 0
  private(set) var endCount = 0
  var attempts: [AttemptRecord] = []
  /// Times the gateway has written it to an upstream.
  var writtenCount = 0
  /// Of these, met by a server that closed its idle connection.
  var unseenCount = 0

  init(plan: RequestPlan) { self.plan = plan }

  /// Times it may have gone out again on a new connection without counting as another attempt: a
  /// used connection was closed before a byte of an answer.
  var resentCount: Int {
    unseenCount + attempts.count { $0.isReused && $0.sent.isEmpty }
  }

  func commit(_ now: UInt64) { if committedAt == nil { committedAt = now } }

  func end(_ outcome: ClientOutcome, _ now: UInt64) {
    endCount += 1
    if self.outcome == nil {
      self.outcome = outcome
      endedAt = now
    }
  }
}

/// One request as it reached a server, and what the server did.
final class AttemptRecord {
  let server: Int
  let wire: Wire
  let number: Int
  let fault: String?
  let expected: Answer
  /// By the name that its deployment has.
  let model: String
  let steps: [WireStep]
  /// What a server without faults would have sent.
  let wholeBytes: [UInt8]
  /// Of what it sends, as far as it is known to end.
  let byteCount: Int
  /// Up to here an answer is whole: what comes then is the end of its framing.
  let goodEnd: Int
  var sent: [UInt8] = []
  /// Whether the connection had served a request before.
  var isReused = false
  /// Where the answer begins among the bytes of its connection.
  var firstByte = 0
  var link: Link?
  /// When it came.
  var at: UInt64 = 0

  init(
    server: Int, wire: Wire, model: String, number: Int, fault: String?, expected: Answer?,
    steps: [WireStep], whole: [WireStep], at: UInt64
  ) {
    self.server = server
    self.wire = wire
    self.number = number
    self.fault = fault
    self.model = model
    self.steps = steps
    self.at = at
    var bytes: [UInt8] = []
    for case .send(let piece) in whole { bytes += piece }
    var stepped: [UInt8] = []
    for case .send(let piece) in steps { stepped += piece }
    var left = stepped[...]
    var answer = MessageReader(isResponse: true)
    answer.read(&left)
    let isStalled = steps.contains {
      if case .stall = $0 { return true }
      return false
    }
    byteCount = isStalled && !answer.isComplete ? .max : stepped.count
    wholeBytes = bytes
    // The last chunk's line end and the chunk of size 0.
    let isChunked = bytes.suffix(5).elementsEqual("0\r\n\r\n".utf8)
    goodEnd = bytes.count - (isChunked ? 7 : 0)
    var reader = MessageReader(isResponse: true)
    var rest = bytes[...]
    reader.read(&rest)
    status = reader.status
    self.expected = expected ?? Answer(passed: reader.body)
    usage = ReportedUsage(reader.body, wire)
  }

  let status: Int
  let usage: ReportedUsage?

  /// The gateway has read a byte of it.
  var isBegun: Bool {
    guard let link else { return false }
    return link.readByteCount > firstByte
  }

  /// Up to here among its connection's bytes an attempt is under way for certain.
  var leastEnd: Int {
    let hasOtherEnd = fault != nil || [.gemini, .bedrock].contains(wire)
    return firstByte + (hasOtherEnd ? 1 : goodEnd)
  }

  /// What it says in `Retry-After`, where that is its whole answer.
  var retryAfterSeconds: Int? {
    guard let fault, !fault.contains("_at"), !fault.contains("delay"),
      let value = fault.split(separator: "=").last, fault.hasPrefix("status="),
      fault.contains("retry_after"), !fault.dropFirst(7).contains("status")
    else { return nil }
    return Int(value)
  }

  /// Whether the gateway has read the error to its end.
  var isErrorRead: Bool {
    guard let link, !sent.isEmpty else { return false }
    return link.readByteCount >= firstByte + sent.count
  }

  /// Whether the server sent a whole, good answer.
  var isServed: Bool {
    (200..<300).contains(status) && sent.count >= goodEnd
      && sent.prefix(goodEnd).elementsEqual(wholeBytes.prefix(goodEnd))
  }

  /// Whether the gateway has read it to its end.
  var isRead: Bool {
    guard isServed, let link else { return false }
    return link.readByteCount >= firstByte + wholeBytes.count
  }
}

/// All requests of a run.
final class Ledger {
  private unowned let run: Run
  private(set) var records: [RequestRecord]

  init(run: Run, plan: Plan) {
    self.run = run
    records = plan.requests.map(RequestRecord.init)
  }

  func record(_ plan: RequestPlan) -> RequestRecord { records[plan.number] }

  /// Finds the request by the tag in its words.
  private func find(_ body: [UInt8]) -> RequestRecord? {
    var index = body.startIndex
    while index < body.endIndex {
      guard body[index] == UInt8(ascii: "q") else {
        index += 1
        continue
      }
      let digits = body[(index + 1)...].prefix { (0x30...0x39).contains($0) }
      if !digits.isEmpty, body[digits.endIndex...].starts(with: "x please".utf8),
        let number = Int(String(decoding: digits, as: UTF8.self)), number < records.count
      {
        return records[number]
      }
      index += 1
    }
    return nil
  }

  /// The gateway has written a whole request to a server.
  func requestWritten(_ message: MessageReader, server: Int) -> RequestRecord? {
    guard let record = find(message.body) else {
      run.fail("a request to s\(server) that no client made")
      return nil
    }
    record.writtenCount += 1
    run.world.note("sent-upstream", record.plan.number, server)
    let tag = record.plan.tag
    if record.goneAt != nil { run.fail("\(tag) was sent to s\(server) after its client had left") }
    if record.committedAt != nil {
      run.fail("\(tag) was sent to s\(server) after bytes had gone to its client")
    }
    if run.plan.isStranger(record.plan) { run.fail("\(tag) was sent to s\(server) for a stranger") }
    if record.isHalfSent { run.fail("\(tag) was sent to s\(server) though it never came whole") }
    judgeWaiting(tag, server, SimulatedGateway.model(of: message.body, server: server))
    judgeFields(message, record, server)
    return record
  }

  /// What a client's head says goes with its own request, and with no other. Between APIs it may
  /// be left out.
  private func judgeFields(_ message: MessageReader, _ record: RequestRecord, _ server: Int) {
    let tag = record.plan.tag
    let isSame =
      SimulatedGateway.wires[server] == .openai
      && (record.plan.api == .chat || record.plan.api.isPassed)
    let said = message.field("x-simulated") ?? (isSame ? "nothing" : tag)
    if said != tag { run.fail("the head of \(tag) says \(said) to s\(server)") }
  }

  /// A server that has said `Retry-After` is left alone with that model until then, but for
  /// requests that were waiting for their connection already. (Circuits are those of deployments.)
  private func judgeWaiting(_ tag: String, _ server: Int, _ model: String) {
    for attempt in records.lazy.flatMap(\.attempts)
    where attempt.server == server && attempt.model == model {
      guard let seconds = attempt.retryAfterSeconds, attempt.isErrorRead else { continue }
      let since = Double(run.world.now - attempt.at) / 1e9
      if since > Self.longestConnectSeconds, since < Double(seconds) {
        run.fail("\(tag) was sent to s\(server) \(since) s after it had asked for \(seconds) s")
      }
    }
  }

  /// Look-up and connect together.
  private static let longestConnectSeconds = 10.0

  /// A request has come to a server, which closes its connection instead.
  func requestUnseen(_ message: MessageReader) { find(message.body)?.unseenCount += 1 }

  /// A request has come to a server: how it is to be answered.
  func attempt(
    _ message: MessageReader, server: SimulatedServer, _ request: ReceivedRequest
  ) -> AttemptRecord? {
    guard let record = find(message.body) else { return nil }
    let number = record.attempts.count + 1
    let script = AnswerScript(seed: run.plan.seed, request: record.plan, attempt: number)
    var faults: [String] = []
    for case .answer(record.plan.number, number, let fault) in run.plan.faults {
      faults.append(fault)
    }
    let fault = faults.isEmpty ? nil : faults.joined(separator: ",")
    let whole = server.steps(request, script.text)
    let steps = fault.map { server.steps(request, script.text + "," + $0) } ?? whole
    let attempt = AttemptRecord(
      server: server.number, wire: server.wire,
      model: SimulatedGateway.model(of: message.body, server: server.number), number: number,
      fault: fault, expected: record.plan.api.isPassed ? nil : script.expected, steps: steps,
      whole: whole, at: run.world.now)
    if attempt.status != 200 {
      run.fail(
        "s\(server.number) refuses what the gateway made of \(record.plan.tag): "
          + String(decoding: attempt.wholeBytes.suffix(300), as: UTF8.self))
    }
    record.attempts.append(attempt)
    run.world.note("attempt", record.plan.number, number, fault ?? "")
    return attempt
  }
}
