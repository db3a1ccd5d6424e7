// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import Network
internal import Routing
internal import Telemetry

/// Where an exchange stands in its trace, and what of that goes on the wire. The spans themselves
/// are in `TraceSpans`.
extension Worker {
  /// Takes over the caller's trace, or begins one.
  func beginTrace(_ client: Client, _ tracer: Tracer) {
    client.pointee.exchange.tracing = tracer.takeTrace()
    var parent: TraceContext?
    let fields = requestFields(client)
    if let value = fields.onlyValue(of: .traceparent) {
      parent = TraceContext(traceparent: value)
    }
    var context = parent ?? TraceContext(flags: TraceContext.randomFlag)
    if parent == nil {
      context.traceHigh = random.next()
      // Never 0: the standard does not allow it.
      context.traceLow = random.next() | 1
    }
    client.pointee.exchange.trace.parentSpanID = parent?.spanID ?? 0
    context.spanID = random.next() | 1
    let isSampled = tracer.settings.sampler.samples(traceLow: context.traceLow, parent: parent)
    context.flags =
      context.flags & ~TraceContext.sampledFlag | (isSampled ? TraceContext.sampledFlag : 0)
    client.pointee.exchange.trace.context = context
    client.pointee.exchange.trace.isRecording = isSampled
    guard parent != nil else { return }
    if let state = fields.value(of: .tracestate),
      PropagatedFields.isTraceState(state)
    {
      append(state, to: &client.pointee.exchange.trace.state)
    }
  }

  /// A span for the attempt that begins.
  @inline(__always)
  func beginAttemptTrace(_ client: Client) {
    guard tracer != nil else { return }
    client.pointee.exchange.trace.attemptSpanID = random.next() | 1
    client.pointee.exchange.trace.isIdentified = false
  }

  /// Tells an upstream that is trusted where it stands: below the attempt's span. Where nothing is
  /// traced the caller's own fields go on as they came.
  func appendTraceFields(_ client: Client, to head: inout ByteWriter) {
    let fields = requestFields(client)
    var hasParent = false
    if tracer != nil {
      var context = client.pointee.exchange.trace.context
      context.spanID = client.pointee.exchange.trace.attemptSpanID
      head.append("traceparent: ")
      context.append(to: &head)
      head.append("\r\n")
    } else if let value = fields.value(of: .traceparent),
      TraceContext(traceparent: value) != nil
    {
      hasParent = true
      appendField("traceparent: ", value, to: &head)
    }
    // The state belongs to the parent: without one, or where a new trace began, it means nothing.
    if client.pointee.exchange.trace.state != nil {
      appendField("tracestate: ", view(of: client.pointee.exchange.trace.state), to: &head)
    } else if hasParent, let value = fields.value(of: .tracestate),
      PropagatedFields.isTraceState(value)
    {
      appendField("tracestate: ", value, to: &head)
    }
    if let value = fields.value(of: .baggage), PropagatedFields.isBaggage(value) {
      appendField("baggage: ", value, to: &head)
    }
  }

  /// The same in a head that is complete: before its empty line.
  func insertTraceFields(_ client: Client, into head: inout ByteWriter) {
    head.truncate(to: head.count - 2)
    appendTraceFields(client, to: &head)
    head.append("\r\n")
  }

  private func appendField(_ name: StaticString, _ value: ByteView, to head: inout ByteWriter) {
    head.append(name)
    head.append(value)
    head.append("\r\n")
  }

  /// Tells the client which trace its request became a part of, and by what id to ask about it.
  func appendIdentity(_ client: Client, to head: inout ByteWriter) {
    if tracer != nil {
      head.append("traceparent: ")
      client.pointee.exchange.trace.context.append(to: &head)
      head.append("\r\n")
    }
    if !headHasRequestID {
      head.append("x-request-id: ")
      appendRequestID(client, to: &head)
      head.append("\r\n")
    }
  }

  /// The caller's own id where it sent a sane one, else that of the decision or of nothing else.
  private func appendRequestID(_ client: Client, to head: inout ByteWriter) {
    if client.pointee.namesRequestID, let given = requestFields(client).value(of: .xRequestID),
      Self.isRequestID(given)
    {
      head.append(given)
      return
    }
    let decision = client.pointee.exchange.decision
    let isDecided = decision != DecisionID()
    head.append("req_")
    HexadecimalDigits.append(isDecided ? decision.high : random.next(), to: &head)
    HexadecimalDigits.append(isDecided ? decision.random : random.next(), to: &head)
  }

  /// 1 to 128 letters, digits and `-_.:`.
  private static func isRequestID(_ text: ByteView) -> Bool {
    guard (1...128).contains(text.count) else { return false }
    for index in 0..<text.count {
      switch text[index] {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x3a, 0x5f: continue
      default: return false
      }
    }
    return true
  }

  /// Gives back what the exchange has noted.
  func releaseTrace(_ client: Client, _ tracer: Tracer) {
    guard let trace = client.pointee.exchange.tracing else { return }
    if let state = trace.pointee.state { loop.buffers.give(state) }
    releaseNotes(client)
    tracer.giveBack(trace)
    client.pointee.exchange.tracing = nil
  }

  /// Gives back what was noted of an answer.
  func releaseNotes(_ client: Client) {
    if let answer = client.pointee.exchange.trace.answer { loop.buffers.give(answer) }
    if let content = client.pointee.exchange.trace.content { loop.buffers.give(content) }
    client.pointee.exchange.trace.answer = nil
    client.pointee.exchange.trace.content = nil
  }
}
