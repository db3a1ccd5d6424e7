// SPDX-License-Identifier: MIT

import Bytes
import JSON
import Testing

@testable import Translation

/// What servers with nearly OpenAI's API answer, and how it is understood.
struct OpenAIAnswerTests {
  private func node(_ text: String) throws -> JSONNode {
    try JSONTree().parse(Array(text.utf8)[...])
  }

  private func read(_ choice: String, _ more: String = "") throws -> ChatResponse {
    try OpenAIChatResponseReader.read(try node(#"{"id":"x","choices":[\#(choice)]\#(more)}"#))
  }

  /// The events of chunks' choices, and of `[DONE]`.
  private func events(_ chunks: [String], isDone: Bool = true) throws -> [String] {
    var decoder = OpenAIChatStreamDecoder()
    var events: [StreamEvent] = []
    for chunk in chunks {
      let data = chunk.hasPrefix("{") ? chunk : #"{"id":"x","choices":\#(chunk)}"#
      try data.withByteView { try decoder.decode(StreamFrame(data: $0), into: &events) }
    }
    if isDone {
      try "[DONE]".withByteView { try decoder.decode(StreamFrame(data: $0), into: &events) }
    }
    return events.compactMap { event in
      switch event {
      case .text(let choice, let text): "\(choice) \(text.plain)"
      case .reasoning(let choice, let text): "\(choice) thinks \(text.plain)"
      case .toolCallStart(_, let index, _, let name, _): "call \(index) \(name.plain)"
      case .toolCallArguments(_, let index, let text): "\(index): \(text.plain)"
      case .finish(let choice, let reason, _, _): "\(choice) \(reason)"
      case .failure(let error): "\(error.kind): \(error.message)"
      case .end: "end"
      default: nil
      }
    }
  }

  private func chunk(_ delta: String, _ reason: String = "null", _ index: Int = 0) -> String {
    #"[{"index":\#(index),"delta":\#(delta),"finish_reason":\#(reason)}]"#
  }

  // MARK: What is empty

  @Test func anEmptyRefusalIsNone() throws {
    let found = try read(#"{"message":{"content":"x","refusal":""},"finish_reason":"stop"}"#)
    #expect(found.choices[0].blocks.count == 1)
    let response = try ResponsesAnswer.read(
      try node(
        #"{"output":[{"type":"message","content":[{"type":"refusal","refusal":""}]}]}"#))
    #expect(response.choices[0].blocks.isEmpty)
    let turn = try OpenAIMessageReader(index: 0).read(
      try node(#"{"role":"assistant","content":"x","refusal":""}"#))
    #expect(turn.blocks.count == 1)
  }

  /// Clients tell calls by their ids, and a later answer's are others.
  @Test func callsWithoutIDsGetTheirOwn() throws {
    func ids(_ answer: String, _ id: String) throws -> [String] {
      let call = #"{\#(id)"function":{"name":"f","arguments":"{}"}}"#
      let found = try OpenAIChatResponseReader.read(
        try node(
          #"{"id":"\#(answer)","choices":[{"message":{"tool_calls":[\#(call),\#(call)]}}]}"#))
      return found.choices[0].blocks.compactMap {
        if case .toolCall(let call) = $0.content { call.id.plain } else { nil }
      }
    }
    for id in ["", #""id":"","#, #""id":null,"#] {
      let found = try ids("x", id) + ids("y", id)
      #expect(found.count == 4 && Set(found).count == 4 && found.allSatisfy { $0.count > 12 })
      #expect(try ids("x", id) == Array(found.prefix(2)))
    }
    #expect(try ids("x", #""id":"a","#) == ["a", "a"])
    #expect(try ids("", "") == ["call_0_0", "call_0_1"], "such ids are not remembered")
    func started(_ answer: String) throws -> [String] {
      var decoder = OpenAIChatStreamDecoder()
      var events: [StreamEvent] = []
      let call = #"{"index":0,"id":"","function":{"name":"f"}}"#
      let data = #"{"id":"\#(answer)","choices":[{"delta":{"tool_calls":[\#(call)]}}]}"#
      try data.withByteView { try decoder.decode(StreamFrame(data: $0), into: &events) }
      return events.compactMap {
        if case .toolCallStart(_, _, let id, _, _) = $0 { id.plain } else { nil }
      }
    }
    let streamed = try started("x") + started("y") + started("x") + started("")
    #expect(streamed.count == 4 && Set(streamed).count == 3)
    #expect(streamed[0] == streamed[2] && streamed[3] == "call_0_0")
  }

  // MARK: Reasons to finish

  @Test func anEmptyReasonIsNoneUntilTheEnd() throws {
    let pieces = [#"{"content":"a"}"#, #"{"content":"b"}"#].map { chunk($0, #""""#) }
    #expect(try events(pieces) == ["0 a", "0 b", "0 stop", "end"])
    #expect(
      try events(pieces + [chunk("{}", #""length""#)]) == ["0 a", "0 b", "0 length", "end"])
    let call = #"{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{}"}}]}"#
    #expect(
      try events([chunk(call), chunk("{}", #""""#)])
        == ["call 0 f", "0: {}", "0 toolCalls", "end"])
    #expect(throws: TranslationError.self) { try events([chunk(#"{"content":"a"}"#)]) }
  }

  @Test(arguments: [
    ("length", FinishReason.length), ("model_length", .length), ("max_tokens", .length),
    ("content_filter", .contentFilter), ("sensitive", .contentFilter), ("stop", .stop),
    ("tool_calls", .toolCalls), ("function_call", .toolCalls), ("", .stop), ("eos", .stop),
  ])
  func reasonsMeanWhatTheySay(_ word: String, _ reason: FinishReason) throws {
    let choice = #"{"message":{"content":"x"},"finish_reason":"\#(word)"}"#
    #expect(try read(choice).choices[0].finish == reason)
    #expect(
      try events([chunk(#"{"content":"x"}"#, #""\#(word)""#)]) == ["0 x", "0 \(reason)", "end"])
  }

  @Test(arguments: ["error", "network_error", "insufficient_system_resource"])
  func anAnswerThatBreaksOffIsNone(_ word: String) throws {
    let error = #expect(throws: TranslationError.self) {
      try read(#"{"message":{"content":"x"},"finish_reason":"\#(word)"}"#)
    }
    #expect(error?.kind == .failedAnswer)
    let said = try events([chunk(#"{"content":"x"}"#, #""\#(word)""#)], isDone: false)
    #expect(said.count == 2 && said[1].contains("broke the answer off ('\(word)')"))
  }

  // MARK: Errors in place of an answer

  @Test(arguments: [
    #"{"error":{"message":"Too many.","code":429}}"#, #"{"error":"Too many."}"#,
    #"{"object":"error","message":"Too many.","type":"RateLimitError","code":429}"#,
  ])
  func errorsAreSeenInWhateverForm(_ body: String) throws {
    let error = #expect(throws: TranslationError.self) {
      try OpenAIChatResponseReader.read(try node(body))
    }
    #expect(error?.kind == .failedAnswer && error?.message.contains("Too many.") == true)
    let said = try events([body], isDone: false)
    #expect(said.count == 1 && said[0].hasSuffix("Too many."))
  }

  @Test func noErrorIsNone() throws {
    let choice = #"{"message":{"content":"x"},"finish_reason":"stop"}"#
    #expect(try read(choice, #","error":null,"usage":null"#).usage == nil)
  }

  @Test(arguments: [
    (UInt16(401), ProviderError.Kind.authentication), (403, .permission), (404, .notFound),
    (413, .requestTooLarge), (429, .rateLimit), (500, .server), (400, .invalidRequest),
    (422, .invalidRequest), (418, .invalidRequest), (524, .timeout), (302, .server),
    (424, .server), (402, .quota),
  ])
  func aStatusSaysMoreThanAGeneralWord(_ status: UInt16, _ kind: ProviderError.Kind) {
    let body = #"{"error":{"message":"No.","type":"invalid_request_error","code":null}}"#
    let error = Array(body.utf8).withView {
      OpenAIErrorReader.read(status: status, headers: ErrorHeaders(), body: $0)
    }
    #expect(error.kind == kind)
  }

  @Test func aParticularWordSaysMoreThanAStatus() {
    let body = #"{"error":{"message":"No.","type":"tokens","code":"insufficient_quota"}}"#
    let error = Array(body.utf8).withView {
      OpenAIErrorReader.read(status: 429, headers: ErrorHeaders(), body: $0)
    }
    #expect(error.kind == .quota)
  }

  // MARK: Content

  private let thinking =
    #"[{"type":"thinking","thinking":[{"type":"text","text":"Hm"},{"type":"text","text":"."}]},"#
    + #"{"type":"text","text":"42"},{"type":"reference","reference_ids":[1]}]"#

  @Test func contentInPartsIsReadWhole() throws {
    let choice = #"{"message":{"content":\#(thinking)},"finish_reason":"stop"}"#
    let blocks = try read(choice).choices[0].blocks.map { block in
      switch block.content {
      case .text(let text): text.plain
      case .reasoning(let thought): "thinks \(thought.text.plain)"
      default: "?"
      }
    }
    #expect(blocks == ["thinks Hm", "thinks .", "42"])
    #expect(
      try events([chunk(#"{"content":\#(thinking)}"#), chunk(#"{"content":"!"}"#, #""stop""#)])
        == ["0 thinks Hm", "0 thinks .", "0 42", "0 !", "0 stop", "end"])
  }

  @Test(arguments: ["null", "[]", "{}", "7", #""""#, #"[{"type":"text","text":""},null,3]"#])
  func contentThatIsNothingIsNoText(_ content: String) throws {
    let choice = #"{"message":{"content":\#(content)},"finish_reason":"stop"}"#
    #expect(try read(choice).choices[0].blocks.isEmpty)
    #expect(try events([chunk(#"{"content":\#(content)}"#, #""stop""#)]) == ["0 stop", "end"])
  }

  @Test func argumentsMayBeAnObject() throws {
    let call = #"{"index":0,"id":"c","function":{"name":"f","arguments":{"a":1e400}}}"#
    let choice = #"{"message":{"tool_calls":[\#(call)]},"finish_reason":"stop"}"#
    guard case .toolCall(let read)? = try read(choice).choices[0].blocks.first?.content else {
      Issue.record("no call")
      return
    }
    #expect(read.arguments.plain == #"{"a":1e400}"#)
    #expect(
      try events([chunk(#"{"tool_calls":[\#(call)]}"#, #""stop""#)])
        == ["call 0 f", #"0: {"a":1e400}"#, "0 toolCalls", "end"])
    let message =
      #"{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":{}}}]}"#
    let request = try OpenAIChatClient.readRequest(
      try node(#"{"model":"m","messages":[\#(message)]}"#))
    guard case .toolCall(let asked)? = request.messages[0].blocks.first?.content else {
      Issue.record("no call")
      return
    }
    #expect(asked.arguments.plain == "{}")
  }

  // MARK: Several calls and answers

  @Test func threeCallsThatAlternateStayApart() throws {
    func start(_ index: Int) -> String {
      #"{"index":\#(index),"id":"c\#(index)","function":{"name":"f\#(index)","arguments":""}}"#
    }
    func more(_ index: Int, _ text: String) -> String {
      #"{"index":\#(index),"function":{"arguments":"\#(text)"}}"#
    }
    let pieces =
      [start(0), start(1), start(2)] + [0, 2, 1].map { more($0, #"{\"a"#) }
      + [1, 0, 2].map { more($0, #"\":1}"#) }
    let said = try events(
      pieces.map { chunk(#"{"tool_calls":[\#($0)]}"#) } + [chunk("{}", #""stop""#)])
    #expect(said.filter { $0.hasPrefix("call") } == ["call 0 f0", "call 1 f1", "call 2 f2"])
    for index in 0..<3 {
      let text = said.filter { $0.hasPrefix("\(index): ") }.map { $0.dropFirst(3) }.joined()
      #expect(text == #"{"a":1}"#)
    }
    #expect(said.suffix(2) == ["0 toolCalls", "end"])
  }

  @Test func everyAnswerHasToFinish() throws {
    let both = [chunk(#"{"content":"a"}"#), chunk(#"{"content":"b"}"#, "null", 1)]
    let first = chunk("{}", #""stop""#)
    #expect(throws: TranslationError.self) { try events(both + [first]) }
    #expect(
      try events(both + [first, chunk("{}", #""length""#, 1)])
        == ["0 a", "1 b", "0 stop", "1 length", "end"])
  }

  // MARK: Usage

  @Test func countsHaveManyNames() throws {
    func usage(_ text: String) throws -> Usage? {
      OpenAIChatResponseReader.usage(try node(text))
    }
    let proxy = try usage(
      #"{"prompt_tokens":9,"completion_tokens":2,"cache_creation_input_tokens":4,"#
        + #""cache_read_input_tokens":3,"prompt_tokens_details":{"cached_tokens":3}}"#)
    #expect(proxy?.cacheWriteTokens == 4 && proxy?.cacheReadTokens == 3)
    let details = try usage(
      #"{"prompt_tokens":9,"prompt_tokens_details":{"cache_creation_tokens":5}}"#)
    #expect(details?.cacheWriteTokens == 5)
    #expect(try usage("null") == nil && usage("[]") == nil)
    let odd = try usage(
      #"{"prompt_tokens":-1,"completion_tokens":1e3,"total_tokens":null,"#
        + #""prompt_tokens_details":null,"completion_tokens_details":[]}"#)
    #expect(odd == Usage())
  }
}
