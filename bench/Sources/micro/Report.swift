// SPDX-License-Identifier: MIT

import Foundation

/// The measurements as a table or as JSON, and the thresholds they are held to.
enum Report {
  static func text(_ results: [Measurement]) -> String {
    var lines = [row("benchmark", "median ns", "fastest ns", "slowest ns")]
    for result in results {
      lines.append(
        row(
          result.name, number(result.median), number(result.fastest), number(result.slowest)))
    }
    return lines.joined(separator: "\n")
  }

  private static func row(_ name: String, _ columns: String...) -> String {
    name.padding(toLength: 44, withPad: " ", startingAt: 0)
      + columns.map { String(repeating: " ", count: max(0, 14 - $0.count)) + $0 }.joined()
  }

  private static func number(_ value: Double) -> String { String(format: "%.1f", value) }

  static func json(_ results: [Measurement]) throws -> String {
    let values = results.map { result in
      [
        "name": result.name, "median_ns": result.median, "fastest_ns": result.fastest,
        "slowest_ns": result.slowest, "operations": result.operations, "rounds": result.rounds,
      ] as [String: Any]
    }
    let data = try JSONSerialization.data(
      withJSONObject: ["benchmarks": values], options: [.prettyPrinted, .sortedKeys])
    return String(decoding: data, as: UTF8.self)
  }

  /// The thresholds of `micro` in thresholds.json: benchmark name → nanoseconds at most.
  static func thresholds() throws -> [String: Double] {
    let bench = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let data = try Data(contentsOf: bench.appendingPathComponent("thresholds.json"))
    let value = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    return value?["micro"] as? [String: Double] ?? [:]
  }

  /// A line for each threshold that was measured, and whether all were met.
  static func judge(_ results: [Measurement]) throws -> (lines: [String], met: Bool) {
    let limits = try thresholds()
    var lines: [String] = []
    var met = true
    for result in results {
      guard let limit = limits[result.name] else { continue }
      let holds = result.median <= limit
      met = met && holds
      lines.append(
        (holds ? "met     " : "MISSED  ")
          + "\(result.name): \(number(result.median)) ns (wanted <= \(number(limit)))")
    }
    return (lines, met)
  }
}
