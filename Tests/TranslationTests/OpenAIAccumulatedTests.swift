// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Translation

/// Clients send back what their SDK made of a stream: the deltas, merged.
struct OpenAIAccumulatedTests {
  private static let context = AnswerContext(
    requestID: "0123456789abcdef01234567", createdSeconds: 1, model: "m")

  /// The rules of the official SDKs' `accumulate_delta`, on JSON.
  private indirect enum Value: Equatable {
    case object([String: Value])
    case array([Value])
    case text(String)
    case other(String)

    init(_ node: JSONNode) {
      switch node.kind {
      case .object:
        self = .object(
          Dictionary(
            uniqueKeysWithValues: node.members.map { ($0.name.plain, Value($0.value)) }))
      case .array: self = .array(node.elements.map { Value($0) })
      default:
        let written = String(decoding: node.fragment.bytes, as: UTF8.self)
        self = node.text.map { .text($0.plain) } ?? .other(written)
      }
    }

    mutating func merge(_ delta: Value) throws {
      switch (self, delta) {
      case (.text(let text), .text(let more)): self = .text(text + more)
      case (.object(var members), .object(let more)):
        for (key, value) in more {
          guard var old = members[key], old != .other("null") else {
            members[key] = value
            continue
          }
          if key == "index" || key == "type" { old = value } else { try old.merge(value) }
          members[key] = old
        }
        self = .object(members)
      case (.array(var entries), .array(let more)):
        for entry in more {
          guard case .object(let members) = entry, case .other(let word)? = members["index"],
            let index = Int(word), index <= entries.count
          else { throw Unmergeable(entry: "\(entry)") }
          if index < entries.count {
            try entries[index].merge(entry)
          } else {
            entries.append(entry)
          }
        }
        self = .array(entries)
      default: self = delta
      }
    }

    var json: String {
      switch self {
      case .object(let members):
        "{" + members.map { "\"\($0.key)\":\($0.value.json)" }.joined(separator: ",") + "}"
      case .array(let entries): "[" + entries.map(\.json).joined(separator: ",") + "]"
      case .text(let text): "\"\(String(decoding: JSONText(text).escaped, as: UTF8.self))\""
      case .other(let word): word
      }
    }
  }

  private struct Unmergeable: Error { let entry: String }

  /// The message that an SDK makes of the stream of `events`.
  private func accumulated(
    _ events: [StreamEvent], _ context: AnswerContext = context
  ) throws -> Value {
    var encoder = OpenAIChatStreamEncoder(context)
    var message = Value.object([:])
    for event in events + [.finish(choice: 0, .toolCalls, native: nil, stopSequence: nil), .end] {
      var output: [UInt8] = []
      encoder.encode(event, into: &output)
      for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
        guard line.hasPrefix("data: {") else { continue }
        let root = try JSONTree().parse(Array(line.dropFirst(6).utf8)[...])
        let choice = try #require(root["choices"]?.elements.first { _ in true })
        try message.merge(Value(try #require(choice["delta"])))
      }
    }
    return message
  }

  private func thoughts(readFrom message: Value) throws -> [ReasoningBlock] {
    try thoughts(readFrom: message.json)
  }

  private func thoughts(readFrom message: String) throws -> [ReasoningBlock] {
    let node = try JSONTree().parse(Array(message.utf8)[...])
    return try OpenAIMessageReader(index: 0).read(node).blocks.compactMap {
      if case .reasoning(let thought) = $0.content { thought } else { nil }
    }
  }

  private static let call = StreamEvent.toolCallStart(
    choice: 0, index: 0, id: "a", name: "f", signature: nil)

  @Test func oneBlockComesBackWhole() throws {
    let message = try accumulated([
      .start(id: nil, model: nil), .reasoning(choice: 0, "I \"need\" "),
      .reasoning(choice: 0, "it."), .reasoningSignature(choice: 0, "c2ln"),
      .text(choice: 0, "So:"), Self.call, .toolCallArguments(choice: 0, index: 0, "{}"),
    ])
    #expect(
      try thoughts(readFrom: message) == [
        ReasoningBlock(text: JSONText("I \"need\" it."), signature: "c2ln")
      ])
  }

