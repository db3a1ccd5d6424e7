// SPDX-License-Identifier: MIT

/// What is exported by OpenTelemetry's protocol, and where to.
public struct TelemetryConfiguration: Sendable, Equatable {
  public enum ExportProtocol: String, CaseIterable, Sendable {
    case protobuf = "http/protobuf"
    case json = "http/json"
  }

  public enum Compression: String, CaseIterable, Sendable {
    case gzip, none
  }

  /// Names as in `OTEL_TRACES_SAMPLER`.
  public static let samplers = [
    "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off",
    "parentbased_traceidratio",
  ]

  /// Nothing is exported and nothing traced, whatever else is said: `OTEL_SDK_DISABLED`.
  public var isDisabled = false
  public var serviceName = "gateway"
  /// Attributes of the resource besides the service's name.
  public var resource: [String: String] = [:]
  /// URLs of the two signals; nil where one is not exported.
  public var tracesURL: String?
  public var metricsURL: String?
  public var exportProtocol = ExportProtocol.protobuf
  public var compression = Compression.gzip
  public var headers: [String: String] = [:]
  public var timeoutMilliseconds: Int64 = 10_000
  public var sampler = "parentbased_always_on"
  /// For the samplers with `traceidratio`.
  public var samplerRatio = 1.0
  public var batchCountMaximum: Int64 = 512
  public var batchIntervalMilliseconds: Int64 = 5_000
  public var queueCountMaximum: Int64 = 4_096
  public var metricsIntervalMilliseconds: Int64 = 60_000
  /// Whether `gen_ai.client.token.usage` is shown beside the counters that replace it.
  public var hasTokenUsageHistogram = true
  public var capturesContent = false
  public var contentBytesMaximum: Int64 = 16 << 10

  public init() {}

  public var exportsTraces: Bool { !isDisabled && tracesURL != nil }
  public var exportsMetrics: Bool { !isDisabled && metricsURL != nil }
}
