// SPDX-License-Identifier: MIT

/// Every metric the gateway exports, by definition. `docs/reference/metrics.md` is made from it.
///
/// The `gen_ai_*` names follow OpenTelemetry's semantic conventions for generative AI, in
/// Prometheus' form.
public enum GatewayMetrics {
  /// 10 ms doubling to 81.92 s, in nanoseconds: the conventions' advice for operation durations.
  static let operationBoundaries: [Int64] = (0...13).map { 10_000_000 << Int64($0) }
  /// 1 to 67,108,864 in powers of four: the conventions' advice for token counts.
  static let tokenBoundaries: [Int64] = (0...13).map { 1 << (2 * Int64($0)) }
  /// 1 µs doubling to 2.048 ms, in nanoseconds.
  static let decisionBoundaries: [Int64] = (0...11).map { 1_000 << Int64($0) }

  public static let requests = MetricDefinition(
    .counter, "gateway_requests_total",
    help: "Requests answered, by the status sent and the model that served them.",
    labels: ["model", "provider", "status"])
  public static let requestDuration = MetricDefinition(
    .histogram, "gateway_request_duration_seconds",
    help: "Time from a request's head to the last byte of its answer.",
    labels: ["operation"], decimals: 9, boundaries: operationBoundaries)
  public static let requestsInFlight = MetricDefinition(
    .gauge, "gateway_requests_in_flight", help: "Requests being served now.")
  public static let rejections = MetricDefinition(
    .counter, "gateway_rejections_total",
    help: "Requests refused before a provider was asked, by reason.", labels: ["reason"])
  public static let clientConnections = MetricDefinition(
    .gauge, "gateway_client_connections", help: "Open connections from clients.")
  public static let openStreams = MetricDefinition(
    .gauge, "gateway_open_streams", help: "Streamed answers being relayed now.")
  public static let brokenStreams = MetricDefinition(
    .counter, "gateway_broken_streams_total",
    help: "Streams that ended without the provider's terminator, or whose client left.",
    labels: ["side"])

  public static let upstreamConnections = MetricDefinition(
    .gauge, "gateway_upstream_connections", help: "Open connections to providers, idle ones too.")
  public static let attempts = MetricDefinition(
    .counter, "gateway_upstream_attempts_total",
    help: "Attempts sent to deployments, by outcome.",
    labels: ["deployment", "model", "provider", "outcome"])
  public static let circuitState = MetricDefinition(
    .gauge, "gateway_circuit_state",
    help: "Circuit breaker of a deployment: 0 closed, 1 half open, 2 open.",
    labels: ["deployment", "model", "provider"])

  public static let operationDuration = MetricDefinition(
    .histogram, "gen_ai_client_operation_duration_seconds",
    help: "Time a provider took for one operation.",
    labels: [
      "gen_ai_operation_name", "gen_ai_request_model", "gen_ai_provider_name", "error_type",
    ], decimals: 9, boundaries: operationBoundaries)
  public static let timeToFirstChunk = MetricDefinition(
    .histogram, "gen_ai_client_operation_time_to_first_chunk_seconds",
    help: "Time from an attempt's start to the first chunk of its stream.",
    labels: ["gen_ai_operation_name", "gen_ai_request_model", "gen_ai_provider_name"],
    decimals: 9, boundaries: operationBoundaries)
  public static let tokenUsage = MetricDefinition(
    .histogram, "gen_ai_client_token_usage",
    help: "Tokens of one operation, as the provider counted them.",
    labels: [
      "gen_ai_operation_name", "gen_ai_request_model", "gen_ai_provider_name",
      "gen_ai_token_type",
    ], boundaries: tokenBoundaries)

  public static let decisions = MetricDefinition(
    .counter, "gateway_policy_decisions_total", help: "Routing decisions, by outcome.",
    labels: ["outcome"])
  public static let decisionDuration = MetricDefinition(
    .histogram, "gateway_policy_decision_duration_seconds",
    help: "Time of one routing decision over all its candidates.",
    decimals: 9, boundaries: decisionBoundaries)
  public static let policyReloads = MetricDefinition(
    .counter, "gateway_policy_reloads_total", help: "Policy reloads, by result.",
    labels: ["result"])
  public static let policies = MetricDefinition(
    .gauge, "gateway_policies", help: "Policies in the running set.")

  public static let accessLogDropped = MetricDefinition(
    .counter, "gateway_access_log_dropped_lines_total",
    help: "Lines of the access log that were not written: its file or pipe was too slow or full.")

  public static let spansExported = MetricDefinition(
    .counter, "gateway_telemetry_spans_exported_total",
    help: "Spans that the OpenTelemetry receiver has taken.")
  public static let spansDropped = MetricDefinition(
    .counter, "gateway_telemetry_spans_dropped_total",
    help: "Spans that were not exported, by reason.", labels: ["reason"])

  public static let residentMemory = MetricDefinition(
    .gauge, "process_resident_memory_bytes", help: "Resident memory size in bytes.")
  public static let processorTime = MetricDefinition(
    .counter, "process_cpu_seconds_total", help: "User and system CPU time spent in seconds.",
    decimals: 9)
  public static let openFiles = MetricDefinition(
    .gauge, "process_open_fds", help: "Open file descriptors.")
  public static let startTime = MetricDefinition(
    .gauge, "process_start_time_seconds", help: "Start of the process, seconds since the epoch.",
    decimals: 9)

  /// In the order in which they are rendered.
  public static let all: [MetricDefinition] = [
    requests, requestDuration, requestsInFlight, rejections, clientConnections, openStreams,
    brokenStreams, upstreamConnections, attempts, circuitState, operationDuration,
    timeToFirstChunk, tokenUsage, decisions, decisionDuration, policyReloads, policies,
    accessLogDropped, spansExported, spansDropped,
    residentMemory, processorTime, openFiles, startTime,
  ]
}
