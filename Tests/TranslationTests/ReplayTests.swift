// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Translation

struct ReplayTests {
  private func record(_ provider: String = "anthropic", bytes: Int = 4) -> ReplayRecord {
    ReplayRecord(
      provider: provider,
      thoughts: [
        ReasoningBlock(text: JSONText(String(repeating: "x", count: bytes)), signature: "sig")
      ])
  }

  @Test func aStreamsThoughtsAndSignaturesAreKept() throws {
    var collector = ReplayCollector()
    collector.note(.start(id: nil, model: nil))
    collector.note(.reasoning(choice: 0, "I need "))
    collector.note(.reasoning(choice: 0, "the weather."))
    collector.note(.reasoningSignature(choice: 0, "c2ln"))
    collector.note(.encryptedReasoning(choice: 0, "ZGF0YQ=="))
    #expect(collector.record(of: "anthropic") == nil, "without a call nothing is wanted back")
    collector.note(.toolCallStart(choice: 0, index: 0, id: "a", name: "f", signature: "g"))
    collector.note(.toolCallStart(choice: 0, index: 1, id: "b", name: "f", signature: nil))
    let kept = try #require(collector.record(of: "anthropic"))
    #expect(kept.id == "a")
    #expect(
      kept.record.thoughts == [
        ReasoningBlock(text: "I need the weather.", signature: "c2ln"),
        ReasoningBlock(text: .empty, encrypted: "ZGF0YQ=="),
      ])
    #expect(kept.record.signatures == [ReplayRecord.Signature(id: "a", text: "g")])
  }

  @Test func whatAClientDroppedIsPutBackForTheSameProviderOnly() {
    let call = Block(.toolCall(ToolCall(id: "a", name: "f", arguments: "{}")))
    var request = ChatRequest()
    request.messages = [
      Message(.user, [Block(.text("?"))]), Message(.assistant, [Block(.text("So")), call]),
    ]
    var kept = record()
    kept.signatures = [ReplayRecord.Signature(id: "a", text: "g")]
    var other = request
    other.restore(for: "gemini") { $0 == "a" ? kept : nil }
    #expect(other.messages[1].blocks.count == 2)
    request.restore(for: "anthropic") { $0 == "a" ? kept : nil }
    #expect(request.messages[1].blocks.count == 3)
    guard case .reasoning(let thought) = request.messages[1].blocks[0].content,
      case .toolCall(let restored) = request.messages[1].blocks[2].content
    else {
      Issue.record("thoughts come first")
      return
    }
    #expect(thought.signature == "sig" && restored.signature == "g")
    request.restore(for: "anthropic") { _ in kept }
    #expect(request.messages[1].blocks.count == 3, "a second time changes nothing")
  }

  @Test func tenantsAndTimeDivide() {
    var store = ReplayStore(lifetimeMilliseconds: 1_000)
    store.keep(record(), tenant: 1, id: "a", nowMilliseconds: 0)
    #expect(store.record(tenant: 1, id: "a", nowMilliseconds: 999) != nil)
    #expect(store.record(tenant: 2, id: "a", nowMilliseconds: 0) == nil)
    #expect(store.record(tenant: 1, id: "a", nowMilliseconds: 1_000) == nil)
    store.keep(record(), tenant: 1, id: "b", nowMilliseconds: 1_000)
    #expect(store.count == 1, "what is over is forgotten")
  }

  @Test func theOldestGoFirst() {
    var store = ReplayStore(recordsMaximum: 3)
    for id in ["a", "b", "c"] { store.keep(record(), tenant: 0, id: id, nowMilliseconds: 0) }
    store.keep(record(), tenant: 0, id: "a", nowMilliseconds: 1)
    store.keep(record(), tenant: 0, id: "d", nowMilliseconds: 2)
    #expect(store.record(tenant: 0, id: "b", nowMilliseconds: 2) == nil)
    #expect(store.record(tenant: 0, id: "a", nowMilliseconds: 2) != nil, "it was kept anew")
    #expect(store.count == 3)
  }

  @Test func bytesAreBounded() {
    var store = ReplayStore(bytesMaximum: 64_000)
    for id in 0..<100 {
      store.keep(record(bytes: 2_000), tenant: 0, id: "\(id)", nowMilliseconds: 0)
      #expect(store.byteCount <= 64_000)
    }
    store.keep(record(bytes: 60_000), tenant: 0, id: "large", nowMilliseconds: 0)
    #expect(store.record(tenant: 0, id: "large", nowMilliseconds: 0) == nil)
    #expect(store.count > 20)
  }
}
