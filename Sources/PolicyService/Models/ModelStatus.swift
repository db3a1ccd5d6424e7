// SPDX-License-Identifier: MIT

public import ControlPlane
internal import ModelCatalog

/// A model and the live state of its deployments, for `GET /models`.
public struct ModelStatus: Sendable, Equatable {
  /// What the gateway has measured of one deployment, or of a model over all of them.
  public struct Measurements: Sendable, Equatable {
    /// Milliseconds to the first byte; nil before the first answer.
    public var averageLatencyMilliseconds: Double?
    public var p95LatencyMilliseconds: Double?
    /// 0 to 1, over the window of the circuit breaker.
    public var errorRate: Double
    public var inFlight: Int64
    /// `closed`, `open` or `half-open`; of a model: the best of its deployments.
    public var circuit: String

    public init(
      averageLatencyMilliseconds: Double?, p95LatencyMilliseconds: Double?, errorRate: Double,
      inFlight: Int64, circuit: String
    ) {
      self.averageLatencyMilliseconds = averageLatencyMilliseconds
      self.p95LatencyMilliseconds = p95LatencyMilliseconds
      self.errorRate = errorRate
      self.inFlight = inFlight
      self.circuit = circuit
    }
  }

  /// A limit of concurrency, as it stands.
  public struct Limit: Sendable, Equatable {
    /// `deployment`, or `gateway` where all deployments of the gateway share it.
    public var scope: String
    /// The one in force.
    public var limit: Int64
    /// Whether it follows the provider's latency.
    public var isAdaptive: Bool
    public var inFlight: Int64
    public var queued: Int64
    public var queueMaximum: Int64
    /// Requests refused: those that found the queue full, and those that waited in vain.
    public var rejected: Int64

    public init(
      scope: String, limit: Int64, isAdaptive: Bool = false, inFlight: Int64, queued: Int64,
      queueMaximum: Int64, rejected: Int64
    ) {
      self.scope = scope
      self.limit = limit
      self.isAdaptive = isAdaptive
      self.inFlight = inFlight
      self.queued = queued
      self.queueMaximum = queueMaximum
      self.rejected = rejected
    }
  }

  public struct Deployment: Sendable, Equatable {
    public var gateway: String
    public var region: String
    public var upstreamModel: String
    public var weight: UInt32
    /// `healthy`, `unhealthy` or `unknown`; nil where its gateway is not probed.
    public var probe: String?
    public var measurements: Measurements
    /// Empty where it is given as many requests as come.
    public var limits: [Limit]

    public init(
      gateway: String, region: String, upstreamModel: String, weight: UInt32,
      probe: String? = nil, measurements: Measurements, limits: [Limit] = []
    ) {
      self.gateway = gateway
      self.region = region
      self.upstreamModel = upstreamModel
      self.weight = weight
      self.probe = probe
      self.measurements = measurements
      self.limits = limits
    }
  }

  public var model: String
  public var provider: String
  public var groups: [String]
  /// `configured`, `pattern` (of `model_routing`), `discovered` or `vanished` (from the list that
  /// brought it in).
  public var origin: String
  public var measurements: Measurements
  public var deployments: [Deployment]

  public init(
    model: String, provider: String, groups: [String], origin: String = "configured",
    measurements: Measurements, deployments: [Deployment]
  ) {
    self.model = model
    self.provider = provider
    self.groups = groups
    self.origin = origin
    self.measurements = measurements
    self.deployments = deployments
  }
}

extension ModelStatus {
  static let origins = ModelOrigin.allCases.map(\.name)

  public var json: JSONValue {
    .object(
      [
        .init("model", .string(model)), .init("provider", .string(provider)),
        .init("groups", .array(groups.map(JSONValue.string))),
        .init("origin", .string(origin)),
      ] + measurements.members + [.init("deployments", .array(deployments.map(\.json)))])
  }
}

extension ModelStatus.Measurements {
  fileprivate var members: [JSONValue.Member] {
    [
      .init("average_latency_ms", JSONValue(averageLatencyMilliseconds)),
      .init("p95_latency_ms", JSONValue(p95LatencyMilliseconds)),
      .init("error_rate", .number(errorRate)), .init("in_flight", .integer(inFlight)),
      .init("circuit", .string(circuit)),
    ]
  }
}

extension ModelStatus.Deployment {
  fileprivate var json: JSONValue {
    .object(
      [
        .init("gateway", .string(gateway)),
        .init("region", JSONValue(region.isEmpty ? nil : region)),
        .init("upstream_model", .string(upstreamModel)), .init("weight", JSONValue(weight)),
        .init("probe", JSONValue(probe)),
      ] + measurements.members + [.init("limits", .array(limits.map(\.json)))])
  }
}

extension ModelStatus.Limit {
  fileprivate var json: JSONValue {
    [
      "scope": .string(scope), "limit": .integer(limit), "adaptive": .boolean(isAdaptive),
      "in_flight": .integer(inFlight), "queued": .integer(queued),
      "queue_maximum": .integer(queueMaximum), "rejected": .integer(rejected),
    ]
  }
}
