// SPDX-License-Identifier: MIT

internal import ControlPlane

/// Writes an answer as HTTP/1.1 (RFC 9112), with the faults of a script.
struct WirePlan {
  private let answer: ProviderAnswer
  private let script: Script
  private let isHead: Bool
  private let keepsAlive: Bool
  private let allowsChunks: Bool

  init(
    answer: ProviderAnswer, script: Script, isHead: Bool, keepsAlive: Bool, allowsChunks: Bool
  ) {
    self.answer = answer
    self.script = script
    self.isHead = isHead
    self.keepsAlive = keepsAlive
    self.allowsChunks = allowsChunks
  }

  /// An error answer without any script.
  init(_ error: ProviderError, keepsAlive: Bool) {
    self.init(
      answer: ProviderAnswer(error), script: Script(), isHead: false, keepsAlive: keepsAlive,
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
    case .whole(let bytes, _): return .length(brokenBody(bytes).count)
    case .events: return allowsChunks ? .chunked : .closing
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
    case .events:
      text += "Content-Type: text/event-stream; charset=utf-8\r\n"
      text += "Cache-Control: no-cache\r\n"
    }
    switch framing {
    case .length(let count): text += "Content-Length: \(count)\r\n"
    case .chunked: text += "Transfer-Encoding: chunked\r\n"
    case .closing: break
    }
    text += "x-request-id: req_scripted\r\nopenai-version: 2020-10-01\r\n"
    text += "openai-processing-ms: \(script.delayMilliseconds)\r\n"
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
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
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
    switch answer.body {
    case .whole(let bytes, _): [brokenBody(bytes)]
    case .events(let events): framed(faulty(events))
    }
  }

  private func brokenBody(_ bytes: [UInt8]) -> [UInt8] {
    if script.hasErrorBody {
      return ProviderError.scripted(status: 500, code: script.errorCode).body.encodedBytes
    }
    return script.malformedChunk == nil ? bytes : Array(bytes.dropLast(bytes.count / 3))
  }

  private func faulty(_ events: [StreamEvent]) -> [StreamEvent] {
    let error = StreamEvent.raw(
      ProviderError.scripted(status: 500, code: script.errorCode).body.text)
    if script.hasErrorBody { return [error] }
    var result: [StreamEvent] = []
    for (index, event) in events.enumerated() {
      if index == script.errorAtChunk { return result + [error] }
      switch event {
      case .finish, .usage, .done:
        if script.omitsFinish { return result }
        if case .done = event, script.omitsDone { return result }
      case .chunk, .raw: break
      }
      if index == script.malformedChunk {
        let data = event.data
        let part = String(decoding: data.dropLast(data.count / 3), as: UTF8.self)
        result.append(.raw(part))
      } else {
        result.append(event)
      }
    }
    return result
  }

  /// Server-sent event framing (WHATWG HTML 9.2), plain or in its rarer forms.
  private func framed(_ events: [StreamEvent]) -> [[UInt8]] {
    let lineEnd = Array((script.usesCarriageReturns ? "\r\n" : "\n").utf8)
    return events.map { event in
      var bytes: [UInt8] = []
      if script.sendsComments { bytes += Array(": keep-alive".utf8) + lineEnd + lineEnd }
      let data = event.data
      // JSON may break after a comma between members: `","` cannot end inside a string there.
      if script.splitsDataLines, let comma = Self.memberBoundary(data) {
        bytes += Array("data: ".utf8) + data[...comma] + lineEnd
        bytes += Array("data: ".utf8) + data[(comma + 1)...] + lineEnd + lineEnd
      } else {
        bytes += Array("data: ".utf8) + data + lineEnd + lineEnd
      }
      return bytes
    }
  }

  /// The first comma of a chunk: it stands after `"id":"…"`, and ids have no comma.
  private static func memberBoundary(_ data: [UInt8]) -> Int? {
    data.first == UInt8(ascii: "{") ? data.firstIndex(of: UInt8(ascii: ",")) : nil
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
