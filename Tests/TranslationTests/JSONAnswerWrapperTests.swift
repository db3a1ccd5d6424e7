// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Translation

/// Schemas that are no object's, at providers that take no other.
struct JSONAnswerWrapperTests {
  private func wrapped(_ schema: String) -> String? {
    JSONAnswerWrapper.wrapped(JSONFragment(validated: Array(schema.utf8)[...]))
      .map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  @Test func listsWordsAndAlternativesArePutIntoAnObject() {
    func object(_ schema: String, _ more: String = "") -> String {
      #"{"type":"object","properties":{"gateway_answer":\#(schema)},"#
        + #""required":["gateway_answer"],"additionalProperties":false\#(more)}"#
    }
    for schema in [
      #"{"type":"array","items":{"type":"object"}}"#, #"{"type":"string","enum":["a","b"]}"#,
      #"{"anyOf":[{"type":"object"},{"type":"null"}]}"#, #"{"type":["object","null"]}"#, "{}",
    ] {
      #expect(wrapped(schema) == object(schema))
    }
    // References still find what they name.
    let definitions = ##""$defs":{"A":{"items":{"$ref":"#/$defs/A"}}},"definitions":{}"##
    #expect(
      wrapped(##"{"$ref":"#/$defs/A","title":"T",\##(definitions)}"##)
        == object(##"{"$ref":"#/$defs/A","title":"T"}"##, "," + definitions))
  }

  @Test(arguments: [
    #"{"type":"object"}"#, "true", #"{"$id":"http://e/x","type":"array"}"#,
    ##"{"type":"array","items":{"$ref":"#"}}"##,
    ##"{"type":"array","items":{"anyOf":[{"$ref":"#/items"}]}}"##,
  ])
  func othersStay(schema: String) { #expect(wrapped(schema) == nil) }

  private static let body = #"""
    {"contents":[{"parts":[{"text":"Go"}]}],"generationConfig":{
     "responseMimeType":"application/json",
     "responseSchema":{"type":"ARRAY","items":{"type":"STRING"}}}}
    """#

  @Test(arguments: Wires.providers.map { "\($0.name)" })
  func itIsWhereTheProviderTakesNoOther(_ name: String) throws {
    let provider = try #require(Wires.provider(named: name))
    let translated = try RequestTranslator(client: GeminiClient.self, provider: provider)
      .translate(Array(Self.body.utf8)[...], to: GoldenTests.target(provider))
    let isWrapped = !["gemini", "ollama", "vllm"].contains(name)
    #expect(translated.shape.isWrapped == isWrapped && !translated.shape.isQuoted)
    let text = String(decoding: translated.body, as: UTF8.self).replacing("\\\"", with: "\"")
    #expect(text.contains(#""properties":{"gateway_answer":{"type":"array""#) == isWrapped)
    #expect(translated.losses.headerValue == nil)
  }

  /// Where answers of a near server pass, nobody would take them out again.
  @Test func schemasOfOpenAIsClientsStayWhereAnswersPass() throws {
    let body = #"""
      {"model":"m","messages":[{"role":"user","content":"Go"}],"response_format":{
       "type":"json_schema","json_schema":{"name":"n","schema":{"type":"array"}}}}
      """#
    for provider in [XAIChat.self, DeepSeekChat.self] as [any ProviderWire.Type] {
      let translated = try RequestTranslator(client: OpenAIChatClient.self, provider: provider)
        .translate(Array(body.utf8)[...], to: GoldenTests.target(provider))
      #expect(translated.shape == .usual)
    }
  }

  @Test func aWordIsAskedForAsAWordWhereThatCanBe() throws {
    let body = Self.body.replacing("application/json", with: "text/x.enum")
    let gemini = try RequestTranslator(client: GeminiClient.self, provider: Gemini.self)
      .translate(Array(body.utf8)[...], to: UpstreamModel(name: "gemini-2.5-flash"))
    #expect(
      String(decoding: gemini.body, as: UTF8.self)
        .contains(#""responseMimeType":"text/x.enum","responseJsonSchema":"#))
    for provider in Wires.providers {
      let translated = try RequestTranslator(client: GeminiClient.self, provider: provider)
        .translate(Array(body.utf8)[...], to: GoldenTests.target(provider))
      #expect(translated.shape.isQuoted && translated.losses.headerValue == nil)
    }
  }

  private func feed(
    _ text: String, to translator: inout StreamTranslator, _ output: inout [UInt8]
  ) throws {
    let result: Result<Void, TranslationError> = Array(text.utf8).withView { view in
      do throws(TranslationError) {
        return .success(try translator.feed(view, into: &output))
      } catch { return .failure(error) }
    }
    try result.get()
  }

  @Test func aWordWithoutASchemaIsNamedAndNothingIsTakenOut() throws {
    let body = #"""
      {"contents":[{"parts":[{"text":"Go"}]}],"generationConfig":{"responseMimeType":"text/x.enum"}}
      """#
    let translated = try RequestTranslator(client: GeminiClient.self, provider: OpenAIChat.self)
      .translate(Array(body.utf8)[...], to: UpstreamModel(name: "gpt-4o"))
    #expect(translated.shape == .usual)
    #expect(translated.losses.headerValue == "generationConfig.responseMimeType")
  }

  @Test func probabilitiesOfWhatIsTakenAwayAreLeftOut() throws {
    let start = #""generationConfig":{"#
    let body = Self.body.replacing(start, with: start + #""responseLogprobs":true,"logprobs":2,"#)
    let translated = try RequestTranslator(client: GeminiClient.self, provider: OpenAIChat.self)
      .translate(Array(body.utf8)[...], to: UpstreamModel(name: "gpt-4o"))
    #expect(translated.losses.headerValue == "logprobs")
    #expect(!String(decoding: translated.body, as: UTF8.self).contains("logprobs"))
  }

  @Test func streamsAreTakenOutAsTheyCome() throws {
    var shape = AnswerShape()
    shape.isWrapped = true
    var translator = StreamTranslator(
      decoder: OpenAIChat.makeStreamDecoder(), framing: .serverSentEvents,
      encoder: GeminiClient.makeStreamEncoder(Goldens.context), shape: shape)
    translator.keepContent(bytesMaximum: 1_000)
    var output: [UInt8] = []
    for piece in [#"{\"gateway_answer\""#, #":[\"a\""#, #",\"b\"]"#, "}"] {
      let frame = #"data: {"choices":[{"index":0,"delta":{"content":"\#(piece)"}}]}"# + "\n\n"
      try feed(frame, to: &translator, &output)
      #expect(translator.progress.state.hasContent == (piece != #"{\"gateway_answer\""#))
    }
    let end = #"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#
    try feed(end + "\n\ndata: [DONE]\n\n", to: &translator, &output)
    let text = String(decoding: output, as: UTF8.self)
    #expect(text.contains(#""text":"[\"a\"""#) && text.contains(#""text":",\"b\"]""#))
    #expect(!text.contains("gateway_answer") && translator.progress.isComplete)
    let kept = String(decoding: try #require(translator.content?.messages), as: UTF8.self)
    #expect(kept.contains(#"[\"a\",\"b\"]"#))
  }
}
