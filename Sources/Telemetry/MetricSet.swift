// SPDX-License-Identifier: MIT

/// The labels of one model, as the catalogue orders them.
public struct ModelLabel: Sendable, Equatable {
  public let model: String
  public let provider: String

  public init(model: String, provider: String) {
    self.model = model
    self.provider = provider
  }
}

/// The labels of one deployment, as the catalogue orders them.
public struct DeploymentLabel: Sendable, Equatable {
  public let deployment: String
  public let model: String
  public let provider: String

  public init(deployment: String, model: String, provider: String) {
    self.deployment = deployment
    self.model = model
    self.provider = provider
  }
}

/// All the gateway's metrics for one configuration: models and deployments have become dense rows.
///
/// Workers record through `recorder(worker:)`, the control loop through `control`; any thread may
/// render. Keep it alive as long as a recorder is in use.
///
/// SAFETY: the two tables are written once, before anyone can see them, and freed with the set.
@safe
public final class MetricSet: @unchecked Sendable {
  public let registry: MetricRegistry
  private let families: UnsafeMutablePointer<MetricFamilies>
  private let statusRows: UnsafeMutablePointer<UInt8>

  /// - Parameters:
  ///   - models: in the order of the dense model index; no pair may repeat.
  ///   - deployments: in the order of the dense deployment index, with distinct names.
  public init(models: [ModelLabel], deployments: [DeploymentLabel], workerCount: Int) {
    var layout = MetricLayout()
    unsafe families = .allocate(capacity: 1)
    unsafe families.initialize(
      to: MetricFamilies(&layout, models: models, deployments: deployments))
    let rows = StatusLabel.rowOfCode
    unsafe statusRows = .allocate(capacity: rows.count)
    for (code, row) in rows.enumerated() { unsafe (statusRows + code).initialize(to: row) }
    registry = MetricRegistry(layout, workerCount: workerCount)
  }

  deinit {
    unsafe families.deinitialize(count: 1)
    unsafe families.deallocate()
    unsafe statusRows.deallocate()
  }

  /// What worker `index` records with; only its own thread may use it.
  public func recorder(worker index: Int) -> MetricRecorder {
    recorder(registry.shard(worker: index))
  }

  /// What the control loop records with.
  public var control: MetricRecorder { recorder(registry.controlShard) }

  private func recorder(_ shard: MetricShard) -> MetricRecorder {
    unsafe MetricRecorder(
      shard: shard, families: UnsafePointer(families), statusRows: UnsafePointer(statusRows))
  }
}

/// The handles of every family.
@usableFromInline
struct MetricFamilies: Sendable {
  @usableFromInline let modelCount: Int
  @usableFromInline let requests: CounterFamily
  @usableFromInline let requestDuration: HistogramFamily
  @usableFromInline let requestsInFlight: GaugeFamily
  @usableFromInline let rejections: CounterFamily
  @usableFromInline let clientConnections: GaugeFamily
  @usableFromInline let openStreams: GaugeFamily
  @usableFromInline let brokenStreams: CounterFamily
  @usableFromInline let upstreamConnections: GaugeFamily
  @usableFromInline let attempts: CounterFamily
  @usableFromInline let circuitState: GaugeFamily
  @usableFromInline let operationDuration: HistogramFamily
  @usableFromInline let timeToFirstChunk: HistogramFamily
  @usableFromInline let tokenUsage: HistogramFamily
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

  init(_ layout: inout MetricLayout, models: [ModelLabel], deployments: [DeploymentLabel]) {
    modelCount = models.count
    // The last row is for requests that were refused before a model was chosen.
    let served = MetricDimension(
      ["model", "provider"], rows: models.map { [$0.model, $0.provider] } + [["", ""]])
    let asked = MetricDimension(
      ["gen_ai_request_model", "gen_ai_provider_name"],
      rows: models.map { [$0.model, semanticProviderName($0.provider)] })
    let deployed = MetricDimension(
      ["deployment", "model", "provider"],
      rows: deployments.map { [$0.deployment, $0.model, $0.provider] })
    let operationNames = Operation.allCases.map(\.label)
    let operation = MetricDimension("gen_ai_operation_name", values: operationNames)
    let outcomes = AttemptOutcome.allCases

    requests = layout.counter(
      GatewayMetrics.requests, served, MetricDimension("status", values: StatusLabel.rows))
    requestDuration = layout.histogram(
      GatewayMetrics.requestDuration, MetricDimension("operation", values: operationNames))
    requestsInFlight = layout.gauge(GatewayMetrics.requestsInFlight)
    rejections = layout.counter(
      GatewayMetrics.rejections,
      MetricDimension("reason", values: RejectionReason.allCases.map(\.label)))
    clientConnections = layout.gauge(GatewayMetrics.clientConnections)
    openStreams = layout.gauge(GatewayMetrics.openStreams)
    brokenStreams = layout.counter(
      GatewayMetrics.brokenStreams,
      MetricDimension("side", values: StreamSide.allCases.map(\.label)))
    upstreamConnections = layout.gauge(GatewayMetrics.upstreamConnections)
    attempts = layout.counter(
      GatewayMetrics.attempts, deployed,
      MetricDimension("outcome", values: outcomes.map(\.label)))
    circuitState = layout.gauge(GatewayMetrics.circuitState, deployed)
    operationDuration = layout.histogram(
      GatewayMetrics.operationDuration, operation, asked,
      MetricDimension("error_type", values: outcomes.map(\.errorType)))
    timeToFirstChunk = layout.histogram(GatewayMetrics.timeToFirstChunk, operation, asked)
    tokenUsage = layout.histogram(
      GatewayMetrics.tokenUsage, operation, asked,
      MetricDimension("gen_ai_token_type", values: ["input", "output"]))
    decisions = layout.counter(
      GatewayMetrics.decisions,
      MetricDimension("outcome", values: DecisionOutcome.allCases.map(\.label)))
    decisionDuration = layout.histogram(GatewayMetrics.decisionDuration)
    policyReloads = layout.counter(
      GatewayMetrics.policyReloads,
      MetricDimension("result", values: ReloadResult.allCases.map(\.label)))
    policies = layout.gauge(GatewayMetrics.policies)
    accessLogDropped = layout.counter(GatewayMetrics.accessLogDropped)
    spansExported = layout.counter(GatewayMetrics.spansExported)
    spansDropped = layout.counter(
      GatewayMetrics.spansDropped,
      MetricDimension("reason", values: ExportDropReason.allCases.map(\.label)))
    residentMemory = layout.gauge(GatewayMetrics.residentMemory)
    processorTime = layout.counter(GatewayMetrics.processorTime)
    openFiles = layout.gauge(GatewayMetrics.openFiles)
    startTime = layout.gauge(GatewayMetrics.startTime)
  }
}
