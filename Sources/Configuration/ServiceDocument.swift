// SPDX-License-Identifier: MIT

internal import Accounts
internal import ModelCatalog
internal import Routing

/// The keys of the main file that are no models and no gateways.
struct ServiceDocument {
  static let keys = [
    "listeners", "workers", "limits", "timeouts", "retries", "circuit_breaker", "keys",
    "policies", "logging", "telemetry", "translation", "streaming",
  ]

  var configuration = GatewayConfiguration()
  /// Key names to the fields of their `models`, checked when the models are known.
  var keyModels: [(text: String, field: Field)] = []

  mutating func read(_ section: Section, digest: @escaping (String) -> KeyDigest) {
    if let field = section["listeners"] { readListeners(field) }
    if let value = section["workers"]?.integer(0...1_024) {
      configuration.workerCount = Int(value)
    }
    if let field = section["limits"] { readLimits(field) }
    if let field = section["timeouts"] { readTimeouts(field) }
    if let field = section["retries"] { readRetries(field) }
    if let field = section["circuit_breaker"] { readCircuit(field) }
    if let field = section["policies"] { readPolicies(field) }
    if let field = section["logging"] { readLogging(field) }
    readTelemetry(section)
    if let field = section["translation"] { readTranslation(field) }
    if let field = section["streaming"], let streaming = Section(field, keys: ["keep_alive"]) {
      streaming.set(
        &configuration.keepAliveMilliseconds, "keep_alive", milliseconds: 100...3_600_000)
    }
    var reader = KeysReader(digest: digest)
    for element in section["keys"]?.list() ?? [] { reader.read(element.named("key")) }
    configuration.keys = reader.keys
    keyModels = reader.models
  }

  private mutating func readTranslation(_ field: Field) {
    guard let section = Section(field, keys: ["unsupported_parameters"]),
      let word = section["unsupported_parameters"]?.choice(["drop", "refuse"])
    else { return }
    configuration.refusesUnsupportedParameters = word == "refuse"
  }

  private mutating func readListeners(_ field: Field) {
    guard let section = Section(field, keys: ListenerConfiguration.Role.allCases.map(\.rawValue))
    else { return }
    configuration.listeners = []
    for role in ListenerConfiguration.Role.allCases {
      guard let field = section[role.rawValue],
        let listener = Section(field, keys: ["host", "ports", "tls"])
      else { continue }
      let host = listener["host"]?.text("an IP address") ?? "127.0.0.1"
      let tls = listener["tls"].flatMap { readTLS($0) }
      for element in listener.required("ports")?.list() ?? [] {
        guard let port = element.named("port").integer(0...65_535) else { continue }
        let read = ListenerConfiguration(role: role, host: host, port: UInt16(port), tls: tls)
        let isTaken = configuration.listeners.contains { $0.port == read.port && $0.port != 0 }
        if isTaken { element.report("port \(port) is listened on twice") }
        configuration.listeners.append(read)
      }
    }
  }

  private mutating func readTelemetry(_ section: Section) {
    var document = TelemetryDocument()
    if let field = section["telemetry"] { document.read(field) }
    document.read(environment: section.field.reading.environment) { section.field.report($0) }
    configuration.telemetry = document.configuration
  }

  private func readTLS(_ field: Field) -> TLSFiles? {
    guard let section = Section(field, keys: ["certificate", "key"]),
      let certificate = section.required("certificate")?.text(),
      let key = section.required("key")?.text()
    else { return nil }
    return TLSFiles(
      certificate: field.file.resolve(certificate), key: field.file.resolve(key))
  }

