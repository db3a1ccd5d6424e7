// SPDX-License-Identifier: MIT

internal import Accounts
internal import Bytes
internal import EventLoop
internal import JSON
internal import ModelCatalog
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
}

extension Worker {
  /// Fills in what became of the decision.
  func completeDecision(_ client: Client, _ now: UInt64) {
    _ = decisions.withRow(client.pointee.exchange.decision) { row in
      row.pointee.status = client.pointee.exchange.status
      row.pointee.attemptCount = UInt16(clamping: client.pointee.exchange.attemptCount)
      row.pointee.hedge = hedgeResult(client) ?? .notNeeded
      row.pointee.durationMicroseconds =
        (now - client.pointee.exchange.startNanoseconds) / 1_000
      row.pointee.promptTokens = client.pointee.exchange.usage.promptTokens
      row.pointee.completionTokens = client.pointee.exchange.usage.completionTokens
    }
  }

  /// The decision with this id in words; nil when it is unknown, overwritten, or of a snapshot that
  /// is no longer kept.
  func record(_ id: DecisionID) -> DecisionRecord? {
    let found = decisions.withRow(id) { row -> DecisionRecord? in
      guard let snapshot = snapshot(version: row.pointee.leaseVersion) else { return nil }
      return record(row, snapshot)
    }
    return found ?? nil
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
      wallMilliseconds: row.pointee.wallMilliseconds, status: row.pointee.status,
      attemptCount: Int(row.pointee.attemptCount),
      hedge: row.pointee.hedge == .notNeeded ? nil : "\(row.pointee.hedge.name)",
      durationMicroseconds: row.pointee.durationMicroseconds,
      promptTokens: row.pointee.promptTokens, completionTokens: row.pointee.completionTokens)
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
