// SPDX-License-Identifier: MIT

import Testing

@testable import Telemetry

@Suite struct PrometheusTextTests {
  @Test func countersSumOverShards() {
    var layout = MetricLayout()
    let family = layout.counter(
      MetricDefinition(.counter, "requests_total", help: "Requests.", labels: ["model", "status"]),
      MetricDimension("model", values: ["a", "b"]),
      MetricDimension("status", values: ["200", "500"]))
    let registry = MetricRegistry(layout, workerCount: 2)
    registry.shard(worker: 0).add(family[1, 0])
    registry.shard(worker: 1).add(family[1, 0], 4)
    registry.controlShard.add(family[0, 1], 2)
    #expect(
      registry.prometheusText() == """
        # HELP requests_total Requests.
        # TYPE requests_total counter
        requests_total{model="a",status="500"} 2
        requests_total{model="b",status="200"} 5

        """)
  }

  @Test func gaugesShowZeroAndFall() {
    var layout = MetricLayout()
    let open = layout.gauge(MetricDefinition(.gauge, "open", help: "Open."))
    let state = layout.gauge(
      MetricDefinition(.gauge, "state", help: "State.", labels: ["deployment"]),
      MetricDimension("deployment", values: ["x", "y"]))
    let registry = MetricRegistry(layout, workerCount: 2)
    registry.shard(worker: 0).adjust(open.only, by: 3)
    registry.shard(worker: 1).adjust(open.only, by: -5)
    registry.controlShard.set(state[1], to: 2)
    #expect(
      registry.prometheusText() == """
        # HELP open Open.
        # TYPE open gauge
        open -2
        # HELP state State.
        # TYPE state gauge
        state{deployment="x"} 0
        state{deployment="y"} 2

        """)
  }

  @Test func histogramsAreCumulativeWithInclusiveBounds() {
    var layout = MetricLayout()
    // Another histogram first, so that this one's boundaries do not start at zero.
    _ = layout.histogram(
      MetricDefinition(.histogram, "unused", help: "Unused.", labels: ["kind"], boundaries: [7]),
      MetricDimension("kind", values: ["a"]))
    let family = layout.histogram(
      MetricDefinition(
        .histogram, "duration_seconds", help: "Time.", labels: ["kind"], decimals: 3,
        boundaries: [10, 250, 4_000]),
      MetricDimension("kind", values: ["a", "b"]))
    let registry = MetricRegistry(layout, workerCount: 1)
    let shard = registry.shard(worker: 0)
    for value: Int64 in [0, 10, 11, 250, 4_000, 4_001, 90_000] { shard.observe(family[1], value) }
    #expect(
      registry.prometheusText() == """
        # HELP unused Unused.
        # TYPE unused histogram
        # HELP duration_seconds Time.
        # TYPE duration_seconds histogram
        duration_seconds_bucket{kind="b",le="0.01"} 2
        duration_seconds_bucket{kind="b",le="0.25"} 4
        duration_seconds_bucket{kind="b",le="4"} 5
        duration_seconds_bucket{kind="b",le="+Inf"} 7
        duration_seconds_sum{kind="b"} 98.272
        duration_seconds_count{kind="b"} 7

        """)
  }

  @Test func everyBucketIsFound() {
    for boundaryCount in [1, 2, 3, 7, 14, 64] {
      var layout = MetricLayout()
      let family = layout.histogram(
        MetricDefinition(
          .histogram, "h", help: "H.", boundaries: (1...boundaryCount).map { Int64($0 * 10) }))
      let registry = MetricRegistry(layout, workerCount: 1)
      let shard = registry.shard(worker: 0)
      // Either way of looking for a bucket.
      for value in 1...(boundaryCount * 10 + 1) {
        if value % 2 == 0 {
          shard.observe(family.only, Int64(value))
        } else {
          shard.observeSmall(family.only, Int64(value))
        }
      }
      let lines = registry.prometheusText().split(separator: "\n")
      for bucket in 1...boundaryCount {
        #expect(lines.contains("h_bucket{le=\"\(bucket * 10)\"} \(bucket * 10)"))
      }
      #expect(lines.contains("h_bucket{le=\"+Inf\"} \(boundaryCount * 10 + 1)"))
    }
  }

  @Test func textIsEscaped() {
    var layout = MetricLayout()
    let family = layout.counter(
      MetricDefinition(.counter, "c", help: "Back\\slash\nand \"quotes\".", labels: ["name"]),
      MetricDimension("name", values: ["a\"b\\c\nd"]))
    let registry = MetricRegistry(layout, workerCount: 1)
    registry.shard(worker: 0).add(family[0])
    #expect(
      registry.prometheusText() == """
        # HELP c Back\\\\slash\\nand "quotes".
        # TYPE c counter
        c{name="a\\"b\\\\c\\nd"} 1

        """)
  }

  @Test func emptyLabelsAreLeftOut() {
    var layout = MetricLayout()
    let family = layout.counter(
      MetricDefinition(.counter, "c", help: "C.", labels: ["model", "provider", "status"]),
      MetricDimension(["model", "provider"], rows: [["m", "p"], ["", ""]]),
      MetricDimension("status", values: ["", "500"]))
    let registry = MetricRegistry(layout, workerCount: 1)
    let shard = registry.shard(worker: 0)
    shard.add(family[0, 0])
    shard.add(family[1, 0])
    shard.add(family[1, 1])
    let lines = registry.prometheusText().split(separator: "\n").dropFirst(2)
    #expect(lines == ["c{model=\"m\",provider=\"p\"} 1", "c 1", "c{status=\"500\"} 1"])
  }
}
