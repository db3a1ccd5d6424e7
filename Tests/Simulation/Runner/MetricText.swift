// SPDX-License-Identifier: MIT

/// The gateway's metrics as it shows them, to be summed by name and labels.
struct MetricText {
  private static let families = ["gateway_", "gen_ai_client_inference_usage_"].map {
    Array($0.utf8)
  }
  private let series: [(name: String, labels: String, value: Double)]

  init(_ text: String) {
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"))
    series = lines.compactMap { line in
      guard Self.families.contains(where: { line.starts(with: $0) }),
        let space = line.lastIndex(of: UInt8(ascii: " ")),
        let value = String(line[line.index(after: space)...]).flatMap(Double.init), value != 0
      else { return nil }
      let whole = line[..<space]
      let brace = whole.firstIndex(of: UInt8(ascii: "{")) ?? whole.endIndex
      return (String(whole[..<brace]) ?? "", String(whole[brace...]) ?? "", value)
    }
  }

  /// The sum over all series of `name` that have all of `labels`.
  func sum(_ name: String, _ labels: String...) -> Double {
    series.reduce(0) { sum, one in
      one.name == name && labels.allSatisfy { one.labels.contains($0) } ? sum + one.value : sum
    }
  }
}
