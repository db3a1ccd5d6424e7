// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Translation

struct GeminiClientTests {
  private func encoded(
    _ events: [StreamEvent], isArray: Bool = false, failure: ProviderError? = nil
  ) -> String {
    var context = Goldens.context
    context.wantsJSONArray = isArray
    var encoder = GeminiClient.makeStreamEncoder(context)
    var output: [UInt8] = []
    for event in events { encoder.encode(event, into: &output) }
    if let failure { encoder.fail(failure, into: &output) }
    return String(decoding: output, as: UTF8.self)
  }

  private func call(_ index: Int, _ pieces: JSONText...) -> [StreamEvent] {
    [.toolCallStart(choice: 0, index: index, id: JSONText("c\(index)"), name: "f", signature: nil)]
      + pieces.map { .toolCallArguments(choice: 0, index: index, $0) }
  }

  private func end(_ reason: FinishReason = .stop) -> [StreamEvent] {
    [.finish(choice: 0, reason, native: nil, stopSequence: nil), .end]
  }

  // MARK: Google's cloud

  private func cloud(_ body: String) throws -> Gemini.VertexBody {
    Gemini.vertexBody(try JSONTree().parse(Array(body.utf8)[...]))
  }

  @Test(arguments: [
    #"{"contents":[{"role":"user","parts":[]},{"role":"model"}],"x":1.0}"#, #"{"contents":[]}"#,
  ])
  func aBodyWithRolesIsTheSameOnGooglesCloud(body: String) throws {
    #expect(try cloud(body) == .asItCame)
  }

  @Test func turnsHaveRolesOnGooglesCloud() throws {
    let body =
      #"{"z":1.0,"contents":[{"parts":[{"text":"\u00e9"}]},{"role":null,"a":{"role":"b"}},"#
      + #"{"role":"model"},{"role":"function"},{"rol\u0065":"assistant"}],"\u0061":[]}"#
    let expected =
      #"{"z":1.0,"contents":[{"role":"user","parts":[{"text":"\u00e9"}]},"#
      + #"{"role":"user","a":{"role":"b"}},{"role":"model"},{"role":"user"},"#
      + #"{"role":"model"}],"\u0061":[]}"#
    #expect(try cloud(body) == .withRoles(Array(expected.utf8)))
  }

  @Test(arguments: [
    #"{}"#, #"{"contents":{}}"#, #"{"contents":["a"]}"#, #"{"contents":[{"role":"system"}]}"#,
    #"{"contents":[{"role":7}]}"#, #"[]"#,
  ])
  func whatGooglesCloudCannotReadIsToBeTranslated(body: String) throws {
    #expect(try cloud(body) == .unfit)
  }

  // MARK: Streams

