// SPDX-License-Identifier: MIT

internal import ControlPlane

/// Writes an answer as HTTP/1.1 (RFC 9112), with the faults of a script.
struct WirePlan {
  private let answer: ProviderAnswer
  private let wire: Wire
  private let script: Script
  private let isHead: Bool
  private let keepsAlive: Bool
  private let allowsChunks: Bool

  init(
    answer: ProviderAnswer, wire: Wire, script: Script, isHead: Bool, keepsAlive: Bool,
    allowsChunks: Bool
  ) {
    self.answer = answer
    self.wire = wire
    self.script = script
    self.isHead = isHead
    self.keepsAlive = keepsAlive
    self.allowsChunks = allowsChunks
  }

  /// An answer without any script.
  init(_ answer: ProviderAnswer, wire: Wire, keepsAlive: Bool) {
    self.init(
      answer: answer, wire: wire, script: Script(), isHead: false, keepsAlive: keepsAlive,
      allowsChunks: true)
  }

  /// How the end of the body is told.
  private enum Framing {
    case length(Int)
    case chunked
    case closing
  }

  var steps: [WireStep] {
    let parts = bodyParts
    let framing = framing(parts)
    let closes = script.closesConnection || !keepsAlive || isClosing(framing)
    var steps: [WireStep] = []
    if script.delayMilliseconds > 0 { steps.append(.wait(milliseconds: script.delayMilliseconds)) }
    if let end = interruptionBeforeHead { return steps + [end] }
    if script.sendsInterimResponse {
      steps.append(.send(Array("HTTP/1.1 103 Early Hints\r\n\r\n".utf8)))
    }
    let head = head(framing, closes: closes)
    var body = isHead ? [] : bodySteps(parts, framing)
    let last = interrupt(&body) ?? (closes ? .close : .keepOpen)
    // Head and first part go out together unless a pause stands between them.
    if case .send(let first)? = body.first {
      body[0] = .send(head + first)
    } else {
      body.insert(.send(head), at: 0)
    }
    return split(steps + body) + [last]
  }

  // MARK: Head

  private func framing(_ parts: [[UInt8]]) -> Framing {
    if script.isFramedByClose { return .closing }
    switch answer.body {
    case .whole: return .length(parts.reduce(0) { $0 + $1.count })
    case .stream: return allowsChunks ? .chunked : .closing
    }
  }

  private func isClosing(_ framing: Framing) -> Bool {
    if case .closing = framing { return true }
    return false
  }

  private func head(_ framing: Framing, closes: Bool) -> [UInt8] {
    if script.hasMalformedHead { return Array("HTTP/9.9 two hundred\r\n\r\n".utf8) }
    var text = "HTTP/1.1 \(answer.status) \(Self.reason(answer.status))\r\n"
    switch answer.body {
    case .whole(_, let contentType): text += "Content-Type: \(contentType)\r\n"
    case .stream(_, let format):
      text += "Content-Type: \(format.contentType)\r\nCache-Control: no-cache\r\n"
    }
    if script.compresses { text += "Content-Encoding: gzip\r\n" }
    switch framing {
    case .length(let count): text += "Content-Length: \(count)\r\n"
    case .chunked: text += "Transfer-Encoding: chunked\r\n"
    case .closing: break
    }
    for header in wire.headers(delayMilliseconds: script.delayMilliseconds) {
      text += "\(header.name): \(header.value)\r\n"
    }
    for header in answer.headers { text += "\(header.name): \(header.value)\r\n" }
    if let count = script.paddingHeaderBytes {
      text += "x-padding: \(String(repeating: "p", count: count))\r\n"
    }
    if closes { text += "Connection: close\r\n" }
    return Array((text + "\r\n").utf8)
  }

