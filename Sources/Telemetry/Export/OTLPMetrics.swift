// SPDX-License-Identifier: MIT

/// All metrics of a registry as the body of a request to `/v1/metrics`
/// (`opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest`). Temporality is
/// cumulative: an export that is lost is made good by the next.
public enum OTLPMetrics {
  /// When the figures began to be counted, and now; nanoseconds since 1970.
  public struct Window: Sendable {
    public var startNanoseconds: UInt64
    public var endNanoseconds: UInt64

    public init(startNanoseconds: UInt64, endNanoseconds: UInt64) {
      self.startNanoseconds = startNanoseconds
      self.endNanoseconds = endNanoseconds
    }
  }

  public static func encode(
    _ registry: MetricRegistry, _ window: Window, origin: OTLPOrigin, as encoding: OTLPEncoding
  ) -> [UInt8] {
    let families = registry.families.filter(\.isShown).compactMap { Family($0, registry) }
    switch encoding {
    case .protobuf:
      var sink = ProtobufSink()
      write(families, window, origin, to: &sink)
      return sink.bytes
    case .json:
      var sink = JSONSink()
      write(families, window, origin, to: &sink)
      return sink.document
    }
  }

  /// A family with those of its series that have something to say.
  private struct Family {
    let definition: MetricDefinition
    let points: [Point]

    /// Nil where there is none.
    init?(_ family: MetricLayout.Family, _ registry: MetricRegistry) {
      definition = family.definition
      let isSparse = definition.kind != .gauge && !definition.labels.isEmpty
      points = (0..<family.grid.seriesCount).compactMap { series in
        let value = registry.value(series, of: family)
        if isSparse && value.isZero { return nil }
        return Point(
          attributes: family.labels(of: series).map {
            Attribute(MetricDefinition.semanticLabel($0.name), .text($0.value))
          }, value: value)
      }
      if points.isEmpty { return nil }
    }
  }

  private struct Point {
    let attributes: [Attribute]
    let value: MetricValue
  }

  private static func write(
    _ families: [Family], _ window: Window, _ origin: OTLPOrigin, to sink: inout some OTLPSink
  ) {
    sink.messages(OTLPField(1, "resourceMetrics"), [origin]) { sink, origin in
      sink.resource(origin)
      sink.messages(OTLPField(2, "scopeMetrics"), [origin]) { sink, origin in
        sink.scope(origin)
        sink.messages(OTLPField(2, "metrics"), families) { write($1, window, to: &$0) }
      }
    }
  }

  /// `opentelemetry.proto.metrics.v1.Metric`.
  private static func write(_ family: Family, _ window: Window, to sink: inout some OTLPSink) {
    let definition = family.definition
    sink.text(OTLPField(1, "name"), definition.semanticName, always: false)
    sink.text(OTLPField(2, "description"), definition.help, always: false)
    sink.text(OTLPField(3, "unit"), definition.unit, always: false)
    let points = OTLPField(1, "dataPoints")
    // AGGREGATION_TEMPORALITY_CUMULATIVE
    let temporality = (field: OTLPField(2, "aggregationTemporality"), value: UInt32(2))
    switch definition.kind {
    case .gauge:
      sink.message(OTLPField(5, "gauge")) { sink in
        sink.messages(points, family.points) { write($1, definition, window, to: &$0) }
      }
    case .counter:
      sink.message(OTLPField(7, "sum")) { sink in
        sink.messages(points, family.points) { write($1, definition, window, to: &$0) }
        sink.enumeration(temporality.field, temporality.value)
        sink.truth(OTLPField(3, "isMonotonic"), true, always: false)
      }
    case .histogram:
      sink.message(OTLPField(9, "histogram")) { sink in
        sink.messages(points, family.points) { write($1, definition, window, to: &$0) }
        sink.enumeration(temporality.field, temporality.value)
      }
    }
  }

  /// `NumberDataPoint` or `HistogramDataPoint`.
  private static func write(
    _ point: Point, _ definition: MetricDefinition, _ window: Window, to sink: inout some OTLPSink
  ) {
    // A gauge has no beginning.
    let start = definition.kind == .gauge ? 0 : window.startNanoseconds
    sink.fixed64(OTLPField(2, "startTimeUnixNano"), start, always: false)
    sink.fixed64(OTLPField(3, "timeUnixNano"), window.endNanoseconds, always: false)
    switch point.value {
    case .number(let value):
      if definition.decimals == 0 {
        sink.signedFixed64(OTLPField(6, "asInt"), value)
      } else {
        sink.number(OTLPField(4, "asDouble"), scaled(value, definition), always: true)
      }
      sink.attributes(OTLPField(7, "attributes"), point.attributes)
    case .histogram(let counts, let sum):
      let count = counts.reduce(0, &+)
      sink.fixed64(OTLPField(4, "count"), UInt64(clamping: count), always: false)
      // `optional`, so a sum of 0 is written.
      sink.number(OTLPField(5, "sum"), scaled(sum, definition), always: true)
      sink.fixed64s(OTLPField(6, "bucketCounts"), counts.map { UInt64(clamping: $0) })
      sink.numbers(
        OTLPField(7, "explicitBounds"), definition.boundaries.map { scaled($0, definition) })
      sink.attributes(OTLPField(9, "attributes"), point.attributes)
    }
  }

  /// As shown: 9 decimals make seconds of nanoseconds.
  private static func scaled(_ value: Int64, _ definition: MetricDefinition) -> Double {
    var divisor = 1.0
    for _ in 0..<definition.decimals { divisor *= 10 }
    return Double(value) / divisor
  }
}
