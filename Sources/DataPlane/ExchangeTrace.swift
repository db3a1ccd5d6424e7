// SPDX-License-Identifier: MIT

internal import EventLoop
internal import Telemetry

/// What an exchange carries along for its spans.
struct ExchangeTrace {
  /// The trace, the request's own span, and the sampler's decision.
  var context = TraceContext()
  /// The caller's span; 0 for the first of a trace.
  var parentSpanID: UInt64 = 0
  /// The span of the attempt under way.
  var attemptSpanID: UInt64 = 0
  /// Whether spans are written: sampled, or something went wrong already.
  var isRecording = false
  /// The answer's id and model have been noted.
  var isIdentified = false
  /// The caller's `tracestate`, where there is a valid one and spans are written.
  var state: PooledBuffer?
  /// Attributes of the attempt's answer, as they are noted.
  var answer: PooledBuffer?
  /// What the answer says, for a span that captures content.
  var content: PooledBuffer?
}

/// A worker's part of tracing: where records go and what they are made in.
final class Tracer {
  let ring: LineRing
  let settings: TraceSettings
  let scratch: UnsafeMutablePointer<UInt8>
  let scratchCapacity: Int
  /// Larger bodies are not looked through for the parameters of their model.
  static let scannedBodyBytesMaximum = 1 << 20
  /// Of the attributes of one answer: id, model, finish reasons.
  static let answerBytesMaximum = 4_096

  init(_ collector: SpanCollector, worker index: Int) {
    ring = collector.ring(worker: index)
    settings = collector.settings
    scratchCapacity = SpanWriter.plainBytesMaximum + 4 * (settings.contentBytesMaximum + 16)
    scratch = .allocate(capacity: scratchCapacity)
  }

  deinit {
    scratch.deallocate()
    for trace in freeTraces { trace.deallocate() }
  }

  /// Memory of exchanges that have ended.
  private var freeTraces: [UnsafeMutablePointer<ExchangeTrace>] = []

  func takeTrace() -> UnsafeMutablePointer<ExchangeTrace> {
    let trace = freeTraces.popLast() ?? .allocate(capacity: 1)
    trace.initialize(to: ExchangeTrace())
    return trace
  }

  func giveBack(_ trace: UnsafeMutablePointer<ExchangeTrace>) { freeTraces.append(trace) }
}
