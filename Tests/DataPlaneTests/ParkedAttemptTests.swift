// SPDX-License-Identifier: MIT

import Testing

@testable import DataPlane

@Suite("Parked attempts")
struct ParkedAttemptTests {
  private func fields(_ value: Any) -> Set<String> {
    Set(Mirror(reflecting: value).children.compactMap(\.label))
  }

  /// Of the request, its routing, and what the client is sent: there is one of each.
  private static let shared: Set<String> = [
    "endpoint", "key", "facts", "startNanoseconds", "totalDeadlineMilliseconds", "coding",
    "decoding", "foreignWantsStream", "foreignHasTools", "foreignHasImages", "failure",
    "hasMetLimit", "isAbandoned", "lease", "plan", "decision", "tracing", "hedge", "attemptCount",
    "resentCount",
    "serviceTier", "status", "isCommitted", "isStreamOpen", "isClientChunked", "lastFailure",
    "asksForUsage", "wantedOutputTokens", "outputTokensMaximum", "queuedByteCount", "frames",
    "stripsUsage",
    // The last two of bodies that are never hedged.
    "totalCost", "hasWaited", "keepAlive", "isForm", "units",
  ]
  /// What a parked attempt has beside an exchange's fields.
  private static let own: Set<String> = [
    "attemptSpanID", "isIdentified", "answer", "content", "deadlineMilliseconds", "number",
  ]

  @Test("every field of an exchange is the exchange's or the attempt's, and none is forgotten")
  func fields() {
    let ofExchange = fields(Exchange())
    let ofAttempt = fields(ParkedAttempt()).subtracting(Self.own)
    #expect(ofAttempt.isSubset(of: ofExchange))
    #expect(ofAttempt.isDisjoint(with: Self.shared))
    #expect(
      ofExchange.subtracting(ofAttempt).symmetricDifference(Self.shared).isEmpty,
      "a new field of Exchange has its place in one of the lists, or in ParkedAttempt")
    let ofTrace: Set<String> = ["context", "parentSpanID", "isRecording", "state"]
    #expect(fields(ExchangeTrace()).subtracting(Self.own) == ofTrace)
  }

  @Test("places are changed and changed back, field by field")
  func swapping() {
    var exchange = Exchange()
    exchange.step = 1
    exchange.attemptStartNanoseconds = 2
    exchange.waitsFor = .firstToken
    exchange.mode = .events
    exchange.upstreamStatus = 200
    exchange.chunkCount = 3
    exchange.hasAdmission = true
    let trace = UnsafeMutablePointer<ExchangeTrace>.allocate(capacity: 1)
    trace.initialize(to: ExchangeTrace())
    defer { trace.deallocate() }
    exchange.tracing = trace
    trace.pointee.attemptSpanID = 4
    exchange.retryAfterMilliseconds = 5
    exchange.attemptCount = 6
    var parked = ParkedAttempt()
    exchange.swapAttempt(with: &parked)
    #expect(exchange.step == 0 && parked.step == 1)
    #expect(exchange.waitsFor == .nothing && parked.waitsFor == .firstToken)
    #expect(exchange.mode == .buffered && parked.mode == .events)
    #expect(!exchange.hasAdmission && parked.hasAdmission)
    #expect(exchange.trace.attemptSpanID == 0 && parked.attemptSpanID == 4)
    #expect(exchange.retryAfterMilliseconds == -1 && parked.retryAfterMilliseconds == 5)
    #expect(exchange.attemptCount == 6)
    let before = Mirror(reflecting: ParkedAttempt()).children.map { "\($0)" }
    exchange.swapAttempt(with: &parked)
    #expect(Mirror(reflecting: parked).children.map { "\($0)" } == before)
    #expect(exchange.upstreamStatus == 200 && exchange.chunkCount == 3)
  }
}