  private mutating func readLimits(_ field: Field) {
    let keys = [
      "client_connections", "http2_streams", "request_head", "request_headers", "request_body",
      "request_bodies", "pipelined_requests", "requests_per_connection", "json_depth",
      "response_head", "response_headers", "stream_event", "relay_buffer", "upstream_connections",
      "upstream_idle_connections", "upstream_streams", "decision_records",
    ]
    guard let section = Section(field, keys: keys) else { return }
    let gigabytes: Int64 = 1 << 40
    section.set(
      &configuration.limits.clientConnectionsMaximum, "client_connections",
      integer: 1...1_000_000)
    section.set(&configuration.limits.http2StreamsMaximum, "http2_streams", integer: 1...100_000)
    section.set(
      &configuration.limits.requestHeadBytesMaximum, "request_head", bytes: 1_024...1 << 20)
    section.set(&configuration.limits.requestHeadersMaximum, "request_headers", integer: 8...1_024)
    section.set(
      &configuration.limits.requestBodyBytesMaximum, "request_body", bytes: 1_024...1 << 32)
    section.set(
      &configuration.limits.requestBodiesBytesMaximum, "request_bodies", bytes: 1_024...gigabytes)
    section.set(
      &configuration.limits.pipelinedRequestsMaximum, "pipelined_requests", integer: 1...1_024)
    section.set(
      &configuration.limits.requestsPerConnectionMaximum, "requests_per_connection",
      integer: 1...1_000_000_000)
    section.set(&configuration.limits.jsonDepthMaximum, "json_depth", integer: 8...1_024)
    section.set(
      &configuration.limits.responseHeadBytesMaximum, "response_head", bytes: 1_024...1 << 20)
    section.set(
      &configuration.limits.responseHeadersMaximum, "response_headers", integer: 8...1_024)
    section.set(
      &configuration.limits.streamEventBytesMaximum, "stream_event", bytes: 1_024...1 << 30)
    section.set(
      &configuration.limits.relayBufferBytesMaximum, "relay_buffer", bytes: 4_096...1 << 30)
    section.set(
      &configuration.limits.upstreamConnectionsMaximum, "upstream_connections",
      integer: 1...1_000_000)
    section.set(
      &configuration.limits.upstreamIdleConnectionsMaximum, "upstream_idle_connections",
      integer: 0...1_000_000)
    section.set(
      &configuration.limits.upstreamStreamsMaximum, "upstream_streams", integer: 1...100_000)
    section.set(
      &configuration.limits.decisionRecordsMaximum, "decision_records", integer: 0...10_000_000)
    if configuration.limits.requestBodyBytesMaximum
      > configuration.limits.requestBodiesBytesMaximum
    {
      field.report("`request_body` is larger than `request_bodies`, the bound of all together")
    }
  }

  private mutating func readTimeouts(_ field: Field) {
    let keys: [(String, WritableKeyPath<Timeouts, Int64>)] = [
      ("connect", \.connectMilliseconds), ("tls", \.tlsMilliseconds),
      ("first_header", \.firstHeaderMilliseconds), ("first_token", \.firstTokenMilliseconds),
      ("between_tokens", \.betweenTokensMilliseconds), ("total", \.totalMilliseconds),
      ("client_head", \.clientHeadMilliseconds), ("client_body", \.clientBodyMilliseconds),
      ("client_idle", \.clientIdleMilliseconds), ("client_write", \.clientWriteMilliseconds),
      ("realtime_idle", \.realtimeIdleMilliseconds),
      ("upstream_idle", \.upstreamIdleMilliseconds), ("drain", \.drainMilliseconds),
    ]
    guard let section = Section(field, keys: keys.map(\.0)) else { return }
    for (key, path) in keys {
      section.set(&configuration.timeouts[keyPath: path], key, milliseconds: 1...86_400_000)
    }
  }

  private mutating func readRetries(_ field: Field) {
    let keys = [
      "attempts", "backoff", "backoff_maximum", "budget_ratio", "budget_per_second", "statuses",
    ]
    guard let section = Section(field, keys: keys) else { return }
    section.set(
      &configuration.retries.attemptsMaximum, "attempts",
      integer: 1...RetrySettings.attemptsLimit)
    section.set(&configuration.retries.backoffMilliseconds, "backoff", milliseconds: 0...60_000)
    section.set(
      &configuration.retries.backoffMaximumMilliseconds, "backoff_maximum",
      milliseconds: 0...600_000)
    section.set(
      &configuration.retries.budgetThousandths, "budget_ratio", thousandths: "a share from 0 to 1")
    section.set(
      &configuration.retries.budgetMinimumPerSecond, "budget_per_second", integer: 0...1_000_000)
    if let field = section["statuses"] {
      let statuses = field.list().compactMap { $0.named("status").integer(400...599) }
      configuration.retries.statuses = Set(statuses.map { Int($0) })
    }
  }

