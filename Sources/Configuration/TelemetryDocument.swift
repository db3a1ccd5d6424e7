// SPDX-License-Identifier: MIT

/// The key `telemetry`, and OpenTelemetry's environment variables, which are read after it and so
/// win: a deployment can be pointed at another collector without another file.
struct TelemetryDocument {
  var configuration = TelemetryConfiguration()

  mutating func read(_ field: Field) {
    let keys = [
      "service_name", "resource", "otlp", "traces", "metrics", "capture_content",
      "captured_content",
    ]
    guard let section = Section(field, keys: keys) else { return }
    if let value = section["service_name"]?.text() { configuration.serviceName = value }
    if let field = section["resource"] { configuration.resource = pairs(field) }
    if let field = section["otlp"] { readExport(field) }
    if let field = section["traces"] { readTraces(field) }
    if let field = section["metrics"] { readMetrics(field) }
    if let value = section["capture_content"]?.boolean() { configuration.capturesContent = value }
    section.set(&configuration.contentBytesMaximum, "captured_content", bytes: 256...256 << 10)
  }

  private mutating func readExport(_ field: Field) {
    let keys = [
      "endpoint", "traces_endpoint", "metrics_endpoint", "protocol", "compression", "headers",
      "timeout", "batch", "batch_interval", "queue",
    ]
    guard let section = Section(field, keys: keys) else { return }
    if let base = url(section["endpoint"]) { setEndpoint(base) }
    if let value = url(section["traces_endpoint"]) { configuration.tracesURL = value }
    if let value = url(section["metrics_endpoint"]) { configuration.metricsURL = value }
    let protocols = TelemetryConfiguration.ExportProtocol.allCases.map(\.rawValue)
    if let value = section["protocol"]?.choice(protocols) {
      configuration.exportProtocol = .init(rawValue: value) ?? .protobuf
    }
    let codings = TelemetryConfiguration.Compression.allCases.map(\.rawValue)
    if let value = section["compression"]?.choice(codings) {
      configuration.compression = .init(rawValue: value) ?? .gzip
    }
    if let field = section["headers"] { configuration.headers = pairs(field) }
    section.set(&configuration.timeoutMilliseconds, "timeout", milliseconds: 100...600_000)
    section.set(&configuration.batchCountMaximum, "batch", integer: 1...10_000)
    section.set(
      &configuration.batchIntervalMilliseconds, "batch_interval", milliseconds: 10...600_000)
    section.set(&configuration.queueCountMaximum, "queue", integer: 1...1_000_000)
    if configuration.queueCountMaximum < configuration.batchCountMaximum {
      field.report("`queue` is smaller than `batch`")
    }
  }

  private mutating func readTraces(_ field: Field) {
    guard let section = Section(field, keys: ["sampler", "ratio"]) else { return }
    if let value = section["sampler"]?.choice(TelemetryConfiguration.samplers) {
      configuration.sampler = value
    }
    if let value = section["ratio"]?.parsed("a share from 0 to 1", Self.share) {
      configuration.samplerRatio = value
    }
  }

  private mutating func readMetrics(_ field: Field) {
    guard let section = Section(field, keys: ["interval", "token_usage_histogram"]) else { return }
    section.set(
      &configuration.metricsIntervalMilliseconds, "interval", milliseconds: 100...86_400_000)
    if let value = section["token_usage_histogram"]?.boolean() {
      configuration.hasTokenUsageHistogram = value
    }
  }

  private func url(_ field: Field?) -> String? {
    // A default may be empty: `${OTLP_ENDPOINT:-}` is "none".
    guard let field, !field.isNull, let text = field.text(), !text.isEmpty else { return nil }
    guard Self.isURL(text) else {
      let shown = field.written(countMaximum: 80)
      field.report("`\(field.name)` must be an http or https URL, found `\(shown)`")
      return nil
    }
    return text
  }

  private func pairs(_ field: Field) -> [String: String] {
    var result: [String: String] = [:]
    for (name, value) in field.entries() {
      if let text = value.text() { result[name.text] = text }
    }
    return result
  }

  private mutating func setEndpoint(_ base: String) {
    let trimmed = base.hasSuffix("/") ? String(base.dropLast()) : base
    configuration.tracesURL = trimmed + "/v1/traces"
    configuration.metricsURL = trimmed + "/v1/metrics"
  }

  static func isURL(_ text: String) -> Bool {
    (text.hasPrefix("http://") && text.utf8.count > 7
      || text.hasPrefix("https://") && text.utf8.count > 8)
      && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
  }

  static func share(_ text: String) -> Double? {
    guard let value = Double(text), value >= 0, value <= 1 else { return nil }
    return value
  }
}

