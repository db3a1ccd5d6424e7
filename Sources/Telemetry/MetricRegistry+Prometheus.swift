// SPDX-License-Identifier: MIT

extension MetricRegistry {
  /// The media type of `appendPrometheusText`.
  public static let prometheusContentType = "text/plain; version=0.0.4; charset=utf-8"

  /// Appends every family in the Prometheus text exposition format 0.0.4, summed over all shards.
  ///
  /// Counters and histograms of labelled families that were never touched are left out: a grid of
  /// models and statuses is mostly empty. Any thread may call it while workers record; figures of
  /// one scrape may be some events apart.
  public func appendPrometheusText(to text: inout [UInt8]) {
    for family in families where family.isShown {
      let definition = family.definition
      text.append(contentsOf: "# HELP \(definition.name) ".utf8)
      appendEscaped(definition.help, quotes: false, to: &text)
      text.append(contentsOf: "\n# TYPE \(definition.name) \(definition.kind.rawValue)\n".utf8)
      for series in 0..<family.grid.seriesCount {
        appendSeries(series, of: family, to: &text)
      }
    }
  }

  /// `appendPrometheusText` as a string.
  public func prometheusText() -> String {
    var text: [UInt8] = []
    appendPrometheusText(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  private func appendSeries(
    _ series: Int, of family: MetricLayout.Family, to text: inout [UInt8]
  ) {
    let definition = family.definition
    let value = value(series, of: family)
    if definition.kind != .gauge && !definition.labels.isEmpty && value.isZero { return }
    switch value {
    case .number(let number):
      text.append(contentsOf: definition.name.utf8)
      appendLabels(series, of: family, bound: nil, to: &text)
      text.append(UInt8(ascii: " "))
      appendDecimal(number, decimals: definition.decimals, to: &text)
      text.append(UInt8(ascii: "\n"))
    case .histogram(let counts, let sum):
      appendHistogram(counts, sum, series, of: family, to: &text)
    }
  }

  private func appendHistogram(
    _ counts: [Int64], _ sum: Int64, _ series: Int, of family: MetricLayout.Family,
    to text: inout [UInt8]
  ) {
    let definition = family.definition
    let boundaries = definition.boundaries
    var cumulative: Int64 = 0
    for index in 0...boundaries.count {
      cumulative &+= counts[index]
      var bound: [UInt8] = []
      if index < boundaries.count {
        appendDecimal(boundaries[index], decimals: definition.decimals, to: &bound)
      } else {
        bound.append(contentsOf: "+Inf".utf8)
      }
      text.append(contentsOf: "\(definition.name)_bucket".utf8)
      appendLabels(series, of: family, bound: bound, to: &text)
      text.append(contentsOf: " \(cumulative)\n".utf8)
    }
    text.append(contentsOf: "\(definition.name)_sum".utf8)
    appendLabels(series, of: family, bound: nil, to: &text)
    text.append(UInt8(ascii: " "))
    appendDecimal(sum, decimals: definition.decimals, to: &text)
    text.append(contentsOf: "\n\(definition.name)_count".utf8)
    appendLabels(series, of: family, bound: nil, to: &text)
    text.append(contentsOf: " \(cumulative)\n".utf8)
  }

  /// `{a="x",b="y"}`, with `le` last where a bound is given; nothing where there are no labels.
  private func appendLabels(
    _ series: Int, of family: MetricLayout.Family, bound: [UInt8]?, to text: inout [UInt8]
  ) {
    let pairs = family.labels(of: series)
    if pairs.isEmpty && bound == nil { return }
    var separator = UInt8(ascii: "{")
    for (label, value) in pairs {
      text.append(separator)
      separator = UInt8(ascii: ",")
      text.append(contentsOf: "\(label)=\"".utf8)
      appendEscaped(value, quotes: true, to: &text)
      text.append(UInt8(ascii: "\""))
    }
    if let bound {
      text.append(separator)
      text.append(contentsOf: "le=\"".utf8)
      text.append(contentsOf: bound)
      text.append(UInt8(ascii: "\""))
    }
    text.append(UInt8(ascii: "}"))
  }
}

/// HELP lines escape backslash and line feed, label values the double quote too.
private func appendEscaped(_ value: String, quotes: Bool, to text: inout [UInt8]) {
  for byte in value.utf8 {
    switch byte {
    case UInt8(ascii: "\\"): text.append(contentsOf: "\\\\".utf8)
    case UInt8(ascii: "\n"): text.append(contentsOf: "\\n".utf8)
    case UInt8(ascii: "\"") where quotes: text.append(contentsOf: "\\\"".utf8)
    default: text.append(byte)
    }
  }
}

/// A whole number divided by a power of ten, exactly, without trailing zeros.
func appendDecimal(_ value: Int64, decimals: Int, to text: inout [UInt8]) {
  if value < 0 { text.append(UInt8(ascii: "-")) }
  var digits = Array(String(value.magnitude).utf8)
  if digits.count <= decimals {
    digits.insert(
      contentsOf: repeatElement(UInt8(ascii: "0"), count: decimals + 1 - digits.count), at: 0)
  }
  let point = digits.count - decimals
  text.append(contentsOf: digits[..<point])
  var end = digits.count
  while end > point && digits[end - 1] == UInt8(ascii: "0") { end -= 1 }
  if end > point {
    text.append(UInt8(ascii: "."))
    text.append(contentsOf: digits[point..<end])
  }
}
