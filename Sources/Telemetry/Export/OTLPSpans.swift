// SPDX-License-Identifier: MIT

/// Spans as the body of a request to `/v1/traces`
/// (`opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest`).
public enum OTLPSpans {
  public static func encode(
    _ spans: [Span], origin: OTLPOrigin, as encoding: OTLPEncoding
  ) -> [UInt8] {
    switch encoding {
    case .protobuf:
      var sink = ProtobufSink()
      write(spans, origin, to: &sink)
      return sink.bytes
    case .json:
      var sink = JSONSink()
      write(spans, origin, to: &sink)
      return sink.document
    }
  }

  /// `ResourceSpans`, `ScopeSpans`: one of each, since there is one resource and one scope.
  private static func write(
    _ spans: [Span], _ origin: OTLPOrigin, to sink: inout some OTLPSink
  ) {
    sink.messages(OTLPField(1, "resourceSpans"), [origin]) { sink, origin in
      sink.resource(origin)
      sink.messages(OTLPField(2, "scopeSpans"), [origin]) { sink, origin in
        sink.scope(origin)
        sink.messages(OTLPField(2, "spans"), spans) { write($1, to: &$0) }
      }
    }
  }

  /// `opentelemetry.proto.trace.v1.Span`.
  private static func write(_ span: Span, to sink: inout some OTLPSink) {
    let context = span.context
    sink.identifier(OTLPField(1, "traceId"), [context.traceHigh, context.traceLow])
    sink.identifier(OTLPField(2, "spanId"), [context.spanID])
    sink.text(OTLPField(3, "traceState"), span.traceState, always: false)
    sink.identifier(OTLPField(4, "parentSpanId"), [span.parentSpanID])
    sink.text(OTLPField(5, "name"), span.name, always: false)
    sink.enumeration(OTLPField(6, "kind"), UInt32(span.kind.rawValue))
    sink.fixed64(OTLPField(7, "startTimeUnixNano"), span.startNanoseconds, always: false)
    sink.fixed64(OTLPField(8, "endTimeUnixNano"), span.endNanoseconds, always: false)
    sink.attributes(OTLPField(9, "attributes"), span.attributes)
    if let message = span.errorMessage {
      // `Status`: a message in field 2, STATUS_CODE_ERROR in field 3.
      sink.message(OTLPField(15, "status")) { sink in
        sink.text(OTLPField(2, "message"), message, always: false)
        sink.enumeration(OTLPField(3, "code"), 2)
      }
    }
    sink.fixed32(OTLPField(16, "flags"), UInt32(context.flags))
  }
}
