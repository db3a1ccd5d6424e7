// SPDX-License-Identifier: MIT

internal import Bytes
internal import Clocks
internal import EventLoop
internal import JSON
internal import ModelCatalog
internal import Network
internal import Routing
internal import Telemetry

/// What one attempt used and cost.
struct Bill {
  var tokens = TokenBuckets()
  var cost = Money.zero
  /// The provider did not say what was used.
  var isEstimated = false
  /// Whether there is anything to pay for: an attempt that was refused costs nothing.
  var isCharged = false
}

/// What an attempt cost, told once, when it ends: to metrics, the span and the access log.
extension Worker {
  /// Bytes of text to a token: the usual rule of thumb for English.
  static let bytesPerToken: Int64 = 4

  func charge(_ client: Client, _ outcome: Telemetry.AttemptOutcome, _ now: UInt64) {
    if client.pointee.exchange.endpoint.task.isChargedOtherwise {
      chargeOtherwise(client, outcome, now)
      return
    }
    if client.pointee.exchange.hasUsage {
      let usage = client.pointee.exchange.usage
      client.pointee.exchange.bill.tokens = TokenBuckets(usage)
      client.pointee.exchange.bill.isEstimated = false
    } else if wasServed(client, outcome) {
      client.pointee.exchange.bill.tokens = estimatedTokens(client)
      client.pointee.exchange.bill.isEstimated = true
    } else {
      client.pointee.exchange.bill = Bill()
      return
    }
    client.pointee.exchange.bill.isCharged = true
    let model = currentDeployment(client).pointee.deployment.model
    let cost = client.pointee.exchange.lease!.pointee.catalog._withUnsafeGuaranteedRef {
      $0.cost(
        of: client.pointee.exchange.bill.tokens, model: model,
        tier: client.pointee.exchange.serviceTier)
    }
    client.pointee.exchange.bill.cost = cost
    client.pointee.exchange.totalCost = client.pointee.exchange.totalCost + cost
    let isEstimated = client.pointee.exchange.bill.isEstimated
    let row = currentDeployment(client).pointee.modelMetricRow
    metrics.spent(model: row, picodollars: cost.picodollars, isEstimated: isEstimated)
    if !isEstimated { countTokens(client, row, now, outcome) }
  }

  /// Metrics of tokens are what providers say; estimates are not among them.
  func countTokens(
    _ client: Client, _ model: Int, _ now: UInt64, _ outcome: Telemetry.AttemptOutcome
  ) {
    let operation = client.pointee.exchange.endpoint.metric
    let usage = client.pointee.exchange.usage
    let output = Int64(clamping: usage.completionTokens)
    metrics.tokensUsed(
      operation, model: model, input: Int64(clamping: usage.promptTokens), output: output)
    let parts =
      usage.cachedTokens | usage.cacheWriteTokens | usage.reasoningTokens
      | usage.audioInputTokens | usage.audioOutputTokens
    if parts != 0 {
      metrics.tokensUsed(
        operation, model: model, cacheRead: Int64(clamping: usage.cachedTokens),
        cacheWrite: Int64(clamping: usage.cacheWriteTokens),
        reasoning: Int64(clamping: usage.reasoningTokens),
        audioInput: Int64(clamping: usage.audioInputTokens),
        audioOutput: Int64(clamping: usage.audioOutputTokens))
    }
    let first = client.pointee.exchange.firstByteNanoseconds
    if client.pointee.exchange.mode == .events, outcome == .success, now > first, first > 0 {
      metrics.streamFinished(
        operation, model: model, outputTokens: output,
        after: Interval(nanoseconds: Int64(now - first)))
    }
  }

  /// Whether a provider that says nothing about usage will want to be paid: it answered, or had
  /// begun to.
  func wasServed(_ client: Client, _ outcome: Telemetry.AttemptOutcome) -> Bool {
    let status = client.pointee.exchange.upstreamStatus
    // Whoever has a whole request works on it, whether or not anybody waits for the answer.
    if outcome == .hedged && (status == 0 || (200..<300).contains(status)) {
      return client.pointee.exchange.upstream?.pointee.isRequestSent == true
    }
    guard status >= 200, status < 300 else { return false }
    return client.pointee.exchange.mode == .events
      ? client.pointee.exchange.chunkCount > 0 : outcome == .success
  }

  /// Tokens in by the bytes of the messages. Tokens out by the chunks of a stream, each of which
  /// is a token as a rule, or else by the bytes of the answer.
  private func estimatedTokens(_ client: Client) -> TokenBuckets {
    let output: Int64 =
      switch client.pointee.exchange.mode {
      case _ where client.pointee.exchange.endpoint.task == .embeddings: 0
      case _ where client.pointee.exchange.upstreamStatus == 0: 0
      case .events where client.pointee.exchange.foreign == nil:
        Int64(client.pointee.exchange.chunkCount)
      default: Int64(client.pointee.exchange.answerByteCount) / Self.bytesPerToken + 1
      }
    return TokenBuckets(input: estimatedInputTokens(client), output: output)
  }
}

extension TokenBuckets {
  @inline(__always)
  init(_ usage: TokenUsage) {
    self.init(
      input: Int64(clamping: usage.promptTokens), cacheRead: Int64(clamping: usage.cachedTokens),
      cacheWrite: Int64(clamping: usage.cacheWriteTokens),
      cacheWriteHour: Int64(clamping: usage.cacheWriteHourTokens),
      audioInput: Int64(clamping: usage.audioInputTokens),
      output: Int64(clamping: usage.completionTokens),
      reasoning: Int64(clamping: usage.reasoningTokens),
      audioOutput: Int64(clamping: usage.audioOutputTokens))
  }
}
