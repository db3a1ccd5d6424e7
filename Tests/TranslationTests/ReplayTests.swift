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
    let id: JSONText = "call_a1b2c3d4"
    collector.note(.toolCallStart(choice: 0, index: 0, id: id, name: "f", signature: "g"))
    collector.note(.toolCallStart(choice: 0, index: 1, id: "b", name: "f", signature: nil))
    let kept = try #require(collector.record(of: "anthropic"))
    #expect(kept.id == "call_a1b2c3d4")
    #expect(
      kept.record.thoughts == [
        ReasoningBlock(text: "I need the weather.", signature: "c2ln"),
        ReasoningBlock(text: .empty, encrypted: "ZGF0YQ=="),
      ])
    #expect(kept.record.signatures == [ReplayRecord.Signature(id: "call_a1b2c3d4", text: "g")])
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

  /// A key kept anew does not stay in the order a second time, whatever lives before it.
  @Test func theOrderIsBounded() {
    var store = ReplayStore()
    store.keep(record(), tenant: 0, id: "old", nowMilliseconds: 0)
    for time in 1...20_000 {
      store.keep(record(), tenant: 0, id: "same", nowMilliseconds: Int64(time))
    }
    #expect(store.orderCount < 2_000 && store.count == 2)
    #expect(store.record(tenant: 0, id: "old", nowMilliseconds: 1) != nil)
    store.keep(record(), tenant: 0, id: "new", nowMilliseconds: 3_600_000)
    #expect(store.record(tenant: 0, id: "same", nowMilliseconds: 3_600_000) != nil)
    #expect(store.count == 2, "only the oldest was over")
  }

  @Test func anIDOfTwoAnswersIsNoName() {
    var store = ReplayStore()
    store.keep(record(), tenant: 0, id: "a", nowMilliseconds: 0)
    store.keep(record(), tenant: 0, id: "a", nowMilliseconds: 1)
    #expect(store.record(tenant: 0, id: "a", nowMilliseconds: 1) == record())
    store.keep(record(bytes: 5), tenant: 0, id: "a", nowMilliseconds: 2)
    for _ in 0..<2 {
      #expect(store.record(tenant: 0, id: "a", nowMilliseconds: 2)?.thoughts == [])
      store.keep(record(), tenant: 0, id: "a", nowMilliseconds: 2)
    }
    #expect(store.count == 1 && store.byteCount < 200)
  }

  private func kept(_ id: String, _ name: String) -> String? {
    var collector = ReplayCollector()
    collector.note(.reasoning(choice: 0, "t"))
    collector.note(
      .toolCallStart(choice: 0, index: 0, id: JSONText(id), name: JSONText(name), signature: nil))
    return collector.record(of: "vllm")?.id
  }

  /// Every conversation of a key has such an id: nothing tells whose the thoughts are.
  @Test(arguments: [
    ("functions.get_weather:0", "get_weather"), ("get_weather_0", "get_weather"),
    ("get_weather:12", "get_weather"), ("call_get_weather", "get_weather"), ("call_0", "f"),
    ("call_0_0", "get_weather"), ("0", "f"), ("", "f"), ("functions:0", "f"),
    ("function_call_3", "f"), ("functions.getWeatherForecast:1", "getWeatherForecast"),
    ("functions.multi_tool_use.parallel:0", "multi_tool_use.parallel"),
  ])
  func nothingIsKeptByACount(_ id: String, _ name: String) {
    #expect(kept(id, name) == nil)
  }

  @Test(arguments: [
    ("call_a1b2c3d4", "f"), ("toolu_01A09q90qw90lq917835lq9", "get_weather"),
    ("chatcmpl-tool-0123456789abcdef0123456789abcdef", "f"), ("D681PevKs", "f"),
    ("call_00_VeYrAsXO5XDZGBDPIyKYSLJB", "f"), ("call_7f3c0d9e-8a41-4f8e-9b1c-0d1e2f3a4b5c", "f"),
    ("web_search_3s5q2x9a7c1b", "web_search"), ("call_abcdefgh", "abc"), ("365174485", "f"),
    ("call_x7-Yz_abQ9-1_0", "f"),
  ])
  func otherIDsAreOfOneAnswer(_ id: String, _ name: String) {
    #expect(kept(id, name) == id)
  }

  @Test func whatIsTooLargeIsNotGathered() {
    var collector = ReplayCollector()
    let piece = JSONText(String(repeating: "x", count: 64 << 10))
    for _ in 0..<64 { collector.note(.reasoning(choice: 0, piece)) }
    #expect(collector.byteCount == ReplayRecord.bytesMaximum)
    for _ in 0..<8 { collector.note(.reasoning(choice: 0, piece)) }
    #expect(collector.byteCount == 0)
    collector.note(
      .toolCallStart(choice: 0, index: 0, id: "call_a1b2c3d4", name: "f", signature: nil))
    #expect(collector.record(of: "vllm") == nil)
  }
}
