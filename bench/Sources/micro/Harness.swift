// SPDX-License-Identifier: MIT

/// Keeps a result alive, so that the optimiser cannot drop the work that made it.
@inline(never)
@_optimize(none)
func consume<Value>(_ value: borrowing Value) {}

/// One figure: nanoseconds per operation, over rounds of equal size.
struct Measurement {
  var name: String
  var median: Double
  var fastest: Double
  var slowest: Double
  /// Operations in a round.
  var operations: Int
  var rounds: Int
}

/// Measures by the clock: a round lasts about `roundNanoseconds`, the median of the rounds counts,
/// and the fastest is shown beside it (noise only ever slows a round down).
struct Harness {
  var roundNanoseconds: Double = 20_000_000
  var rounds = 15
  var filter = ""
  var results: [Measurement] = []

  private static func nanoseconds(_ operations: Int, _ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let begin = clock.now
    for _ in 0..<operations { try body() }
    let passed = (clock.now - begin).components
    return Double(passed.seconds) * 1e9 + Double(passed.attoseconds) / 1e9
  }

  /// Whether `name` is asked for: what is dear to prepare asks first.
  func wants(_ name: String) -> Bool { filter.isEmpty || name.contains(filter) }

  /// Measures `body` unless the filter leaves it out. `body` is one operation.
  mutating func measure(_ name: String, _ body: () throws -> Void) rethrows {
    guard wants(name) else { return }
    var operations = 1
    while operations < 1 << 30 {
      let passed = try Self.nanoseconds(operations, body)
      if passed >= roundNanoseconds / 4 {
        operations = max(1, Int(Double(operations) * roundNanoseconds / passed))
        break
      }
      operations *= 4
    }
    var samples: [Double] = []
    for _ in 0..<rounds {
      samples.append(try Self.nanoseconds(operations, body) / Double(operations))
    }
    samples.sort()
    results.append(
      Measurement(
        name: name, median: samples[rounds / 2], fastest: samples[0],
        slowest: samples[rounds - 1], operations: operations, rounds: rounds))
  }
}
