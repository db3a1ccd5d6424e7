// SPDX-License-Identifier: MIT

internal import Accounts
internal import Bytes
internal import EventLoop
internal import JSON
public import ModelCatalog
internal import Network
public import Routing

/// A decision of the data plane with what explains it, for `GET /decisions/{id}`.
public struct DecisionRecord: Sendable {
  public let id: String
  /// What decided.
  public let snapshot: RoutingSnapshot
  public let plan: RoutePlan
  public let candidates: [CandidateResult]
  public let requestedModel: String
  public let decisionNanoseconds: UInt64
  public let estimatedInputTokens: Int64
  public let wallMilliseconds: Int64
  /// The status the client was sent; 0 while the answer is not out.
  public let status: UInt16
  public let attemptCount: Int
  /// How hedging ended: `won`, `lost`, `failed`, `abandoned` or `withheld`; nil where no attempt
  /// took long enough for it.
  public let hedge: String?
  public let durationMicroseconds: UInt64
  public let promptTokens: UInt64
  public let completionTokens: UInt64
  /// The deployment that answered and said what it used; nil for none.
  public let servedBy: DeploymentIndex?
  /// Prompt tokens that it had in its cache, and what that saved: less than nothing where a cache
  /// was written.
  public let cacheReadTokens: UInt64
  public let cacheSaving: Money
}

extension Worker {
  /// Fills in what became of the decision.
  func completeDecision(_ client: Client, _ now: UInt64) {
    guard let row = decisions.row(client.pointee.exchange.decision) else { return }
    row.pointee.status = client.pointee.exchange.status
    row.pointee.attemptCount = UInt16(clamping: client.pointee.exchange.attemptCount)
    row.pointee.hedge = hedgeResult(client) ?? .notNeeded
    row.pointee.durationMicroseconds = (now - client.pointee.exchange.startNanoseconds) / 1_000
    row.pointee.promptTokens = client.pointee.exchange.usage.promptTokens
    row.pointee.completionTokens = client.pointee.exchange.usage.completionTokens
    if row.pointee.plan.affinity != .none { noteCacheUse(client, row) }
  }

  /// What the prompt cost less, or more, than it would have without any cache.
  @inline(never)
  private func noteCacheUse(_ client: Client, _ row: UnsafeMutablePointer<DecisionRow>) {
    let bill = client.pointee.exchange.bill
    guard bill.isCharged, !bill.isEstimated else { return }
    row.pointee.servedBy = Int32(currentDeployment(client).pointee.deployment.index.rawValue)
    row.pointee.cacheReadTokens = UInt64(bill.tokens.cacheRead)
    var uncached = bill.tokens
    uncached.uncachedInput = uncached.totalInput - uncached.audioInput
    uncached.cacheRead = 0
    uncached.cacheWriteShort = 0
    uncached.cacheWriteHour = 0
    let cost = client.pointee.exchange.lease!.pointee.snapshot.catalog.cost(
      of: uncached, model: currentDeployment(client).pointee.deployment.model,
      tier: client.pointee.exchange.serviceTier)
    let saving = cost.picodollars - bill.cost.picodollars
    row.pointee.cacheSaving = Money(picodollars: saving)
  }

  /// The decision with this id in words; nil when it is unknown, overwritten, or of a snapshot that
  /// is no longer kept.
  func record(_ id: DecisionID) -> DecisionRecord? {
    guard let row = decisions.row(id),
      let snapshot = snapshot(version: row.pointee.leaseVersion)
    else { return nil }
    return record(row, snapshot)
  }

  private func record(
    _ row: UnsafeMutablePointer<DecisionRow>, _ snapshot: RoutingSnapshot
  ) -> DecisionRecord {
    let count = Int(row.pointee.candidateCount)
    return DecisionRecord(
      id: row.pointee.id.text, snapshot: snapshot, plan: row.pointee.plan,
      candidates: (0..<count).map { DecisionLog.candidate(row, $0) },
      requestedModel: DecisionLog.requestedModel(row).string,
      decisionNanoseconds: row.pointee.nanoseconds,
      estimatedInputTokens: row.pointee.estimatedInputTokens,
      wallMilliseconds: row.pointee.wallMilliseconds, status: row.pointee.status,
      attemptCount: Int(row.pointee.attemptCount),
      hedge: row.pointee.hedge == .notNeeded ? nil : "\(row.pointee.hedge.name)",
      durationMicroseconds: row.pointee.durationMicroseconds,
      promptTokens: row.pointee.promptTokens, completionTokens: row.pointee.completionTokens,
      servedBy: row.pointee.servedBy < 0
        ? nil : DeploymentIndex(rawValue: UInt16(row.pointee.servedBy)),
      cacheReadTokens: row.pointee.cacheReadTokens, cacheSaving: row.pointee.cacheSaving)
  }
}

extension DataPlane {
  /// The decision with this id, asked of the worker that made it; nil also when the worker has
  /// ended.
  public func decision(_ text: String) async -> DecisionRecord? {
    guard let id = DecisionID(text), Int(id.worker) < workers.count else { return nil }
    let worker = workers[Int(id.worker)]
    return await worker.loop.ask { worker.record(id) } ?? nil
  }
}
