// SPDX-License-Identifier: MIT

internal import Bytes
internal import Clocks
internal import EventLoop
internal import JSON
internal import ModelCatalog
internal import Network
internal import Routing
internal import Telemetry

/// Stage 11: what an exchange leaves behind, in metrics and in the decision record.
extension Worker {
  func settle(_ client: Client) {
    let now = Loop.nanoseconds
    let operation = client.pointee.exchange.endpoint.metric
    var model: Int?
    if client.pointee.exchange.plan.attemptCount > 0 {
      model = currentDeployment(client).pointee.modelMetricRow
      completeDecision(client, now)
      if client.pointee.exchange.plan.affinity != .none { countAffinity(client) }
    }
    if let outcome = hedgeResult(client)?.metric { metrics.hedgeEnded(outcome) }
    metrics.requestFinished(
      operation, status: client.pointee.exchange.status, model: model,
      duration: Interval(
        nanoseconds: Int64(now - client.pointee.exchange.startNanoseconds)))
    if let tracer { writeRequestSpan(client, tracer, end: now) }
    if let accessLines { writeAccessLine(client, accessLines, now: now) }
  }

  /// Latency to the first byte of the body, and the rate of tokens after it.
  func measure(_ client: Client, _ health: HealthReference, _ now: UInt64) {
    let start = client.pointee.exchange.attemptStartNanoseconds
    let first = client.pointee.exchange.firstByteNanoseconds
    guard first >= start, first > 0 else { return }
    health.measure(latencyMicroseconds: Int64((first - start) / 1_000))
    if client.pointee.exchange.hasUsage, client.pointee.exchange.mode == .events, now > first {
      health.measure(
        tokens: Int64(clamping: client.pointee.exchange.usage.completionTokens),
        overMicroseconds: Int64((now - first) / 1_000))
    }
  }

  func measureFirstToken(_ client: Client, _ now: UInt64) {
    metrics.firstChunk(
      client.pointee.exchange.endpoint.metric,
      model: currentDeployment(client).pointee.modelMetricRow,
      after: Interval(
        nanoseconds: Int64(now - client.pointee.exchange.attemptStartNanoseconds)),
      ofRequestAfter: Interval(
        nanoseconds: Int64(now - client.pointee.exchange.startNanoseconds)))
  }

  /// Counts events that came together. The first run of a stream is `measureFirstToken`'s.
  @inline(__always)
  func measureChunks(_ client: Client, _ count: Int, now: UInt64) {
    guard count > 0 else { return }
    if let series = client.pointee.exchange.chunkSeries {
      let before = client.pointee.exchange.lastChunkMilliseconds
      metrics.laterChunks(series, count: count, after: .milliseconds(Int64(now &- before)))
    } else {
      client.pointee.exchange.chunkSeries = metrics.chunkSeries(
        client.pointee.exchange.endpoint.metric,
        model: currentDeployment(client).pointee.modelMetricRow)
    }
    client.pointee.exchange.chunkCount &+= UInt32(truncatingIfNeeded: count)
    client.pointee.exchange.lastChunkMilliseconds = now
  }

  func recordAttempt(
    _ client: Client, _ outcome: Telemetry.AttemptOutcome, nanoseconds: UInt64
  ) {
    let current = currentDeployment(client)
    metrics.attemptFinished(
      client.pointee.exchange.endpoint.metric,
      deployment: Int(current.pointee.deployment.metricRow),
      model: current.pointee.modelMetricRow, outcome: outcome,
      duration: Interval(nanoseconds: Int64(nanoseconds)))
  }

  /// The head of a stream goes out, if it is not out already.
  @inline(__always)
  func openStream(_ client: Client) {
    client.pointee.exchange.isStreamOpen = true
    metrics.streamOpened()
  }

  /// The stream is over, but perhaps for its last bytes. What ends it first is counted.
  ///
  /// - Parameter side: which side broke it; nil for a good end.
  @inline(__always)
  func closeStream(_ client: Client, brokenBy side: StreamSide? = nil) {
    guard client.pointee.exchange.isStreamOpen else { return }
    client.pointee.exchange.isStreamOpen = false
    metrics.streamClosed()
    if let side { metrics.streamBroken(by: side) }
  }

  func countRejection(_ kind: GatewayErrorKind) {
    let reason: RejectionReason? =
      switch kind {
      case .malformedHTTP: .malformedHead
      case .headTooLarge: .headTooLarge
      case .bodyTooLarge: .bodyTooLarge
      case .malformedJSON, .malformedForm, .invalidParameter, .missingParameter,
        .unsupportedParameter,
        .unsupportedEncoding,
        .malformedEncoding:
        .malformedBody
      case .requestTimeout: .slowClient
      case .missingKey, .invalidKey, .keyNotAllowed: .unauthorized
      case .modelNotFound, .modelUnsupported: .unknownModel
      case .forbiddenByPolicy: .forbidden
      case .noHealthyDeployment: .noHealthyDeployment
      case .overloaded, .concurrencyLimited, .draining: .overCapacity
      case .routeNotFound, .methodNotAllowed, .responseNotFound: .notFound
      default: nil
      }
    if let reason { metrics.requestRejected(reason) }
  }
}
