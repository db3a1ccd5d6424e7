// SPDX-License-Identifier: MIT

import Telemetry
import Testing

@Suite struct OTLPMetricsTests {
  static let origin = OTLPOrigin(resource: [], scopeName: "g", scopeVersion: "")
  static let window = OTLPMetrics.Window(startNanoseconds: 10, endNanoseconds: 20)

  static func registry() -> MetricRegistry {
    var layout = MetricLayout()
    let counter = layout.counter(
      MetricDefinition(
        .counter, "c_total", named: "c", unit: "{c}", help: "C.", labels: ["error_type"]),
      MetricDimension("error_type", values: ["", "timeout", "unused"]))
    let gauge = layout.gauge(MetricDefinition(.gauge, "g", help: "G."))
    let histogram = layout.histogram(
      MetricDefinition(
        .histogram, "h_seconds", named: "h", unit: "s", help: "H.", decimals: 1,
        boundaries: [5, 20]))
    let money = layout.counter(MetricDefinition(.counter, "m", help: "M.", decimals: 2))
    let registry = MetricRegistry(layout, workerCount: 1)
    let shard = registry.shard(worker: 0)
    shard.add(counter[0], 3)
    registry.controlShard.add(counter[1], 4)
    shard.adjust(gauge.only, by: -2)
    shard.observe(histogram.only, 5)
    shard.observe(histogram.only, 60)
    shard.add(money.only, 125)
    return registry
  }

  @Test func json() {
    let text = String(
      decoding: OTLPMetrics.encode(
        Self.registry(), Self.window, origin: Self.origin, as: .json), as: UTF8.self)
    let times = #""startTimeUnixNano":"10","timeUnixNano":"20""#
    #expect(
      text == #"{"resourceMetrics":[{"resource":{},"scopeMetrics":[{"scope":{"name":"g"},"#
        + #""metrics":[{"name":"c","description":"C.","unit":"{c}","sum":{"dataPoints":[{"# + times
        + #","asInt":"3"},{"# + times
        + #","asInt":"4","attributes":[{"key":"error.type","value":{"stringValue":"timeout"}}]}],"#
        + #""aggregationTemporality":2,"isMonotonic":true}},"#
        + #"{"name":"g","description":"G.","gauge":{"dataPoints":[{"timeUnixNano":"20","#
        + #""asInt":"-2"}]}},{"name":"h","description":"H.","unit":"s","histogram":{"#
        + #""dataPoints":[{"# + times + #","count":"2","sum":6.5,"bucketCounts":["1","0","1"],"#
        + #""explicitBounds":[0.5,2]}],"#
        + #""aggregationTemporality":2}},{"name":"m","description":"M.","sum":{"dataPoints":[{"#
        + times + #","asDouble":1.25}],"aggregationTemporality":2,"isMonotonic":true}}]}]}]}"#)
  }

  @Test func protobufHasTheSameNames() {
    let bytes = OTLPMetrics.encode(
      Self.registry(), Self.window, origin: Self.origin, as: .protobuf)
    // The gauge: name (1) "g", description (2) "G.", gauge (5) of one point: time (3) and the
    // integer -2 (6) in eight bytes each.
    let point: [UInt8] =
      [0x19, 20, 0, 0, 0, 0, 0, 0, 0, 0x31, 0xfe] + [UInt8](repeating: 0xff, count: 7)
    let gauge: [UInt8] =
      [0x0a, 1, 0x67, 0x12, 2, 0x47, 0x2e, 0x2a, 20, 0x0a, 18] + point
    let start = bytes.indices.first { bytes[$0...].starts(with: gauge) }
    #expect(start != nil)
  }
}
