// SPDX-License-Identifier: MIT

/// The handles of every family.
@usableFromInline
struct MetricFamilies: Sendable {
  @usableFromInline let modelCount: Int
  @usableFromInline let requests: CounterFamily
  @usableFromInline let requestsInFlight: GaugeFamily
  @usableFromInline let rejections: CounterFamily
  @usableFromInline let clientConnections: GaugeFamily
  @usableFromInline let openStreams: GaugeFamily
  @usableFromInline let brokenStreams: CounterFamily
  @usableFromInline let upstreamConnections: GaugeFamily
  @usableFromInline let attempts: CounterFamily
  @usableFromInline let hedgesStarted: CounterFamily
  @usableFromInline let hedges: CounterFamily
  let affinity: CounterFamily
  @usableFromInline let circuitState: GaugeFamily
  let probes: CounterFamily
  let probeDuration: HistogramFamily
  let probeState: GaugeFamily
  let discovery: DiscoveryFamilies
  @usableFromInline let concurrencyLimit: GaugeFamily
  @usableFromInline let concurrencyInFlight: GaugeFamily
  @usableFromInline let concurrencyQueued: GaugeFamily
  @usableFromInline let concurrencyRejected: CounterFamily
  let concurrencyWait: HistogramFamily
  @usableFromInline let operationDuration: HistogramFamily
  @usableFromInline let timeToFirstChunk: HistogramFamily
  @usableFromInline let timePerOutputChunk: HistogramFamily
  @usableFromInline let tokenUsage: HistogramFamily
  @usableFromInline let usedCacheReadTokens: CounterFamily
  @usableFromInline let usedCacheWriteTokens: CounterFamily
  @usableFromInline let usedReasoningTokens: CounterFamily
  /// By whether they are of the output.
  @usableFromInline let usedAudioTokens: CounterFamily
  @usableFromInline let serverRequestDuration: HistogramFamily
  @usableFromInline let serverTimeToFirstToken: HistogramFamily
  @usableFromInline let serverTimePerOutputToken: HistogramFamily
  @usableFromInline let cost: CounterFamily
  @usableFromInline let decisions: CounterFamily
  @usableFromInline let decisionDuration: HistogramFamily
  @usableFromInline let policyReloads: CounterFamily
  @usableFromInline let policies: GaugeFamily
  @usableFromInline let accessLogDropped: CounterFamily
  @usableFromInline let spansExported: CounterFamily
  @usableFromInline let spansDropped: CounterFamily
  @usableFromInline let residentMemory: GaugeFamily
  @usableFromInline let processorTime: CounterFamily
  @usableFromInline let openFiles: GaugeFamily
  @usableFromInline let startTime: GaugeFamily

