// SPDX-License-Identifier: MIT

internal import Accounts
internal import Bytes
internal import Clocks
internal import EventLoop
internal import HTTPWire
internal import JSON
internal import ModelCatalog
internal import Network
internal import Routing
internal import Telemetry

/// How access log lines look.
public enum AccessLogFormat: UInt8, Sendable {
  /// One JSON object a line.
  case json
  /// The same values for people: fixed columns first, then `name=value`.
  case text
}

/// A worker's part of the access log: formats a line in scratch memory and leaves it in its ring.
final class AccessLines {
  let ring: LineRing
  let format: AccessLogFormat
  /// Of 64 random bits, those below this leave a line where nothing went wrong.
  let sampleThreshold: UInt64
  private let scratch: UnsafeMutablePointer<UInt8>
  /// The second that `secondText` is of, with its text up to the fraction.
  private var second = Int64.min
  private var secondText: [UInt8] = []

  /// Escapes make a byte six at most; what is logged of a request's own texts is bounded below.
  static let lineBytesMaximum = 16 << 10
  static let pathBytesMaximum = 512
  static let nameBytesMaximum = 256

  /// - Parameter sampleRatio: the share of requests that leave a line, from 0 to 1; what goes wrong
  ///   always does.
  init(ring: LineRing, format: AccessLogFormat, sampleRatio: Double = 1) {
    self.ring = ring
    self.format = format
    sampleThreshold =
      sampleRatio >= 1 ? .max : UInt64(max(sampleRatio, 0) * 0x1p64)
    scratch = .allocate(capacity: Self.lineBytesMaximum)
    secondText.reserveCapacity(32)
  }

  deinit { scratch.deallocate() }

  var writer: ByteWriter { ByteWriter(base: scratch, capacity: Self.lineBytesMaximum) }

  func appendTime(_ milliseconds: Int64, to line: inout ByteWriter) {
    let whole = milliseconds / 1_000
    if whole != second {
      second = whole
      secondText.removeAll(keepingCapacity: true)
      Timestamp(secondsSinceEpoch: whole).appendRFC3339(to: &secondText, fractionDigits: 0)
      secondText.removeLast()
    }
    secondText.withUnsafeBufferPointer { text in
      line.append(ByteView(base: text.baseAddress!, count: text.count))
    }
    line.append(".")
    line.append(decimal: UInt64(milliseconds - whole * 1_000), width: 3)
    line.append("Z")
  }
}

/// One line of the log under way: named values in the chosen format.
private struct AccessFields {
  var line: ByteWriter
  let format: AccessLogFormat

  private mutating func name(_ name: StaticString) {
    if format == .json {
      line.append(",\"")
      line.append(name)
      line.append("\":")
    } else {
      line.append(" ")
      line.append(name)
      line.append("=")
    }
  }

  /// Texts from outside are quoted and escaped in both formats, so that none can begin a line.
  mutating func add(_ name: StaticString, _ text: ByteView) {
    guard !text.isEmpty else { return }
    self.name(name)
    JSONWriter.append(string: text, to: &line)
  }