// MARK: Environment

extension TelemetryDocument {
  /// The variables of OpenTelemetry's specification that mean something here. One that is empty
  /// counts as unset, and one whose value makes no sense is reported.
  mutating func read(environment: [String: String], _ report: (String) -> Void) {
    func value(_ name: String) -> String? {
      environment["OTEL_" + name].flatMap { $0.isEmpty ? nil : $0 }
    }
    func complain(_ name: String, _ form: String) {
      report("environment variable `OTEL_\(name)` must be \(form)")
    }
    func url(_ name: String) -> String? {
      guard let text = value(name) else { return nil }
      if Self.isURL(text) { return text }
      complain(name, "an http or https URL")
      return nil
    }
    if let text = value("SDK_DISABLED") { configuration.isDisabled = text.lowercased() == "true" }
    if let base = url("EXPORTER_OTLP_ENDPOINT") { setEndpoint(base) }
    if let own = url("EXPORTER_OTLP_TRACES_ENDPOINT") { configuration.tracesURL = own }
    if let own = url("EXPORTER_OTLP_METRICS_ENDPOINT") { configuration.metricsURL = own }
    if value("TRACES_EXPORTER") == "none" { configuration.tracesURL = nil }
    if value("METRICS_EXPORTER") == "none" { configuration.metricsURL = nil }
    readExport(value, complain)
    if let name = value("SERVICE_NAME") { configuration.serviceName = name }
    if let text = value("RESOURCE_ATTRIBUTES") {
      guard let pairs = Self.pairs(text) else {
        return complain("RESOURCE_ATTRIBUTES", "a list as `name=value,name=value`")
      }
      configuration.resource.merge(pairs) { $1 }
      if let name = pairs["service.name"], value("SERVICE_NAME") == nil {
        configuration.serviceName = name
      }
    }
    configuration.resource["service.name"] = nil
  }

  private mutating func readExport(
    _ value: (String) -> String?, _ complain: (String, String) -> Void
  ) {
    if let text = value("EXPORTER_OTLP_HEADERS") {
      if let pairs = Self.pairs(text) {
        configuration.headers.merge(pairs) { $1 }
      } else {
        complain("EXPORTER_OTLP_HEADERS", "a list as `name=value,name=value`")
      }
    }
    if let text = value("EXPORTER_OTLP_PROTOCOL") {
      if let known = TelemetryConfiguration.ExportProtocol(rawValue: text) {
        configuration.exportProtocol = known
      } else {
        complain("EXPORTER_OTLP_PROTOCOL", "`http/protobuf` or `http/json`")
      }
    }
    if let text = value("EXPORTER_OTLP_COMPRESSION") {
      if let known = TelemetryConfiguration.Compression(rawValue: text) {
        configuration.compression = known
      } else {
        complain("EXPORTER_OTLP_COMPRESSION", "`gzip` or `none`")
      }
    }
    if let text = value("EXPORTER_OTLP_TIMEOUT") {
      if let milliseconds = Quantity.digits(text), (1...600_000).contains(milliseconds) {
        configuration.timeoutMilliseconds = milliseconds
      } else {
        complain("EXPORTER_OTLP_TIMEOUT", "a number of milliseconds up to 600000")
      }
    }
    if let text = value("TRACES_SAMPLER") {
      if TelemetryConfiguration.samplers.contains(text) {
        configuration.sampler = text
      } else {
        let known = TelemetryConfiguration.samplers.map { "`\($0)`" }.joined(separator: ", ")
        complain("TRACES_SAMPLER", "one of \(known)")
      }
    }
    if let text = value("TRACES_SAMPLER_ARG") {
      if let share = Self.share(text) {
        configuration.samplerRatio = share
      } else {
        complain("TRACES_SAMPLER_ARG", "a share from 0 to 1")
      }
    }
  }

  /// `name=value,name=value` with percent-encoded values, as W3C Baggage has it.
  static func pairs(_ text: String) -> [String: String]? {
    var result: [String: String] = [:]
    for part in text.split(separator: ",") {
      guard let equals = part.firstIndex(of: "=") else { return nil }
      let name = trimmed(part[..<equals])
      guard !name.isEmpty, let value = decoded(trimmed(part[part.index(after: equals)...])) else {
        return nil
      }
      result[name] = value
    }
    return result
  }

  private static func trimmed(_ text: Substring) -> String {
    var rest = text
    while let first = rest.first, first == " " || first == "\t" { rest = rest.dropFirst() }
    while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
    return String(rest)
  }

  private static func decoded(_ text: String) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == 0x25 else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
