// SPDX-License-Identifier: MIT

import Configuration
import ModelCatalog
import Testing

@Suite struct TelemetryConfigurationTests {
  static let models = "models: [{name: m, provider: openai, price: {input: 1, output: 2}}]\n"

  static func telemetry(
    _ text: String, _ environment: [String: String] = [:]
  ) throws -> TelemetryConfiguration {
    let loaded = load(text + Self.models, environment)
    return try #require(loaded.configuration, "\(loaded.errors)").telemetry
  }

  static func error(_ text: String, _ environment: [String: String] = [:]) -> String {
    load(text + Self.models, environment).errors.map(\.message).joined()
  }

  @Test func nothingIsExportedUnlessAReceiverIsNamed() throws {
    let plain = try Self.telemetry("")
    #expect(plain == TelemetryConfiguration())
    #expect(!plain.exportsTraces && !plain.exportsMetrics && !plain.capturesContent)
  }

  @Test func everythingCanBeSaid() throws {
    let read = try Self.telemetry(
      """
      telemetry:
        service_name: edge
        resource: {deployment.environment: test}
        otlp: {endpoint: "http://collector:4318/", metrics_endpoint: "https://m/x", timeout: 2s,
               protocol: http/json, compression: none, headers: {x-key: "${KEY}"}, batch: 7,
               batch_interval: 20ms, queue: 9}
        traces: {sampler: traceidratio, ratio: 0.25}
        metrics: {interval: 5s, token_usage_histogram: false}
        capture_content: true
        captured_content: 4KiB

      """, ["KEY": "secret"])
    #expect(read.serviceName == "edge" && read.resource == ["deployment.environment": "test"])
    #expect(read.tracesURL == "http://collector:4318/v1/traces")
    #expect(read.metricsURL == "https://m/x")
    #expect(read.exportProtocol == .json && read.compression == .none)
    #expect(read.headers == ["x-key": "secret"] && read.timeoutMilliseconds == 2_000)
    #expect(read.batchCountMaximum == 7 && read.batchIntervalMilliseconds == 20)
    #expect(read.queueCountMaximum == 9 && read.metricsIntervalMilliseconds == 5_000)
    #expect(read.sampler == "traceidratio" && read.samplerRatio == 0.25)
    #expect(!read.hasTokenUsageHistogram && read.capturesContent)
    #expect(read.contentBytesMaximum == 4_096)
  }

  @Test func theEnvironmentWins() throws {
    let file = "telemetry: {service_name: edge, otlp: {endpoint: \"http://a:1\"}}\n"
    let read = try Self.telemetry(
      file,
      [
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://b:2/base/", "OTEL_SERVICE_NAME": "",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:3/t",
        "OTEL_RESOURCE_ATTRIBUTES": "service.name=named, a=b%2Cc",
        "OTEL_EXPORTER_OTLP_HEADERS": "k=v", "OTEL_TRACES_SAMPLER_ARG": "0.5",
      ])
    #expect(read.tracesURL == "http://c:3/t")
    #expect(read.metricsURL == "http://b:2/base/v1/metrics")
    #expect(read.serviceName == "named" && read.resource == ["a": "b,c"])
    #expect(read.headers == ["k": "v"] && read.samplerRatio == 0.5)
    let disabled = try Self.telemetry(file, ["OTEL_SDK_DISABLED": "TRUE"])
    #expect(!disabled.exportsTraces && !disabled.exportsMetrics)
    let metricsOnly = try Self.telemetry(file, ["OTEL_TRACES_EXPORTER": "none"])
    #expect(!metricsOnly.exportsTraces && metricsOnly.exportsMetrics)
  }

  @Test(arguments: [
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"), ("OTEL_TRACES_SAMPLER", "xray"),
    ("OTEL_TRACES_SAMPLER_ARG", "2"), ("OTEL_RESOURCE_ATTRIBUTES", "nothing"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "a=%zz"), ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
  ])
  func variablesAreChecked(name: String, value: String) {
    #expect(Self.error("", [name: value]).contains(name))
  }

  @Test(arguments: [
    ("otlp: {endpoint: localhost}", "URL"), ("traces: {sampler: some}", "sampler"),
    ("traces: {ratio: 1.5}", "ratio"), ("otlp: {batch: 10, queue: 5}", "queue"),
    ("capture_content: maybe", "capture_content"), ("exporter: x", "exporter"),
  ])
  func theFileIsChecked(text: String, said: String) {
    #expect(Self.error("telemetry: {\(text)}\n").contains(said))
  }

  @Test func accessLogsCanBeSampled() throws {
    let loaded = load("logging: {access_log_sample_ratio: 0.1}\n" + Self.models)
    #expect(loaded.configuration?.logging.accessLogSampleRatio == 0.1)
    #expect(Self.error("logging: {access_log_sample_ratio: 2}\n").contains("a share from 0 to 1"))
  }
}

@Suite struct PriceTierTests {
  static func tariff(_ price: String) throws -> Tariff {
    let text = """
      models:
        - name: m
          provider: openai
          price: {\(price)}

      """
    let loaded = load(text)
    let model = try #require(loaded.configuration, "\(loaded.errors)").catalog.models[0]
    return try #require(model.tariff)
  }

  static func price(_ text: String) -> Price { Price(dollarsPerMillionTokens: text)! }

  @Test func partsAndTiers() throws {
    let tariff = try Self.tariff(
      "input: 3, output: 15, cache_read: 0.3, cache_write: 3.75, cache_write_1h: 6, "
        + "audio_input: 32, reasoning: 20, long_context: {above: 1000, input: 6, output: 22.5}, "
        + "batch: {input: 1.5, output: 7.5, long_context: {input: 3, output: 11}}, "
        + "priority: {input: 6, output: 30, cache_read: 0.6}")
    #expect(tariff.standard.cacheWriteHour == Self.price("6"))
    #expect(tariff.standard.audioInput == Self.price("32"))
    #expect(tariff.standard.audioOutput == Self.price("15"))
    #expect(tariff.standard.reasoning == Self.price("20"))
    // What a tier does not say is as in the standard one, where that has a price of its own.
    #expect(tariff.batch.cacheRead == Self.price("0.3"))
    #expect(tariff.batch.audioOutput == Self.price("7.5"))
    #expect(tariff.batchLongContext.output == Self.price("11"))
    #expect(tariff.priority.cacheRead == Self.price("0.6"))
    #expect(tariff.priorityLongContext.input == Self.price("6"))
    #expect(tariff.flex == tariff.standard)
    #expect(tariff.longContextThresholdTokens == 1_000)
    #expect(tariff.longContext.cacheRead == Self.price("0.3"))
  }

  @Test func plainPrices() throws {
    let tariff = try Self.tariff("input: 1, output: 2")
    #expect(tariff == Tariff(ModelPrices(input: Self.price("1"), output: Self.price("2"))))
  }
}
