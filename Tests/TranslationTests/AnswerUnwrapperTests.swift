// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Translation

/// Answers that come within an object, or within quotes, and what of them the client gets.
struct AnswerUnwrapperTests {
  private static func shape(_ isWrapped: Bool, _ isQuoted: Bool) -> AnswerShape {
    var shape = AnswerShape()
    shape.isWrapped = isWrapped
    shape.isQuoted = isQuoted
    return shape
  }

  /// The characters of a text as pieces of JSON, each escaped in one way or another.
  private func units(_ text: String, escapesAll: Bool) -> [JSONText] {
    text.unicodeScalars.map { scalar in
      guard escapesAll, scalar.isASCII else { return JSONText(String(scalar)) }
      let digits = String(scalar.value, radix: 16)
      let escaped = "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      return JSONText(escaped: Array(escaped.utf8)[...])
    }
  }

  private func run(_ text: String, _ shape: AnswerShape, size: Int, escapesAll: Bool) -> String {
    let units = units(text, escapesAll: escapesAll)
    var unwrapper = AnswerUnwrapper(shape)
    var result = ""
    for start in stride(from: 0, to: units.count, by: size) {
      let piece = units[start..<min(start + size, units.count)].map(\.escaped).reduce([], +)
      result += unwrapper.take(JSONText(escaped: piece[...])).plain
    }
    return result + unwrapper.end().plain
  }

  private func check(_ text: String, _ shape: AnswerShape, _ wanted: String) {
    for size in [1, 2, 3, 7, 1_000] {
      for escapesAll in [false, true] {
        #expect(run(text, shape, size: size, escapesAll: escapesAll) == wanted, "by \(size)")
      }
    }
  }

  @Test(arguments: [
    (#"{"gateway_answer":[1,{"a":"]}\"\\"}]}"#, #"[1,{"a":"]}\"\\"}]"#),
    ("\n{ \"gateway_answer\" :\t[\n 1\n] }\n", "[\n 1\n]"),
    (#"{"gateway_answer":"ä😀 \" {"}"#, #""ä😀 \" {""#),
    (#"{"gateway_answer":-1.5e3}"#, "-1.5e3"), (#"{"gateway_answer":true }"#, "true"),
    (#"{"gateway_answer":null,"more":[1]}"#, "null"), (#"{"gateway_answer":[]}"#, "[]"),
    (#"{"gateway_answer":{"gateway_answer":{}}}"#, #"{"gateway_answer":{}}"#),
  ])
  func theAnswerComesOutOfItsObject(_ text: String, _ answer: String) {
    check(text, Self.shape(true, false), answer)
  }

  /// Not every server keeps to a schema, and what it says is not lost.
  @Test(arguments: [
    "[1]", "Sorry, {\"gateway_answer\":1}", #"{"gateway_answers":[1]}"#, "", " ",
    #"{"other":1,"gateway_answer":2}"#, #"{"gateway_answer"}"#, "{ {", #"{"gateway_answer":"#,
    #"{"gateway_ans"#, #" ["gateway_answer"]"#, #"{"answer":[1],"confidence":0.9}"#,
  ])
  func otherTextsStayAsTheyAre(_ text: String) {
    check(text, Self.shape(true, false), text)
    check(text, Self.shape(true, true), text)
  }

  @Test func answersThatBreakOffAreAsFarAsTheyCame() {
    check(#"{"gateway_answer":[{"a":"b"#, Self.shape(true, false), #"[{"a":"b"#)
    check(#"{"gateway_answer":"Br"#, Self.shape(true, true), "Br")
    check(#""Br"#, Self.shape(false, true), "Br")
  }

  @Test(arguments: [
    (#""Brass""#, "Brass"), (#" "a\"b\\cä\n" "#, "a\"b\\cä\n"), ("Brass", "Brass"),
    ("12", "12"), ("\"\"", ""),
    (#""Hi," she said."#, #""Hi," she said."#),
    (#""a" "b""#, #""a" "b""#), ("\"a\" \n", "a"), (#"{"a":"b"}"#, #"{"a":"b"}"#),
    (" Brass", " Brass"),
  ])
  func wordsComeOutOfTheirQuotes(_ text: String, _ word: String) {
    check(text, Self.shape(false, true), word)
    // Within the object a value ends where it does.
    let isValue = (try? JSONFragment(checking: Array(text.utf8)[...])) != nil
    if isValue { check(#"{"gateway_answer": \#(text)}"#, Self.shape(true, true), word) }
  }

  @Test func aVeryLongStringIsGivenAsItIs() {
    let long = "\"" + String(repeating: "a", count: 70_000) + "\""
    #expect(run(long, Self.shape(false, true), size: 999, escapesAll: false) == long)
    #expect(
      run(
        #"{"gateway_answer":\#(long)}"#, Self.shape(true, true), size: 9_999, escapesAll: false)
        == long)
  }

  /// Models in JSON mode are known to write nothing but that.
  @Test func spaceWithoutAnEndIsNotKeptFromTheClient() {
    let space = String(repeating: "\n", count: 5_000)
    var unwrapper = AnswerUnwrapper(Self.shape(true, false))
    #expect(unwrapper.take(JSONText(space)).plain == space)
    #expect(unwrapper.take("{").plain == "{" && unwrapper.end().isEmpty)
    #expect(unwrapper.take("late").plain == "late")
  }

  @Test func wholeAnswersLoseNoOtherBlocks() {
    var response = ChatResponse()
    response.choices = [
      ChatResponse.Choice(
        blocks: [
          Block(.reasoning(ReasoningBlock(text: "Hm."))), Block(.text(#"{"gateway_answer":"#)),
          Block(.text("[1,")), Block(.text("2]}")), Block(.refusal("No")),
        ], finish: .stop)
    ]
    Self.shape(true, false).unwrap(&response)
    let texts = response.choices[0].blocks.compactMap { block in
      if case .text(let text) = block.content { text.plain } else { nil }
    }
    #expect(texts == ["[1,", "2]"] && response.choices[0].blocks.count == 4)
  }

  @Test func choicesOfAStreamAreUnwrappedByThemselves() {
    var unwrapper = StreamUnwrapper(Self.shape(true, false))
    var given: [Int: String] = [:]
    let pieces: [(Int, JSONText)] = [
      (0, #"{"gateway_ans"#), (1, #"{"gateway_answer":[1"#), (0, #"wer":[0]"#), (1, "]}"),
      (0, "}"), (2, "No"), (3, #"{"gateway_ans"#),
    ]
    var events = pieces.map { StreamEvent.text(choice: $0.0, $0.1) }
    for choice in 0..<4 {
      events.append(.finish(choice: choice, .stop, native: nil, stopSequence: nil))
    }
    for event in events {
      var one = [event]
      unwrapper.apply(to: &one)
      for case .text(let choice, let text) in one { given[choice, default: ""] += text.plain }
      if case .finish = event { #expect(one.count >= 1) }
    }
    #expect(given == [0: "[0]", 1: "[1]", 2: "No", 3: #"{"gateway_ans"#])
  }
}
