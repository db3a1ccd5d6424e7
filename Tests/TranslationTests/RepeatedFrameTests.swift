// SPDX-License-Identifier: MIT

import Bytes
import JSON
import Testing

@testable import Translation

/// Frames that are told by the one before mean what they would have meant alone. Blanks behind a
/// document change nothing in it, but keep it from being a repetition of any other.
struct RepeatedFrameTests {
  @Test(arguments: 0..<400 as Range<UInt64>)
  func anthropicEventsMeanTheSame(_ seed: UInt64) {
    var draw = Draw(seed: seed)
    compare(draw.anthropicFrames(), seed) { AnthropicStreamDecoder() }
  }

  @Test(arguments: 0..<400 as Range<UInt64>)
  func openAIChunksMeanTheSame(_ seed: UInt64) {
    var draw = Draw(seed: seed)
    compare(draw.openAIFrames(), seed) { OpenAIChatStreamDecoder() }
  }

  @Test func repetitionsAreTold() throws {
    var piece = RepeatedFrame()
    let tree = JSONTree()
    func told(_ text: String) -> String? { text.withByteView { piece.text(in: $0)?.plain } }
    func learn(_ text: String) throws {
      try text.withByteView { view in
        let node = try tree.parse(view)
        piece.learn(view, try #require(node["a"]?.text))
      }
    }
    #expect(told(#"{"a":"one","n":1}"#) == nil)
    try learn(#"{"a":"one","n":1}"#)
    #expect(told(#"{"a":"two\n","n":1}"#) == "two\n")
    #expect(told(#"{"a":"","n":1}"#) == "")
    #expect(told(#"{"a":"two","n":12}"#) == nil)
    #expect(told(#"{"a":"two","b":"x","n":1}"#) == nil)
    #expect(told(#"{"a":"two","n":1"#) == nil)
    #expect(told(#"{"a":"two"#) == nil)
    #expect(told(#"{"a":"\"#) == nil)
    #expect(told(#"{"a":"\q","n":1}"#) == nil)
    #expect(told("{\"a\":\"\u{1}\",\"n\":1}") == nil)
    #expect(told(#"{"a":"#) == nil)
    piece.forget()
    #expect(told(#"{"a":"two","n":1}"#) == nil)
  }

  /// A count in each frame is not learnt for ever, until a repetition shows that it pays.
  @Test func lessonsEnd() throws {
    var piece = RepeatedFrame()
    let tree = JSONTree()
    func frame(_ number: Int) -> String { #"{"n":\#(number),"a":"x"}"# }
    for number in 0..<20 {
      try frame(number).withByteView { view in
        let node = try tree.parse(view)
        piece.learn(view, try #require(node["a"]?.text))
      }
    }
    #expect(frame(19).withByteView { piece.text(in: $0) } == nil)
    #expect(frame(7).withByteView { piece.text(in: $0)?.plain } == "x")
  }

  // MARK: Comparison

  private func compare(
    _ frames: [String], _ seed: UInt64, _ makeDecoder: () -> any StreamDecoder
  ) {
    var (plain, padded) = (makeDecoder(), makeDecoder())
    for (number, frame) in frames.enumerated() {
      let blanks = frame == "[DONE]" ? "" : String(repeating: " ", count: number + 1)
      let expected = Self.events(of: frame + blanks, &padded)
      let found = Self.events(of: frame, &plain)
      #expect(found == expected, "seed \(seed), frame \(number): \(frame)")
      if expected == nil { return }
    }
  }

  /// Nil where the frame is refused.
  private static func events(of frame: String, _ decoder: inout any StreamDecoder) -> [String]? {
    var events: [StreamEvent] = []
    let isTaken = frame.withByteView { view in
      (try? decoder.decode(StreamFrame(data: view), into: &events)) != nil
    }
    return isTaken ? events.map(text) : nil
  }

  private static func text(_ event: StreamEvent) -> String {
    switch event {
    case .text(let choice, let text): "text \(choice) \(text.plain)"
    case .reasoning(_, let text): "reasoning \(text.plain)"
    case .reasoningSignature(_, let text): "signature \(text.plain)"
    case .toolCallArguments(_, let index, let text): "arguments \(index) \(text.plain)"
    case .logProbabilities(_, let value): "log \(String(decoding: value.bytes, as: UTF8.self))"
    case .finish(let choice, let reason, _, _): "finish \(choice) \(reason)"
    default: "\(event)".prefix(24).description
    }
  }
}

/// Draws streams with many repetitions, and what must not be taken for one.
private struct Draw {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

  private mutating func number(below limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % limit
  }

  private mutating func pick(_ texts: [String]) -> String { texts[number(below: texts.count)] }

  private mutating func text() -> String {
    if number(below: 12) == 0 {
      return pick([
        #"\"#, #"\q"#, "\u{2}", #"a","text":"b"#, #"a","signature":"s"#, #"a"}"#,
        #"a"},"x":{"y":"z"#,
        #"a","finish_reason":"stop"#, #"\ud800"#,
      ])
    }
    return pick(["", "Hello", " world", #"\n"#, #"\""#, "é", "日本", #"{\"a\": 1"#, #"\u00e9"#])
  }

  mutating func anthropicFrames() -> [String] {
    var frames = [#"{"type":"message_start","message":{"id":"m","model":"c"}}"#]
    var block = 0
    for _ in 0...number(below: 4) {
      let (start, member, kind) = [
        (#"{"type":"text","text":"\#(text())"}"#, "text", "text_delta"),
        (#"{"type":"thinking","thinking":""}"#, "thinking", "thinking_delta"),
        (
          #"{"type":"tool_use","id":"t","name":"f","input":{}}"#, "partial_json", "input_json_delta"
        ),
        (#"{"type":"redacted_thinking","data":"x"}"#, "text", "text_delta"),
      ][number(below: 4)]
      frames.append(#"{"type":"content_block_start","index":\#(block),"content_block":\#(start)}"#)
      for _ in 0..<number(below: 12) {
        let index = number(below: 30) == 0 ? block + 1 : block
        let more =
          number(below: 6) == 0
          ? pick([#","signature":"s""#, #","text":"last""#, #","thinking":"t""#, #","n":1"#]) : ""
        let first = number(below: 8) == 0 ? #""signature":"first","# : ""
        frames.append(
          #"{"type":"content_block_delta","index":\#(index),"delta":{"type":"\#(kind)",\#(first)"#
            + #""\#(member)":"\#(text())"\#(more)}}"#)
      }
      frames.append(#"{"type":"content_block_stop","index":\#(block)}"#)
      if number(below: 4) != 0 { block += 1 }
    }
    frames.append(#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#)
    frames.append(#"{"type":"message_stop"}"#)
    return frames
  }

  mutating func openAIFrames() -> [String] {
    var frames: [String] = []
    for _ in 0..<30 {
      let more =
        number(below: 5) == 0
        ? pick([#","usage":{"prompt_tokens":1,"completion_tokens":2}"#, #","usage":null"#]) : ""
      let within =
        number(below: 5) == 0
        ? pick([
          #","refusal":"no""#, #","content":"last""#, #","reasoning":"r""#, #","reasoning":"""#,
          #","content":[{"type":"text","text":"part"}]"#,
          #","tool_calls":[{"index":0,"id":"i","function":{"name":"f","arguments":"{}"}}]"#,
        ]) : ""
      let finish = number(below: 8) == 0 ? pick([#""stop""#, #""""#, #""error""#]) : "null"
      let log = number(below: 8) == 0 ? #","logprobs":{"content":[]}"# : ""
      let choice = number(below: 3) == 0 ? number(below: 3) : 0
      frames.append(
        #"{"id":"c","model":"m","choices":[{"index":\#(choice),"delta":{"content":"\#(text())""#
          + #"\#(within)}\#(log),"finish_reason":\#(finish)}]\#(more)}"#)
      if number(below: 12) == 0 { frames.append(#"{"choices":[],"usage":null}"#) }
    }
    return frames + ["[DONE]"]
  }
}
