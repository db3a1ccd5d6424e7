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

/// The labels of one limit of concurrency.
public struct LimitLabel: Sendable, Equatable {
  public let gateway: String
  /// Empty where all deployments of the gateway share it.
  public let deployment: String

  public init(gateway: String, deployment: String) {
    self.gateway = gateway
    self.deployment = deployment
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
  ///   - probes: the accounts that health probes go to, by distinct names.
  ///   - discoveries: the gateways whose lists are kept up to date, by distinct names.
  ///   - limits: of concurrency, with distinct labels.
  ///   - showsTokenUsage: whether `gen_ai.client.token.usage` is shown beside what replaces it.
  public init(
    models: [ModelLabel], deployments: [DeploymentLabel], probes: [String] = [],
    discoveries: [String] = [], limits: [LimitLabel] = [], workerCount: Int,
    showsTokenUsage: Bool = true
  ) {
    var layout = MetricLayout()
    unsafe families = .allocate(capacity: 1)
    unsafe families.initialize(
      to: MetricFamilies(
        &layout, models: models, deployments: deployments, probes: probes,
        discoveries: discoveries, limits: limits))
    if !showsTokenUsage { layout.hide(GatewayMetrics.tokenUsage) }
    // Rows by status: of the label, then of the error.
    let rows = StatusLabel.rowOfCode + RequestErrorLabel.rowOfCode
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