  init(
    _ layout: inout MetricLayout, models: [ModelLabel], deployments: [DeploymentLabel],
    probes probed: [String], discoveries discovering: [String], limits: [LimitLabel]
  ) {
    modelCount = models.count
    let probedAxis = MetricDimension("gateway", values: probed)
    let axes = MetricAxes(models: models, deployments: deployments, limits: limits)
    requests = layout.counter(GatewayMetrics.requests, axes.served, axes.status)
    requestsInFlight = layout.gauge(GatewayMetrics.requestsInFlight)
    rejections = layout.counter(GatewayMetrics.rejections, axes.rejection)
    clientConnections = layout.gauge(GatewayMetrics.clientConnections)
    openStreams = layout.gauge(GatewayMetrics.openStreams)
    brokenStreams = layout.counter(GatewayMetrics.brokenStreams, axes.side)
    upstreamConnections = layout.gauge(GatewayMetrics.upstreamConnections)
    attempts = layout.counter(GatewayMetrics.attempts, axes.deployed, axes.outcome)
    hedgesStarted = layout.counter(GatewayMetrics.hedgesStarted)
    hedges = layout.counter(GatewayMetrics.hedges, axes.hedge)
    affinity = layout.counter(GatewayMetrics.affinity, axes.affinityKey, axes.affinityResult)
    circuitState = layout.gauge(GatewayMetrics.circuitState, axes.deployed)
    probes = layout.counter(GatewayMetrics.probes, probedAxis, axes.probeResult)
    probeDuration = layout.histogram(GatewayMetrics.probeDuration, probedAxis)
    probeState = layout.gauge(GatewayMetrics.probeState, probedAxis)
    discovery = DiscoveryFamilies(&layout, discovering)
    concurrencyLimit = layout.gauge(GatewayMetrics.concurrencyLimit, axes.limited)
    concurrencyInFlight = layout.gauge(GatewayMetrics.concurrencyInFlight, axes.limited)
    concurrencyQueued = layout.gauge(GatewayMetrics.concurrencyQueued, axes.limited)
    concurrencyRejected = layout.counter(
      GatewayMetrics.concurrencyRejected, axes.limited, axes.queueRefusal)
    concurrencyWait = layout.histogram(GatewayMetrics.concurrencyWait, axes.limited)
    cost = layout.counter(GatewayMetrics.cost, axes.priced, axes.estimated)

    operationDuration = layout.histogram(
      GatewayMetrics.operationDuration, axes.operation, axes.asked, axes.attemptError)
    timeToFirstChunk = layout.histogram(
      GatewayMetrics.timeToFirstChunk, axes.operation, axes.asked)
    timePerOutputChunk = layout.histogram(
      GatewayMetrics.timePerOutputChunk, axes.operation, axes.asked)
    tokenUsage = layout.histogram(
      GatewayMetrics.tokenUsage, axes.operation, axes.asked, axes.tokenType)
    usedCacheReadTokens = layout.counter(
      GatewayMetrics.usedCacheReadTokens, axes.operation, axes.asked, axes.unknownModality)
    usedCacheWriteTokens = layout.counter(
      GatewayMetrics.usedCacheWriteTokens, axes.operation, axes.asked, axes.unknownModality)
    usedReasoningTokens = layout.counter(
      GatewayMetrics.usedReasoningTokens, axes.operation, axes.asked, axes.unknownModality)
    usedAudioTokens = layout.counter(
      GatewayMetrics.usedAudioTokens, axes.operation, axes.asked, axes.tokenType)
    layout.hide(GatewayMetrics.usedAudioTokens)
    serverRequestDuration = layout.histogram(
      GatewayMetrics.serverRequestDuration, axes.operation, axes.askedOrNot, axes.requestError)
    serverTimeToFirstToken = layout.histogram(
      GatewayMetrics.serverTimeToFirstToken, axes.operation, axes.asked)
    serverTimePerOutputToken = layout.histogram(
      GatewayMetrics.serverTimePerOutputToken, axes.operation, axes.asked)

    decisions = layout.counter(GatewayMetrics.decisions, axes.decision)
    decisionDuration = layout.histogram(GatewayMetrics.decisionDuration)
    policyReloads = layout.counter(GatewayMetrics.policyReloads, axes.reload)
    policies = layout.gauge(GatewayMetrics.policies)
    accessLogDropped = layout.counter(GatewayMetrics.accessLogDropped)
    spansExported = layout.counter(GatewayMetrics.spansExported)
    spansDropped = layout.counter(GatewayMetrics.spansDropped, axes.spanDrop)
    residentMemory = layout.gauge(GatewayMetrics.residentMemory)
    processorTime = layout.counter(GatewayMetrics.processorTime)
    openFiles = layout.gauge(GatewayMetrics.openFiles)
    startTime = layout.gauge(GatewayMetrics.startTime)
    derive(&layout, axes)
  }

  /// What is shown of these records under other names.
  private func derive(_ layout: inout MetricLayout, _ axes: MetricAxes) {
    layout.derived(GatewayMetrics.requestDuration, [axes.plainOperation]) { rows in
      axes.askedOrNot.rows.indices.flatMap { model in
        axes.requestError.rows.indices.map { error in
          serverRequestDuration[rows[0], model, error].term
        }
      }
    }
    layout.derived(GatewayMetrics.operationInputTokens, [axes.operation, axes.asked]) { rows in
      [tokenUsage[rows[0], rows[1], 0].term]
    }
    layout.derived(GatewayMetrics.operationOutputTokens, [axes.operation, axes.asked]) { rows in
      [tokenUsage[rows[0], rows[1], 1].term]
    }
    for (direction, definition) in [
      GatewayMetrics.usedInputTokens, GatewayMetrics.usedOutputTokens,
    ].enumerated() {
      layout.derived(definition, [axes.operation, axes.asked, axes.modality]) { rows in
        var audio = usedAudioTokens[rows[0], rows[1], direction].term
        if rows[2] == 1 { return [audio] }
        audio.isSubtracted = true
        return [tokenUsage[rows[0], rows[1], direction].sumTerm, audio]
      }
    }
  }
}

