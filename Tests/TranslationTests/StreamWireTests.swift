// SPDX-License-Identifier: MIT

import Bytes
import JSON
import Testing

@testable import Translation

/// Streams as servers write them on the wire, in all its forms: what the client gets is the same.
struct StreamWireTests {
  private static let chunks = [
    chunk(#"{"content":"Grüß 😀"}"#),
    chunk(call(#""id":"c","#, #""name":"f","arguments":"{\"a\":\"\\u00""#)),
    chunk(call("", #""arguments":"e9\",\"n\":1e400,\"m\":9223372036854775808}""#)),
    chunk("{}", #","finish_reason":"tool_calls""#), "[DONE]",
  ]

  private static func chunk(_ delta: String, _ finish: String = "") -> String {
    #"{"id":"x","model":"m","choices":[{"index":0,"delta":\#(delta)\#(finish)}]}"#
  }

  private static func call(_ id: String, _ function: String) -> String {
    #"{"tool_calls":[{"index":0,\#(id)"function":{\#(function)}}]}"#
  }

  private func events(
    _ chunks: [String] = StreamWireTests.chunks, end: String = "\n", data: String = "data: "
  ) -> String {
    chunks.map { data + $0 + end + end }.joined()
  }

  private func run(_ text: String, inPiecesOf size: Int = 0) -> StreamRun {
    StreamRun(
      Array(text.utf8), inPiecesOf: size, OpenAICompatibleChat.self, AnthropicClient.self)
  }

  private var expected: String { run(events()).text }

  @Test func theExpectedIsWhole() {
    let text = expected
    #expect(text.contains("Grüß 😀") && text.contains("message_stop"))
    // The escape is cut within the arguments' own JSON, and numbers keep their digits.
    #expect(text.contains(#""partial_json":"{\"a\":\"\\u00""#))
    #expect(text.contains(#""partial_json":"e9\",\"n\":1e400,\"m\":9223372036854775808}""#))
  }

  @Test(arguments: ["\n", "\r\n", "\r"])
  func lineEndsAndSpacesMakeNoDifference(_ end: String) {
    for data in ["data: ", "data:"] {
      let text = events(end: end, data: data)
      for size in [0, 1, 2, 7] {
        #expect(run(text, inPiecesOf: size).text == expected, "\(data) in pieces of \(size)")
      }
    }
  }

  @Test func whatIsNoDataIsPassedOver() {
    let mark = "\u{feff}"
    let noise = ": waiting\n\nevent: ping\nid: 7\nretry: 5\n\n\n\nother: x\n\n"
    let named = Self.chunks.map { "event: message\nid: 1\n: why\ndata: \($0)\n\n" }.joined(
      separator: noise)
    for text in [mark + events(), noise + events(), named, events() + noise] {
      #expect(run(text).text == expected)
      #expect(run(text, inPiecesOf: 1).text == expected)
    }
  }

  @Test func dataMayStandInSeveralLines() {
    let text = events(
      Self.chunks.map { $0.replacing(#","choices""#, with: "\ndata: ,\"choices\"") })
    #expect(text != events() && run(text).text == expected)
    #expect(run(text, inPiecesOf: 1).text == expected)
  }

  @Test func theLastEventMayLackItsBlankLine() {
    let text = events()
    for count in 1...2 {
      let cut = run(String(text.dropLast(count)))
      #expect(cut.isComplete && cut.text == expected)
    }
  }

  @Test func aMegabyteIsOneEvent() {
    let long = String(repeating: "0123456789abcdef", count: 1 << 16)
    let chunk = #"{"id":"x","choices":[{"index":0,"delta":{"content":"\#(long)"}}]}"#
    let end = #"{"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#
    let stream = run(events([chunk, end, "[DONE]"]), inPiecesOf: 60_000)
    #expect(stream.isComplete && stream.text.contains(long))
  }

  @Test(arguments: [
    "", "\n\n", "data: [DONE]\n\n", "data: \n\n", "data: null\n\n", "data: []\n\n",
    "data: {\"choices\":[]}\n\ndata: [DONE]\n\n", "<html></html>", "{\"error\":\"no\"}",
    "data: {\"id\":\"x\",\"choices\":[{\"delta\":{\"content\":\"a\u{0}\"}}]}\n\n",
  ])
  func whatIsNoStreamDoesNotEndWell(_ text: String) {
    let stream = run(text)
    #expect(stream.hasFailed && !stream.isComplete)
    #expect(!stream.text.contains("message_stop"))
  }

  @Test func brokenUTF8IsAnError() {
    var bytes = Array(events().utf8)
    guard let place = bytes.firstIndex(of: 0xc3) else { return }
    bytes.remove(at: place)
    let stream = StreamRun(bytes, OpenAICompatibleChat.self, AnthropicClient.self)
    #expect(stream.hasFailed && !stream.isComplete)
  }

  // MARK: Frames that pass

  /// What passes of a stream with a broken frame in the same read as good ones.
  private func passed(
    _ bytes: [UInt8], _ provider: any ProviderWire.Type, inPiecesOf size: Int
  ) -> (bytes: [UInt8], hasFailed: Bool) {
    var translator = StreamTranslator(
      decoder: provider.makeStreamDecoder(), framing: provider.framing,
      encoder: OpenAIChatClient.makeStreamEncoder(Goldens.context), passesFrames: true)
    var output: [UInt8] = []
    do {
      for start in stride(from: 0, to: bytes.count, by: size) {
        let piece = Array(bytes[start..<min(start + size, bytes.count)])
        try piece.withView { try translator.feed($0, into: &output) }
      }
      return (output, false)
    } catch { return (output, true) }
  }

  @Test(arguments: [1, 7, 1 << 20])
  func goodFramesPassBeforeABrokenOne(size: Int) {
    let events = Array(
      (#"data: {"type":"message_start","message":{"id":"m","usage":{"input_tokens":1}}}"#
        + "\n\n: hm\n\ndata: {\"type\":\ndata: \"ping\"}\n\n").utf8)
    let lines = Array(#"{"message":{"content":"a"}}"#.utf8) + [0x0d, 0x0a, 0x0a]
    let frames = AmazonFrames.encode(
      #"messageStart {"role":"assistant"}"# + "\n"
        + #"contentBlockDelta {"delta":{"text":"a"},"contentBlockIndex":0}"#)
    var broken = AmazonFrames.encode(#"contentBlockStop {"contentBlockIndex":0}"#)
    broken[broken.count - 1] ^= 1
    let tails: [(good: [UInt8], bad: [UInt8], provider: any ProviderWire.Type)] = [
      (events, Array("data: {broken\n\n".utf8) + events, AnthropicMessages.self),
      (lines, Array("{broken\n".utf8) + lines, OllamaChat.self),
      (frames, broken + frames, BedrockConverse.self),
      (frames, AmazonFrames.encode("contentBlockDelta {broken") + frames, BedrockConverse.self),
    ]
    for (good, bad, provider) in tails {
      let found = passed(good + bad, provider, inPiecesOf: size)
      #expect(found.hasFailed && found.bytes == good, "\(provider.name)")
    }
  }

  // MARK: Usage

  @Test func usageMayComeAnywhereOrNowhere() {
    func stream(_ usages: [String?]) -> StreamRun {
      let chunks = Self.chunks.dropLast().enumerated().map { index, chunk in
        usages[index].map { chunk.dropLast() + #","usage":\#($0)}"# } ?? chunk
      }
      return run(events(chunks.map { String($0) } + ["[DONE]"]))
    }
    func count(_ output: Int) -> String {
      #"{"prompt_tokens":5,"completion_tokens":\#(output),"total_tokens":\#(5 + output)}"#
    }
    let none = stream([nil, "null", nil, "null"])
    #expect(none.isComplete && !none.hasUsage)
    #expect(none.text.contains(#""usage":{"output_tokens":0}"#))
    // With the reason to finish, or with every piece, each more than the one before.
    for usages in [[nil, nil, nil, count(4)], [count(1), count(2), count(3), count(4)]] {
      let told = stream(usages)
      #expect(told.isComplete && told.text.contains("usage: in 5 (read 0, written 0), out 4"))
    }
  }

  // MARK: Pictures and sound

  private func media(_ chunks: [String]) -> (usage: Usage?, isComplete: Bool) {
    var translator = StreamTranslator(
      decoder: MediaStreamDecoder(), framing: .serverSentEvents,
      encoder: OpenAIChatClient.makeStreamEncoder(Goldens.context), passesFrames: true)
    var output: [UInt8] = []
    do {
      try Array(events(chunks).utf8).withView { try translator.feed($0, into: &output) }
      try translator.end(into: &output)
    } catch {
      return (translator.progress.usage, false)
    }
    return (translator.progress.usage, translator.progress.isComplete)
  }

  @Test func everyPictureIsPaidFor() {
    func picture(_ tokens: Int) -> String {
      #"{"type":"image_generation.completed","b64_json":"AA==","usage":{"input_tokens":10,"#
        + #""output_tokens":\#(tokens),"total_tokens":\#(tokens + 10)}}"#
    }
    let partial = #"{"type":"image_generation.partial_image","b64_json":"AA=="}"#
    let two = media([partial, picture(100), partial, picture(50)])
    #expect(two.isComplete)
    #expect(two.usage?.inputTokens == 20 && two.usage?.outputTokens == 150)
    #expect(!media([picture(100), partial]).isComplete)
    let summary = #"{"type":"image_generation.completed","usage":{"output_tokens":7}}"#
    let said = media([picture(100).replacing("completed", with: "partial_succeeded"), summary])
    #expect(said.isComplete && said.usage?.outputTokens == 7)
  }

  @Test func soundIsCounted() {
    let done =
      #"{"type":"transcript.text.done","text":"a","usage":{"input_tokens":30,"output_tokens":4,"#
      + #""input_token_details":{"audio_tokens":28,"text_tokens":2},"#
      + #""output_token_details":{"audio_tokens":1}}}"#
    let usage = media([done]).usage
    #expect(usage?.audioInputTokens == 28 && usage?.audioOutputTokens == 1)
  }
}
