// SPDX-License-Identifier: MIT

public import Network
public import Telemetry

/// What all workers and the control plane share: immutable snapshots behind publishers, and
/// atomics.
public final class SharedState: Sendable {
  public let snapshots: SnapshotPublisher
  public let metrics: MetricSet
  /// For upstreams over TLS; nil when none is.
  public let clientTLS: TLSContext?
  /// Of the gateways whose credential is fetched.
  let credentials: [GatewayCredential]
  /// The same, offering HTTP/2 as well.
  public let clientTLSWithHTTP2: TLSContext?
  /// When the process started, in seconds since 1970.
  public let startSeconds: Int64
  /// What providers want back of earlier answers.
  let replays = SharedReplays()
  /// Where responses are kept that clients may refer to.
  let responses = SharedResponses()
  let placeWakeUps = PlaceWakeUps()
  /// The rows of limits of concurrency in the metrics, by the numbers of their gates; -1 for none.
  let limitRows: [Int]
  /// Nil for none; made for as many workers as there are.
  let accessLog: AccessLog?
  let accessLogFormat: AccessLogFormat
  let accessLogSampleRatio: Double
  /// Where spans go; nil where nothing is traced. Made for as many workers as there are.
  let spans: SpanCollector?
  /// Tells the log of failed attempts; called on the workers' threads, and must not block.
  let report: (@Sendable (FailedAttempt) -> Void)?
  /// Called before metrics are rendered, to sample what is not recorded as it happens.
  let sample: @Sendable () -> Void

  public init(
    snapshots: SnapshotPublisher, metrics: MetricSet,
    clientTLS: TLSContext?, clientTLSWithHTTP2: TLSContext? = nil,
    credentials: [GatewayCredential] = [], startSeconds: Int64,
    accessLog: AccessLog? = nil, accessLogFormat: AccessLogFormat = .json,
    accessLogSampleRatio: Double = 1,
    spans: SpanCollector? = nil, limitRows: [Int] = [],
    report: (@Sendable (FailedAttempt) -> Void)? = nil,
    sample: @escaping @Sendable () -> Void
  ) {
    self.snapshots = snapshots
    self.metrics = metrics
    self.clientTLS = clientTLS
    self.credentials = credentials
    self.clientTLSWithHTTP2 = clientTLSWithHTTP2
    self.startSeconds = startSeconds
    self.accessLog = accessLog
    self.accessLogFormat = accessLogFormat
    self.accessLogSampleRatio = accessLogSampleRatio
    self.spans = spans
    self.limitRows = limitRows
    self.report = report
    self.sample = sample
  }

  /// Brings up to date what is not recorded as it happens.
  public func sampleMetrics() { sample() }

  /// The metrics as Prometheus text.
  public func renderMetrics() -> String {
    sample()
    return metrics.registry.prometheusText()
  }
}