  private static func reason(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 402: "Payment Required"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 413: "Payload Too Large"
    case 422: "Unprocessable Entity"
    case 424: "Failed Dependency"
    case 429: "Too Many Requests"
    case 500: "Internal Server Error"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    default: "Scripted"
    }
  }

  // MARK: Body

  /// The parts of the body between which a stream pauses.
  private var bodyParts: [[UInt8]] {
    let parts: [[UInt8]] =
      switch answer.body {
      case .whole(let bytes, _): [brokenBody(bytes)]
      case .stream(let events, let format):
        StreamFraming(
          format: format, script: script, startsWithComment: wire == .deepseek
        ).parts(faulty(events, format))
      }
    return script.compresses ? GzipEncoder.compress(parts) : parts
  }

  /// The error of a 200, and of an event within a stream.
  private var hiddenError: ProviderError {
    ProviderError(script.errorKind ?? .server, code: script.errorCode)
  }

  private func brokenBody(_ bytes: [UInt8]) -> [UInt8] {
    if script.hasErrorBody { return wire.body(of: hiddenError).encodedBytes }
    return script.malformedChunk == nil ? bytes : Array(bytes.dropLast(bytes.count / 3))
  }

  private func faulty(_ events: [StreamEvent], _ format: StreamFormat) -> [StreamEvent] {
    var failure =
      answer.errorForm == .responses
      ? [hiddenError.responsesEvent] : [wire.event(of: hiddenError)]
    if format == .jsonArray { failure.append(StreamEvent(kind: .done, data: [])) }
    if script.hasErrorBody { return failure }
    var result: [StreamEvent] = []
    for (index, event) in events.enumerated() {
      if index == script.errorAtChunk { return result + failure }
      if script.omitsDone, index == events.count - 1 { return result }
      if script.omitsFinish, event.kind != .chunk { return result }
      if script.sendsUnknownEvent, index == 1, let unknown { result.append(unknown) }
      var event = event
      if index == script.malformedChunk { event.data.removeLast(event.data.count / 3) }
      result.append(event)
    }
    return result
  }

  /// An event of a kind that clients do not know, on wires whose events have kinds.
  private var unknown: StreamEvent? {
    switch wire {
    case .anthropic, .bedrock:
      .chunk(["type": "scripted_future_event"], name: "scripted_future_event")
    case .openai where answer.errorForm == .responses:
      .chunk(
        ["type": "response.scripted_future", "sequence_number": 0],
        name: "response.scripted_future")
    default: nil
    }
  }

  private func bodySteps(_ parts: [[UInt8]], _ framing: Framing) -> [WireStep] {
    var steps: [WireStep] = []
    for (index, part) in parts.enumerated() {
      let pause =
        index == 0 ? script.firstChunkDelayMilliseconds : script.chunkDelayMilliseconds
      if pause > 0 { steps.append(.wait(milliseconds: pause)) }
      if case .chunked = framing {
        let size = Array("\(String(part.count, radix: 16))\r\n".utf8)
        steps.append(.send(size + part + [0x0D, 0x0A]))
      } else if !part.isEmpty {
        steps.append(.send(part))
      }
    }
    if case .chunked = framing { steps.append(.send(Array("0\r\n\r\n".utf8))) }
    return steps
  }

  // MARK: Faults on the wire

  private var interruptionBeforeHead: WireStep? {
    guard let interruption = script.interruption, interruption.position == .beforeHead else {
      return nil
    }
    return Self.step(interruption.kind)
  }

  private static func step(_ kind: Script.Interruption.Kind) -> WireStep {
    switch kind {
    case .reset: .reset
    case .cut: .close
    case .stall: .stall
    }
  }

  /// Shortens `body` to where it breaks off, and says how.
  private func interrupt(_ body: inout [WireStep]) -> WireStep? {
    guard let interruption = script.interruption else { return nil }
    var left: Int
    switch interruption.position {
    case .beforeHead: return nil
    case .afterBodyBytes(let count): left = count
    case .halfOfBody: left = body.reduce(0) { $0 + $1.byteCount } / 2
    }
    var kept: [WireStep] = []
    for step in body {
      guard case .send(let bytes) = step else {
        if left > 0 { kept.append(step) }
        continue
      }
      if left == 0 { break }
      kept.append(.send(Array(bytes.prefix(left))))
      left -= min(left, bytes.count)
    }
    body = kept
    return Self.step(interruption.kind)
  }

  private func split(_ steps: [WireStep]) -> [WireStep] {
    guard let size = script.splitBytes else { return Self.merged(steps) }
    var result: [WireStep] = []
    for step in steps {
      guard case .send(let bytes) = step else {
        result.append(step)
        continue
      }
      for start in stride(from: 0, to: bytes.count, by: size) {
        result.append(.send(Array(bytes[start..<min(start + size, bytes.count)])))
        if script.splitDelayMilliseconds > 0 {
          result.append(.wait(milliseconds: script.splitDelayMilliseconds))
        }
      }
    }
    return result
  }

  /// Joins writes between which nothing happens, up to a bound: an unpaced stream is not to cost
  /// one system call per token.
  private static func merged(_ steps: [WireStep]) -> [WireStep] {
    var result: [WireStep] = []
    var open: [UInt8] = []
    for step in steps {
      if case .send(let bytes) = step, open.count + bytes.count <= 16_384 {
        open += bytes
        continue
      }
      if !open.isEmpty { result.append(.send(open)) }
      open = []
      if case .send(let bytes) = step { open = bytes } else { result.append(step) }
    }
    if !open.isEmpty { result.append(.send(open)) }
    return result
  }
}

extension WireStep {
  fileprivate var byteCount: Int {
    if case .send(let bytes) = self { return bytes.count }
    return 0
  }
}