/// The handles of what lists of models are counted in.
struct DiscoveryFamilies: Sendable {
  let listings: CounterFamily
  let models: GaugeFamily
  let changes: CounterFamily

  init(_ layout: inout MetricLayout, _ gateways: [String]) {
    let axis = MetricDimension("gateway", values: gateways)
    listings = layout.counter(
      GatewayMetrics.discoveries, axis, MetricDimension("result", values: ["success", "failure"]))
    models = layout.gauge(
      GatewayMetrics.discoveredModels, axis,
      MetricDimension("state", values: ["listed", "vanished", "ignored"]))
    changes = layout.counter(
      GatewayMetrics.discoveryChanges, axis,
      MetricDimension("change", values: DiscoveryChangeLabel.allCases.map(\.label)))
  }
}

/// The axes of all families.
private struct MetricAxes {
  let served: MetricDimension
  /// As `served`, without the row for requests that had no model.
  let priced: MetricDimension
  let asked: MetricDimension
  let askedOrNot: MetricDimension
  let deployed: MetricDimension
  let limited: MetricDimension
  let operation = MetricDimension(
    "gen_ai_operation_name", values: Operation.allCases.map(\.label))
  let plainOperation = MetricDimension("operation", values: Operation.allCases.map(\.label))
  let status = MetricDimension("status", values: StatusLabel.rows)
  let rejection = MetricDimension("reason", values: RejectionReason.allCases.map(\.label))
  let side = MetricDimension("side", values: StreamSide.allCases.map(\.label))
  let hedge = MetricDimension("outcome", values: HedgeOutcome.allCases.map(\.label))
  let affinityKey = MetricDimension("key", values: AffinityKeyLabel.allCases.map(\.label))
  let affinityResult = MetricDimension("result", values: AffinityResult.allCases.map(\.label))
  let outcome = MetricDimension("outcome", values: AttemptOutcome.allCases.map(\.label))
  let attemptError = MetricDimension(
    "error_type", values: AttemptOutcome.allCases.map(\.errorType))
  let requestError = MetricDimension("error_type", values: RequestErrorLabel.rows)
  let tokenType = MetricDimension("gen_ai_token_type", values: ["input", "output"])
  let modality = MetricDimension("gen_ai_token_modality", values: TokenModality.rows)
  let unknownModality = MetricDimension(
    "gen_ai_token_modality", values: [TokenModality.rows[0]])
  let queueRefusal = MetricDimension("reason", values: ["queue_full", "queue_timeout"])
  let estimated = MetricDimension("estimated", values: ["false", "true"])
  let decision = MetricDimension("outcome", values: DecisionOutcome.allCases.map(\.label))
  let probeResult = MetricDimension("result", values: ProbeResultLabel.allCases.map(\.label))
  let reload = MetricDimension("result", values: ReloadResult.allCases.map(\.label))
  let spanDrop = MetricDimension("reason", values: ExportDropReason.allCases.map(\.label))

  init(models: [ModelLabel], deployments: [DeploymentLabel], limits: [LimitLabel]) {
    limited = MetricDimension(
      ["gateway", "deployment"], rows: limits.map { [$0.gateway, $0.deployment] })
    let plain = models.map { [$0.model, $0.provider] }
    let semantic = models.map { [$0.model, semanticProviderName($0.provider)] }
    // The last row is for requests that were refused before a model was chosen.
    served = MetricDimension(["model", "provider"], rows: plain + [["", ""]])
    priced = MetricDimension(["model", "provider"], rows: plain)
    asked = MetricDimension(["gen_ai_request_model", "gen_ai_provider_name"], rows: semantic)
    askedOrNot = MetricDimension(
      ["gen_ai_request_model", "gen_ai_provider_name"], rows: semantic + [["", ""]])
    deployed = MetricDimension(
      ["deployment", "model", "provider"],
      rows: deployments.map { [$0.deployment, $0.model, $0.provider] })
  }
}
