// SPDX-License-Identifier: MIT

import Foundation
import JSON
import Testing

@testable import Translation

struct AnthropicStreamEncoderTests {
  /// The events as lines: what matters of each.
  private func encoded(_ events: [StreamEvent]) throws -> [String] {
    var encoder = AnthropicStreamEncoder(Goldens.context)
    var output: [UInt8] = []
    for event in events { encoder.encode(event, into: &output) }
    return try Self.lines(output)
  }

  private static func lines(_ output: [UInt8]) throws -> [String] {
    var lines: [String] = []
    let text = String(decoding: output, as: UTF8.self)
    for frame in text.components(separatedBy: "\n\n") where !frame.isEmpty {
      let parts = frame.components(separatedBy: "\ndata: ")
      let data = try JSONTree().parse(Array(parts[1].utf8)[...])
      let type = try #require(data["type"]?.string)
      #expect(parts[0] == "event: \(type)")
      lines.append(describe(type, data))
    }
    return lines
  }

  private static func describe(_ type: String, _ data: JSONNode) -> String {
    let index = data["index"]?.integer.map { " \($0)" } ?? ""
    switch type {
    case "content_block_start":
      let block = data["content_block"]
      return "start\(index) \(block?["type"]?.string ?? "") \(block?["name"]?.string ?? "")"
    case "content_block_delta":
      let delta = data["delta"]
      let text = ["text", "thinking", "signature", "partial_json"].compactMap { name in
        delta?.members.first { $0.name.plain == name }?.value.string
      }
      return "delta\(index) \(text.joined())"
    case "content_block_stop": return "stop\(index)"
    case "message_delta": return "end \(data["delta"]?["stop_reason"]?.string ?? "")"
    default: return type
    }
  }

  private func start(_ index: Int, _ name: JSONText) -> StreamEvent {
    .toolCallStart(choice: 0, index: index, id: "t", name: name, signature: nil)
  }

  private func piece(_ index: Int, _ text: JSONText) -> StreamEvent {
    .toolCallArguments(choice: 0, index: index, text)
  }

  private var finish: [StreamEvent] {
    [.finish(choice: 0, .toolCalls, native: nil, stopSequence: nil), .end]
  }

  @Test func callsThatAlternateBecomeBlocksInARow() throws {
    let lines = try encoded(
      [
        .start(id: nil, model: nil), start(0, "f"), start(1, "g"), piece(0, "{\"a\":"),
        piece(1, "{\"b\":[1,"), piece(0, "\"}\\\"\"}"), piece(1, "2]}"), start(2, "h"),
        piece(2, "{}"),
      ] + finish)
    #expect(
      lines == [
        "message_start", "start 0 tool_use f", "delta 0 {\"a\":", "delta 0 \"}\\\"\"}", "stop 0",
        "start 1 tool_use g", "delta 1 {\"b\":[1,", "delta 1 2]}", "stop 1", "start 2 tool_use h",
        "delta 2 {}", "stop 2", "end tool_use", "message_stop",
      ])
  }

  @Test func aWholeCallIsNotHeldBackByOneWithoutArguments() throws {
    let lines = try encoded(
      [start(0, "f"), start(1, "g"), piece(1, "{}"), .text(choice: 0, "Done.")] + finish)
    #expect(
      lines == [
        "message_start", "start 0 tool_use f", "stop 0", "start 1 tool_use g", "delta 1 {}",
        "stop 1", "start 2 text ", "delta 2 Done.", "stop 2", "end tool_use", "message_stop",
      ])
  }

  @Test func thoughtsEndWithTheirSignature() throws {
    let lines = try encoded([
      .reasoning(choice: 0, "a"), .reasoning(choice: 0, "b"),
      .reasoningSignature(choice: 0, "s"), .reasoning(choice: 0, "c"),
      .encryptedReasoning(choice: 0, "x"), .text(choice: 0, "d"),
      .reasoningSignature(choice: 0, "t"), .text(choice: 0, "e"),
      .finish(choice: 0, .stop, native: nil, stopSequence: nil), .end,
    ])
    #expect(
      lines == [
        "message_start", "start 0 thinking ", "delta 0 a", "delta 0 b", "delta 0 s", "stop 0",
        "start 1 thinking ", "delta 1 c", "stop 1", "start 2 redacted_thinking ", "stop 2",
        "start 3 text ", "delta 3 d", "stop 3", "start 4 thinking ", "delta 4 t", "stop 4",
        "start 5 text ", "delta 5 e", "stop 5", "end end_turn", "message_stop",
      ])
  }

  @Test func nothingIsHeldBackOfOneCall() throws {
    var encoder = AnthropicStreamEncoder(Goldens.context)
    var output: [UInt8] = []
    for event in [start(0, "f"), piece(0, "{\"a\""), piece(0, ":1")] {
      let before = output.count
      encoder.encode(event, into: &output)
      #expect(output.count > before)
    }
  }

  @Test func usageBeforeTheFirstContentStandsInTheStart() throws {
    var encoder = AnthropicStreamEncoder(Goldens.context)
    var output: [UInt8] = []
    var usage = Usage()
    usage.inputTokens = 42
    encoder.encode(.start(id: "msg_1", model: "m"), into: &output)
    encoder.encode(.usage(usage), into: &output)
    #expect(output.isEmpty)
    encoder.encode(.text(choice: 0, "a"), into: &output)
    #expect(String(decoding: output, as: UTF8.self).contains("\"usage\":{\"input_tokens\":42,"))
  }

  @Test func aBrokenStreamEndsWithItsError() throws {
    var encoder = AnthropicStreamEncoder(Goldens.context)
    var output: [UInt8] = []
    encoder.encode(.text(choice: 0, "a"), into: &output)
    encoder.fail(ProviderError(.overloaded, "Overloaded"), into: &output)
    encoder.encode(.end, into: &output)
    #expect(try Self.lines(output) == ["message_start", "start 0 text ", "delta 0 a", "error"])
  }

  @Test func wholeValuesAreRecognised() {
    func isComplete(_ pieces: [JSONText]) -> Bool {
      var progress = JSONProgress()
      for piece in pieces { progress.take(piece) }
      return progress.isComplete
    }
    #expect(isComplete(["{}"]))
    #expect(isComplete([" {\"a\":\"}", "\\", "\"\"", "}"]))
    #expect(!isComplete(["{\"a\":{}"]))
    #expect(!isComplete(["{\"a\":\"}"]))
    #expect(!isComplete([""]))
  }
}
