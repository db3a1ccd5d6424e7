// SPDX-License-Identifier: MIT

/// Every metric the gateway exports, by definition. `docs/reference/metrics.md` is made from it.
///
/// The `gen_ai_*` names follow OpenTelemetry's semantic conventions for generative AI, in
/// Prometheus' form.
public enum GatewayMetrics {
  /// 10 ms doubling to 81.92 s, in nanoseconds: the conventions' advice for operation durations.
  static let operationBoundaries: [Int64] = (0...13).map { 10_000_000 << Int64($0) }
  /// 1 ms doubling to 65.536 s, in nanoseconds.
  static let waitBoundaries: [Int64] = (0...16).map { 1_000_000 << Int64($0) }
  /// 1 to 67,108,864 in powers of four: the conventions' advice for token counts.
  static let tokenBoundaries: [Int64] = (0...13).map { 1 << (2 * Int64($0)) }
  /// 1 µs doubling to 2.048 ms, in nanoseconds.
  static let decisionBoundaries: [Int64] = (0...11).map { 1_000 << Int64($0) }

  public static let requests = MetricDefinition(
    .counter, "gateway_requests_total", named: "gateway.requests", unit: "{request}",
    help: "Requests answered, by the status sent and the model that served them.",
    labels: ["model", "provider", "status"])
  public static let requestDuration = MetricDefinition(
    .histogram, "gateway_request_duration_seconds", named: "gateway.request.duration", unit: "s",
    help: "Time from a request's head to the last byte of its answer.",
    labels: ["operation"], decimals: 9, boundaries: operationBoundaries)
  public static let requestsInFlight = MetricDefinition(
    .gauge, "gateway_requests_in_flight", named: "gateway.requests.in_flight", unit: "{request}",
    help: "Requests being served now.")
  public static let rejections = MetricDefinition(
    .counter, "gateway_rejections_total", named: "gateway.rejections", unit: "{request}",
    help: "Requests refused before a provider was asked, by reason.", labels: ["reason"])
  public static let clientConnections = MetricDefinition(
    .gauge, "gateway_client_connections", named: "gateway.client.connections", unit: "{connection}",
    help: "Open connections from clients.")
  public static let openStreams = MetricDefinition(
    .gauge, "gateway_open_streams", named: "gateway.streams.open", unit: "{stream}",
    help: "Streamed answers being relayed now.")
  public static let brokenStreams = MetricDefinition(
    .counter, "gateway_broken_streams_total", named: "gateway.streams.broken", unit: "{stream}",
    help: "Streams that ended without the provider's terminator, or whose client left.",
    labels: ["side"])

  public static let upstreamConnections = MetricDefinition(
    .gauge, "gateway_upstream_connections", named: "gateway.upstream.connections",
    unit: "{connection}",
    help: "Open connections to providers, idle ones too.")
  public static let attempts = MetricDefinition(
    .counter, "gateway_upstream_attempts_total", named: "gateway.upstream.attempts",
    unit: "{attempt}",
    help: "Attempts sent to deployments, by outcome.",
    labels: ["deployment", "model", "provider", "outcome"])
  public static let hedgesStarted = MetricDefinition(
    .counter, "gateway_hedges_started_total", named: "gateway.hedges.started", unit: "{attempt}",
    help: "Second attempts sent beside a first that took long, by the policies' @hedge.")
  public static let hedges = MetricDefinition(
    .counter, "gateway_hedges_total", named: "gateway.hedges", unit: "{request}",
    help: "Requests whose first attempt took longer than the policies' @hedge gives it: the second "
      + "attempt delivered first (won), the first did (lost), the second failed, the request was "
      + "given up (abandoned), or no second attempt could be sent (withheld).",
    labels: ["outcome"])
  public static let affinity = MetricDefinition(
    .counter, "gateway_affinity_requests_total", named: "gateway.affinity.requests",
    unit: "{request}",
    help: "Requests that were sent to a provider and that affinity had a choice for: sent to the "
      + "key's own deployment last (kept), or to another, because the own one's circuit was open, "
      + "it was full, an attempt failed, or a hedged one was overtaken.",
    labels: ["key", "result"])
  public static let circuitState = MetricDefinition(
    .gauge, "gateway_circuit_state", named: "gateway.circuit.state", unit: "1",
    help: "Circuit breaker of a deployment: 0 closed, 1 half open, 2 open.",
    labels: ["deployment", "model", "provider"])