  private mutating func readCircuit(_ field: Field) {
    let keys = [
      "window", "minimum_volume", "error_rate", "consecutive_failures", "cool_down",
      "cool_down_maximum", "jitter", "probes", "probe_successes", "probe_timeout",
      "retry_after_maximum", "forgiveness",
    ]
    guard let section = Section(field, keys: keys) else { return }
    var window = configuration.circuit.bucketMilliseconds * 10
    section.set(&window, "window", milliseconds: 1_000...3_600_000)
    configuration.circuit.bucketMilliseconds = window / 10
    section.set(&configuration.circuit.minimumVolume, "minimum_volume", integer: 1...1_000_000)
    section.set(
      &configuration.circuit.errorRateThousandths, "error_rate",
      thousandths: "a share from 0 to 1")
    section.set(
      &configuration.circuit.consecutiveFailures, "consecutive_failures", integer: 1...127)
    section.set(
      &configuration.circuit.coolDownMilliseconds, "cool_down", milliseconds: 1...3_600_000)
    section.set(
      &configuration.circuit.coolDownMaximumMilliseconds, "cool_down_maximum",
      milliseconds: 1...86_400_000)
    section.set(
      &configuration.circuit.jitterThousandths, "jitter", thousandths: "a share from 0 to 1")
    section.set(&configuration.circuit.probesMaximum, "probes", integer: 1...15)
    section.set(&configuration.circuit.probeSuccesses, "probe_successes", integer: 1...15)
    section.set(
      &configuration.circuit.probeTimeoutMilliseconds, "probe_timeout",
      milliseconds: 1...3_600_000)
    section.set(
      &configuration.circuit.retryAfterMaximumMilliseconds, "retry_after_maximum",
      milliseconds: 1...86_400_000)
    section.set(
      &configuration.circuit.forgivenessMilliseconds, "forgiveness", milliseconds: 0...86_400_000)
  }

  private mutating func readPolicies(_ field: Field) {
    guard let section = Section(field, keys: ["paths", "schema", "watch", "run_tests"]) else {
      return
    }
    configuration.policies.paths =
      section["paths"]?.texts().map { field.file.resolve($0.text) } ?? []
    configuration.policies.schemaPath = section["schema"]?.text().map(field.file.resolve)
    if let value = section["watch"]?.boolean() { configuration.policies.isWatched = value }
    if let value = section["run_tests"]?.boolean() { configuration.policies.runsTests = value }
  }

  private mutating func readLogging(_ field: Field) {
    let keys = ["level", "access_log", "access_log_format", "access_log_sample_ratio"]
    guard let section = Section(field, keys: keys) else { return }
    let levels = LoggingConfiguration.Level.allCases.map(\.rawValue)
    if let level = section["level"]?.choice(levels) {
      configuration.logging.level = LoggingConfiguration.Level(rawValue: level) ?? .info
    }
    if let field = section["access_log"] { configuration.logging.accessLog = accessLog(field) }
    if let ratio = section["access_log_sample_ratio"]?.parsed(
      "a share from 0 to 1", TelemetryDocument.share)
    {
      configuration.logging.accessLogSampleRatio = ratio
    }
    let formats = LoggingConfiguration.AccessLogFormat.allCases.map(\.rawValue)
    if let format = section["access_log_format"]?.choice(formats) {
      configuration.logging.accessLogFormat = .init(rawValue: format) ?? .json
    }
  }

  private func accessLog(_ field: Field) -> LoggingConfiguration.AccessLog? {
    switch field.text("`false`, `stdout`, `stderr` or a file's path") {
    case nil, "false", "": nil
    case "true", "stdout": .standardOutput
    case "stderr": .standardError
    case .some(let path): .file(field.file.resolve(path))
    }
  }
}