  mutating func add(_ name: StaticString, _ text: StaticString) {
    add(name, ByteView(base: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func add(_ name: StaticString, _ value: UInt64) {
    self.name(name)
    line.append(decimal: value)
  }

  mutating func addTrue(_ name: StaticString) {
    self.name(name)
    line.append("true")
  }

  /// In dollars, to the picodollar.
  mutating func add(_ name: StaticString, _ money: Money) {
    self.name(name)
    let (dollars, rest) = UInt64(clamping: money.picodollars)
      .quotientAndRemainder(dividingBy: 1_000_000_000_000)
    line.append(decimal: dollars)
    line.append(".")
    line.append(decimal: rest, width: 12)
  }

  mutating func add(_ name: StaticString, milliseconds nanoseconds: UInt64) {
    self.name(name)
    line.append(decimal: nanoseconds / 1_000_000)
    line.append(".")
    line.append(decimal: nanoseconds / 1_000 % 1_000, width: 3)
  }
}

/// The access log's line about an exchange: who asked for what, what came of it, how long it took.
/// Never what was said: no prompt, no answer, no key, no query string.
extension Worker {
  func writeAccessLine(_ client: Client, _ access: AccessLines, now: UInt64) {
    guard isLogged(client, access) else { return }
    var fields = AccessFields(line: access.writer, format: access.format)
    let isJSON = access.format == .json
    fields.line.append(isJSON ? "{\"time\":\"" : "")
    access.appendTime(wallMilliseconds, to: &fields.line)
    fields.line.append(isJSON ? "\"" : "")
    addRequest(client, &fields)
    fields.add("status", UInt64(client.pointee.exchange.status))
    let start = client.pointee.exchange.startNanoseconds
    fields.add("duration_ms", milliseconds: now - start)
    let first = client.pointee.exchange.firstByteNanoseconds
    if first > start { fields.add("first_byte_ms", milliseconds: first - start) }
    addRouting(client, &fields)
    addTrace(client, &fields)
    if client.pointee.exchange.isAbandoned {
      fields.add("error", "client_closed_request")
    } else if let kind = client.pointee.exchange.failure {
      fields.add("error", kind.code)
    }
    fields.line.append(isJSON ? "}\n" : "\n")
    // The texts are bounded so that a line always fits.
    assert(!fields.line.overflowed)
    if !fields.line.overflowed { access.ring.append(fields.line.written) }
  }

  private func isLogged(_ client: Client, _ access: AccessLines) -> Bool {
    if access.sampleThreshold == .max { return true }
    let exchange = client.pointee.exchange
    return exchange.status >= 400 || exchange.failure != nil || exchange.isAbandoned
      || random.next() < access.sampleThreshold
  }

  /// The trace by which the line is found from its spans and the other way round: the gateway's, or
  /// the caller's where nothing is traced.
  private func addTrace(_ client: Client, _ fields: inout AccessFields) {
    var context = client.pointee.exchange.trace.context
    if tracer == nil, let value = requestFields(client).value(of: .traceparent) {
      context = TraceContext(traceparent: value) ?? context
    }
    guard context.traceHigh | context.traceLow != 0 else { return }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { memory in
      var text = ByteWriter(base: memory.baseAddress!, capacity: 32)
      context.appendTraceID(to: &text)
      fields.add("trace_id", text.written)
      guard tracer != nil else { return }
      text.truncate(to: 0)
      HexadecimalDigits.append(context.spanID, to: &text)
      fields.add("span_id", text.written)
    }
  }

  private func addRequest(_ client: Client, _ fields: inout AccessFields) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 40) { memory in
      var address = ByteWriter(base: memory.baseAddress!, capacity: 40)
      client.pointee.sourceAddress.append(to: &address)
      fields.add("client", address.written)
    }
    let bytes = headBytes(client)
    let head = client.pointee.head
    if !bytes.isEmpty {
      fields.add("method", bytes[head.methodRange].prefix(32))
      fields.add("path", bytes[head.path].prefix(AccessLines.pathBytesMaximum))
    }
    fields.add("request_bytes", UInt64(client.pointee.requestLength))
    if isKeyKnown(client), let lease = client.pointee.exchange.lease {
      let record = lease.pointee.snapshot.keys.record(client.pointee.exchange.key)
      fields.add("key", record.name.prefix(AccessLines.nameBytesMaximum))
      fields.add("user", record.user.prefix(AccessLines.nameBytesMaximum))
      fields.add("team", record.team.prefix(AccessLines.nameBytesMaximum))
    }
  }

  /// Whether the exchange came past its authentication.
  func isKeyKnown(_ client: Client) -> Bool {
    guard client.pointee.exchange.endpoint.needsKey else { return false }
    switch client.pointee.exchange.failure {
    case .missingKey, .invalidKey: return false
    // Refused for its address the key was not accepted; for a model it had been before.
    case .keyNotAllowed: return client.pointee.exchange.plan.outcome == .keyMayNot
    default: return true
    }
  }

  private func addRouting(_ client: Client, _ fields: inout AccessFields) {
    let exchange = client.pointee.exchange
    let name = namedModel(client)
    if !name.isEmpty {
      fields.add("requested_model", name.prefix(AccessLines.nameBytesMaximum))
      if exchange.wantsStream { fields.addTrue("stream") }
    }
    if exchange.plan.attemptCount > 0, exchange.attemptCount > 0, let lease = exchange.lease {
      let catalog = lease.pointee.snapshot.catalog
      let deployment = currentDeployment(client).pointee.deployment
      let model = catalog.model(deployment.model)
      fields.add("model", shownName(client, model).prefix(AccessLines.nameBytesMaximum))
      let provider = catalog.provider(model.provider)
      fields.add("provider", provider.name.prefix(AccessLines.nameBytesMaximum))
      fields.add("gateway", deployment.gatewayName.prefix(AccessLines.nameBytesMaximum))
      fields.add("attempts", UInt64(exchange.attemptCount))
      if let result = hedgeResult(client) { fields.add("hedge", result.name) }
      if exchange.bill.isCharged {
        // What is paid for by the minute, or by characters, has none.
        if exchange.endpoint.task != .media || exchange.bill.tokens != TokenBuckets() {
          fields.add("input_tokens", UInt64(clamping: exchange.bill.tokens.totalInput))
          fields.add("output_tokens", UInt64(clamping: exchange.bill.tokens.totalOutput))
        }
        if exchange.bill.isEstimated { fields.addTrue("usage_estimated") }
      }
      if exchange.totalCost > .zero { fields.add("cost_usd", exchange.totalCost) }
    }
    guard exchange.decision != DecisionID() else { return }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: DecisionID.textCount) { memory in
      var text = ByteWriter(base: memory.baseAddress!, capacity: DecisionID.textCount)
      exchange.decision.append(to: &text)
      fields.add("decision", text.written)
    }
  }
}

extension SourceAddress {
  /// Dotted decimal, or eight groups of hexadecimal digits; nothing where it is unknown.
  func append(to writer: inout ByteWriter) {
    switch self {
    case .unknown: break
    case .version4(let word):
      for shift: UInt32 in [24, 16, 8, 0] {
        if shift < 24 { writer.append(".") }
        writer.append(decimal: UInt64(word >> shift & 0xff))
      }
    case .version6(let high, let low):
      for group in 0..<8 {
        if group > 0 { writer.append(":") }
        let word = group < 4 ? high : low
        writer.append(hexadecimal: word >> UInt64(48 - 16 * (group & 3)) & 0xffff)
      }
    }
  }
}