  @Test func severalBlocksComeBackAsTheyWere() throws {
    let message = try accumulated([
      .start(id: nil, model: nil), .reasoning(choice: 0, "One"), .reasoning(choice: 0, "."),
      .reasoningSignature(choice: 0, "czE="), .encryptedReasoning(choice: 0, "ZGF0YQ=="),
      .text(choice: 0, "Text"), .reasoning(choice: 0, "Two."),
      .reasoningSignature(choice: 0, "czI="), .reasoningSignature(choice: 0, "czM="),
      Self.call,
    ])
    #expect(
      try thoughts(readFrom: message) == [
        ReasoningBlock(text: "One.", signature: "czE="),
        ReasoningBlock(text: .empty, encrypted: "ZGF0YQ=="),
        ReasoningBlock(text: "Two.", signature: "czI="),
        ReasoningBlock(text: .empty, signature: "czM="),
      ])
  }

  @Test func thoughtsWithoutProofArePlainText() throws {
    let message = try accumulated([.reasoning(choice: 0, "Hm"), .reasoning(choice: 0, ".")])
    #expect(try thoughts(readFrom: message) == [ReasoningBlock(text: "Hm.")])
    guard case .object(let members) = message else { return }
    #expect(members["thinking_blocks"] == nil)
  }

  @Test func unprovenThoughtsBeforeACallAreNotSignedWithLaterOnes() throws {
    let message = try accumulated([
      .reasoning(choice: 0, "First."), Self.call, .reasoning(choice: 0, "Second."),
      .reasoningSignature(choice: 0, "c2ln"),
    ])
    #expect(
      try thoughts(readFrom: message) == [ReasoningBlock(text: "Second.", signature: "c2ln")])
  }

  @Test func thoughtsTooLongToRepeatAreTakenFromTheirPieces() throws {
    let piece = String(repeating: "x", count: 1 << 19)
    let message = try accumulated([
      .reasoning(choice: 0, JSONText(piece)), .reasoning(choice: 0, JSONText(piece)),
      .reasoning(choice: 0, "y"), .reasoningSignature(choice: 0, "c2ln"),
    ])
    let read = try thoughts(readFrom: message)
    #expect(read == [ReasoningBlock(text: JSONText(piece + piece + "y"), signature: "c2ln")])
    #expect(message.json.utf8.count < 3 << 19)
  }

  // MARK: What other writers of streams leave behind

  @Test func anEmptyBlockTakesItsTextFromBesideIt() throws {
    let bare = #"{"type":"thinking","thinking":"","signature":"c2ln"}"#
    let redacted = #"{"type":"redacted_thinking","data":"ZGF0YQ=="}"#
    let message = { (blocks: String, text: String) in
      #"{"role":"assistant","content":"x","reasoning_content":\#(text),"#
        + #""thinking_blocks":[\#(blocks)]}"#
    }
    #expect(
      try thoughts(readFrom: message("\(bare),\(redacted)", #""Hm.""#)) == [
        ReasoningBlock(text: "Hm.", signature: "c2ln"),
        ReasoningBlock(text: .empty, encrypted: "ZGF0YQ=="),
      ])
    #expect(
      try thoughts(readFrom: message("\(bare),\(bare)", #""Hm.Ah.""#)) == [
        ReasoningBlock(text: "Hm.Ah.")
      ], "which text is whose is not known")
    #expect(
      try thoughts(readFrom: message(bare, "null")) == [
        ReasoningBlock(text: .empty, signature: "c2ln")
      ], "thoughts that are not shown have no text")
    #expect(
      try thoughts(readFrom: message("", #""Hm.""#)) == [ReasoningBlock(text: "Hm.")])
    #expect(
      try thoughts(readFrom: message(redacted, #""Hm.""#)) == [
        ReasoningBlock(text: .empty, encrypted: "ZGF0YQ==")
      ])
  }
}