  @Test func withoutEventsTheStreamIsOneArray() throws {
    let text = encoded([.text(choice: 0, "a"), .text(choice: 0, "b")] + end(), isArray: true)
    let array = try JSONTree().parse(Array(text.utf8)[...])
    #expect(array.elements.count { _ in true } == 3)
    #expect(text.hasPrefix("[{\"candidates\""))
    let failed = encoded(
      [.text(choice: 0, "a")], isArray: true, failure: ProviderError(.overloaded, "No."))
    let elements = try JSONTree().parse(Array(failed.utf8)[...]).elements.map { $0["error"] }
    #expect(elements.count == 2 && elements[0] == nil)
    #expect(elements[1]?["status"]?.string == "UNAVAILABLE")
    #expect(
      encoded([], isArray: true, failure: ProviderError(.server, "")).hasPrefix("[{\"error\""))
  }

  @Test func callsComeWhole() {
    let text = encoded(call(0, #"{"a""#, ":1}") + call(1, "") + end(.toolCalls))
    #expect(text.contains(#"{"functionCall":{"id":"c0","name":"f","args":{"a":1}}}"#))
    #expect(text.contains(#"{"functionCall":{"id":"c1","name":"f","args":{}}}"#))
  }

  @Test func textBehindACallStaysBehindIt() throws {
    let text = encoded(call(0, #"{"a":1}"#) + [.text(choice: 0, "after")] + end(.toolCalls))
    let first = try #require(text.firstRange(of: "functionCall"))
    let second = try #require(text.firstRange(of: "after"))
    #expect(first.lowerBound < second.lowerBound)
  }

  @Test func callsThatAlternateStayInOrder() throws {
    let events =
      call(0, #"{"a""#) + call(1, #"{"b":2}"#)
      + [.text(choice: 0, "t"), .toolCallArguments(choice: 0, index: 0, ":1}")]
    let text = encoded(events + end(.toolCalls))
    let first = try #require(text.firstRange(of: #""args":{"a":1}"#))
    let second = try #require(text.firstRange(of: #""args":{"b":2}"#))
    #expect(first.lowerBound < second.lowerBound)
  }

  @Test func brokenArgumentsAreNotPassedOffAsACall() {
    let text = encoded(call(0, #"{"a""#) + call(1, "{}") + end(.toolCalls))
    #expect(text.contains(#""finishReason":"MALFORMED_FUNCTION_CALL""#))
    #expect(!text.contains(#""id":"c0""#))
    #expect(text.contains(#""id":"c1""#))
    var response = ChatResponse()
    response.choices = [
      .init(
        blocks: [Block(.toolCall(ToolCall(id: "c", name: "f", arguments: "[1]")))],
        finish: .toolCalls)
    ]
    let whole = String(
      decoding: GeminiClient.writeResponse(response, Goldens.context), as: UTF8.self)
    #expect(whole.contains(#""finishReason":"MALFORMED_FUNCTION_CALL""#))
    #expect(!whole.contains("functionCall"))
  }

  // MARK: Signatures

  @Test(arguments: ["google#c2ln", "EqQBCgIYAhIM+/=", "x"])
  func signaturesComeBackAsTheyWere(_ signature: String) throws {
    let thought = ReasoningBlock(text: "T", signature: JSONText(signature))
    let sent = try #require(GeminiSignature.forClient(thought))
    #expect(Base64.decode(sent.escaped) != nil)
    // Google's SDK writes the other alphabet.
    let other = sent.plain.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
    for text in [sent.plain, String(other)] {
      #expect(GeminiSignature.fromClient(JSONText(text)).signature?.plain == signature)
    }
    let encrypted = ReasoningBlock(text: .empty, encrypted: JSONText(signature))
    let wrapped = try #require(GeminiSignature.forClient(encrypted))
    #expect(GeminiSignature.fromClient(wrapped).encrypted?.plain == signature)
  }

  @Test func thoughtsThatOnlyTheirProviderReadsStayApart() throws {
    let thoughts = [
      ReasoningBlock(text: .empty, encrypted: "c2VjcmV0"),
      ReasoningBlock(text: "Hm", signature: "c2ln"),
      ReasoningBlock(text: .empty, encrypted: "b3RoZXI="),
      ReasoningBlock(text: .empty, signature: "bGFzdA=="),
    ]
    var parts = JSONBuilder()
    parts.array { json in
      for thought in thoughts { GeminiResponseWriter.append(thought, to: &json) }
    }
    let text = String(decoding: parts.finish(), as: UTF8.self)
    let request = try read(
      #"{"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":\#(text)}]}"#)
    let found = request.messages[1].blocks.compactMap { block in
      if case .reasoning(let thought) = block.content { thought } else { nil }
    }
    #expect(found == thoughts)
  }

  // MARK: Requests

  private func read(_ text: String) throws -> ChatRequest {
    try GeminiClient.readRequest(try JSONTree().parse(Array(text.utf8)[...]))
  }

  @Test func callsGetIdentifiersAndResultsFindThem() throws {
    let request = try read(
      #"""
      {"contents":[
       {"role":"model","parts":[{"functionCall":{"name":"f"}},{"functionCall":{"name":"f"}}]},
       {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"result":"1"}}},
        {"functionResponse":{"name":"f","response":{"a":1,"b":[0.10]}}}]},
       {"role":"model","parts":[{"functionCall":{"id":"mine","name":"f"}}]},
       {"role":"function","parts":[{"functionResponse":{"id":"mine","name":"f"}}]}]}
      """#)
    var seen: [String] = []
    for block in request.messages.flatMap(\.blocks) {
      switch block.content {
      case .toolCall(let call): seen.append("call \(call.id.plain) \(call.arguments.plain)")
      case .toolResult(let result):
        guard case .text(let text)? = result.blocks.first?.content else { continue }
        seen.append("result \(result.id.plain) \(text.plain)")
      default: seen.append("other")
      }
    }
    #expect(
      seen == [
        "call call_0 {}", "call call_1 {}", "result call_0 1",
        #"result call_1 {"a":1,"b":[0.10]}"#, "call mine {}", "result mine {}",
      ])
  }

  @Test(arguments: ["text/x.enum", "text/x.other"])
  func typesOfAnswersThatOnlyGeminiHasAreNamedOnce(_ type: String) throws {
    let request = try read(
      #"""
      {"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{
       "responseMimeType":"\#(type)","responseSchema":{"type":"STRING","enum":["a"]}}}
      """#)
    let body = try RequestTranslator(client: GeminiClient.self, provider: Gemini.self)
      .translate(request, to: UpstreamModel(name: "gemini-2.5-flash", dialect: .vertex)).body
    let schema = #""responseJsonSchema":{"type":"string","enum":["a"]}"#
    let mime = #""responseMimeType":"\#(type)""#
    let text = String(decoding: body, as: UTF8.self)
    let start = #"{"contents":[{"role":"user","parts":[{"text":"x"}]}],"generationConfig":{"#
    #expect([schema + "," + mime, mime + "," + schema].contains { text == start + $0 + "}}" })
  }

  @Test func schemasBecomeJSONSchema() throws {
    let node = try JSONTree().parse(
      Array(
        #"""
        {"type":"OBJECT","nullable":true,"propertyOrdering":["type"],"description":"D",
         "properties":{"type":{"type":"STRING","example":"x","maxLength":"9223372036854775807"},
          "nullable":{"anyOf":[{"type":"NUMBER","minimum":0.10},{"type":"NULL"}]}},
         "defs":{"a_b":{"ref":"#/$defs/c"}}}
        """#.utf8)[...])
    #expect(
      String(decoding: GeminiSchema.jsonSchema(node).bytes, as: UTF8.self)
        == #"{"type":["object","null"],"description":"D","properties":{"#
        + #""type":{"type":"string","examples":["x"],"maxLength":9223372036854775807},"#
        + #""nullable":{"anyOf":[{"type":"number","minimum":0.10},{"type":"null"}]}},"#
        + ##""$defs":{"a_b":{"$ref":"#/$defs/c"}}}"##)
  }

  @Test(arguments: ["", "f", "fo", "foo", "foob", "\u{fb}\u{ff}"])
  func base64IsReadAndWritten(_ text: String) throws {
    let bytes = Array(text.utf8)
    let written = Base64.encode(bytes)
    #expect(Base64.decode(written) == bytes)
    #expect(Base64.decode(written.filter { $0 != 0x3d }) == bytes)
  }

  @Test func whatIsNoBase64IsNotRead() {
    #expect(String(decoding: Base64.encode(Array("foob".utf8)), as: UTF8.self) == "Zm9vYg==")
    for text in ["Z", "Zm9vY", "Zm=9", "Zm9v!", "Zg==="] {
      #expect(Base64.decode(Array(text.utf8)) == nil, "\(text)")
    }
  }
}