  public static let probes = MetricDefinition(
    .counter, "gateway_probes_total", named: "gateway.probes", unit: "{probe}",
    help: "Health probes sent to upstreams, by result.", labels: ["gateway", "result"])
  public static let probeDuration = MetricDefinition(
    .histogram, "gateway_probe_duration_seconds", named: "gateway.probe.duration", unit: "s",
    help: "Time of one health probe.", labels: ["gateway"], decimals: 9,
    boundaries: operationBoundaries)
  public static let probeState = MetricDefinition(
    .gauge, "gateway_probe_state", named: "gateway.probe.state", unit: "1",
    help: "What the health probes of an upstream say: 0 healthy, 1 not known yet, 2 unhealthy.",
    labels: ["gateway"])
  public static let discoveries = MetricDefinition(
    .counter, "gateway_discoveries_total", named: "gateway.discoveries", unit: "{listing}",
    help: "Listings of an upstream's models by `discovery`, by result.",
    labels: ["gateway", "result"])
  public static let discoveredModels = MetricDefinition(
    .gauge, "gateway_discovered_models", named: "gateway.discovered_models", unit: "{model}",
    help: "Models that `discovery` has brought in: listed now, vanished from the list but served "
      + "yet, or ignored for their number or name.",
    labels: ["gateway", "state"])
  public static let discoveryChanges = MetricDefinition(
    .counter, "gateway_discovery_changes_total", named: "gateway.discovery.changes",
    unit: "{model}",
    help: "Models that an upstream's list has added, left out, shown again, or "
      + "whose grace is over.",
    labels: ["gateway", "change"])
  public static let concurrencyLimit = MetricDefinition(
    .gauge, "gateway_concurrency_limit", named: "gateway.concurrency.limit", unit: "{request}",
    help: "Requests that a gateway's account, or one of its deployments, is given at a time.",
    labels: ["gateway", "deployment"])
  public static let concurrencyInFlight = MetricDefinition(
    .gauge, "gateway_concurrency_in_flight", named: "gateway.concurrency.in_flight",
    unit: "{request}", help: "Requests that hold a place under a limit of concurrency.",
    labels: ["gateway", "deployment"])
  public static let concurrencyQueued = MetricDefinition(
    .gauge, "gateway_concurrency_queued", named: "gateway.concurrency.queued", unit: "{request}",
    help: "Requests that wait for a place under a limit of concurrency.",
    labels: ["gateway", "deployment"])
  public static let concurrencyRejected = MetricDefinition(
    .counter, "gateway_concurrency_rejected_total", named: "gateway.concurrency.rejected",
    unit: "{request}",
    help: "Requests refused by a limit of concurrency: its queue was full, or no place came in "
      + "time.",
    labels: ["gateway", "deployment", "reason"])
  public static let concurrencyWait = MetricDefinition(
    .histogram, "gateway_concurrency_wait_duration_seconds",
    named: "gateway.concurrency.wait.duration", unit: "s",
    help: "Time that requests stood in the queue of a limit of concurrency, whatever came of it; "
      + "those that found a place at once are not among them.",
    labels: ["gateway", "deployment"], decimals: 9, boundaries: waitBoundaries)

  public static let cost = MetricDefinition(
    .counter, "gateway_cost_usd_total", named: "gateway.cost", unit: "{USD}",
    help: "What attempts cost by the price list, in US dollars; estimated where the provider "
      + "reported no usage.",
    labels: ["model", "provider", "estimated"], decimals: 12)

  public static let decisions = MetricDefinition(
    .counter, "gateway_policy_decisions_total", named: "gateway.policy.decisions",
    unit: "{decision}",
    help: "Routing decisions, by outcome.",
    labels: ["outcome"])
  public static let decisionDuration = MetricDefinition(
    .histogram, "gateway_policy_decision_duration_seconds",
    named: "gateway.policy.decision.duration", unit: "s",
    help: "Time of one routing decision over all its candidates.",
    decimals: 9, boundaries: decisionBoundaries)
  public static let policyReloads = MetricDefinition(
    .counter, "gateway_policy_reloads_total", named: "gateway.policy.reloads", unit: "{reload}",
    help: "Policy reloads, by result.",
    labels: ["result"])
  public static let policies = MetricDefinition(
    .gauge, "gateway_policies", named: "gateway.policies", unit: "{policy}",
    help: "Policies in the running set.")

  public static let accessLogDropped = MetricDefinition(
    .counter, "gateway_access_log_dropped_lines_total", named: "gateway.access_log.dropped_lines",
    unit: "{line}",
    help: "Lines of the access log that were not written: its file or pipe was too slow or full.")

  public static let spansExported = MetricDefinition(
    .counter, "gateway_telemetry_spans_exported_total", named: "gateway.telemetry.spans.exported",
    unit: "{span}",
    help: "Spans that the OpenTelemetry receiver has taken.")
  public static let spansDropped = MetricDefinition(
    .counter, "gateway_telemetry_spans_dropped_total", named: "gateway.telemetry.spans.dropped",
    unit: "{span}",
    help: "Spans that were not exported, by reason.", labels: ["reason"])

  public static let residentMemory = MetricDefinition(
    .gauge, "process_resident_memory_bytes", named: "process.memory.usage", unit: "By",
    help: "Resident memory size in bytes.")
  public static let processorTime = MetricDefinition(
    .counter, "process_cpu_seconds_total", named: "process.cpu.time", unit: "s",
    help: "User and system CPU time spent in seconds.",
    decimals: 9)
  public static let openFiles = MetricDefinition(
    .gauge, "process_open_fds", named: "process.open_file_descriptor.count",
    unit: "{file_descriptor}",
    help: "Open file descriptors.")
  public static let startTime = MetricDefinition(
    .gauge, "process_start_time_seconds", named: "process.start_time", unit: "s",
    help: "Start of the process, seconds since the epoch.",
    decimals: 9)

  /// In the order in which they are rendered.
  public static let all: [MetricDefinition] =
    [
      requests, requestDuration, requestsInFlight, rejections, clientConnections, openStreams,
      brokenStreams, upstreamConnections, attempts, hedgesStarted, hedges, affinity, circuitState,
      probes, probeDuration, probeState, discoveries, discoveredModels, discoveryChanges,
      concurrencyLimit,
      concurrencyInFlight, concurrencyQueued,
      concurrencyRejected, concurrencyWait, cost,
    ] + generative + [
      decisions, decisionDuration, policyReloads, policies, accessLogDropped, spansExported,
      spansDropped, residentMemory, processorTime, openFiles, startTime,
    ]
}
