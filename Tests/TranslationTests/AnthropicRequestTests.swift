// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Translation

/// The rules of Anthropic's requests that depend on the model or on several parts at once.
struct AnthropicRequestTests {
  private func request(_ text: JSONText = "Hi") -> ChatRequest {
    var request = ChatRequest()
    request.messages = [Message(.user, [Block(.text(text))])]
    return request
  }

  private func write(
    _ request: ChatRequest, model: String = "claude-opus-4-6", maximum: Int64? = nil,
    unsupported: UpstreamModel.UnsupportedParameters = .drop
  ) throws -> (body: JSONNode, losses: [String]) {
    let target = UpstreamModel(
      name: model, traits: AnthropicMessages.traits(of: model), maximumOutputTokens: maximum,
      unsupported: unsupported)
    let translator = RequestTranslator(
      client: OpenAIChatClient.self, provider: AnthropicMessages.self)
    let written = try translator.translate(request, to: target)
    return (try JSONTree().parse(written.body[...]), written.losses.losses.map(\.parameter))
  }

  // MARK: Limits

  @Test func theLimitIsTheClientsOrTheModelsOrADefault() throws {
    #expect(try write(request()).body["max_tokens"]?.integer == 4_096)
    #expect(try write(request(), maximum: 64_000).body["max_tokens"]?.integer == 64_000)
    var limited = request()
    limited.maximumOutputTokens = JSONFragment(100)
    #expect(try write(limited, maximum: 64_000).body["max_tokens"]?.integer == 100)
    limited.maximumOutputTokens = JSONFragment(100_000)
    let lowered = try write(limited, maximum: 64_000)
    #expect(lowered.body["max_tokens"]?.integer == 64_000)
    #expect(lowered.losses == ["max_completion_tokens"])
    limited.maximumOutputTokens = JSONFragment(literal: "1.5")
    #expect(throws: TranslationError.self) { try write(limited) }
  }

  // MARK: Thinking

  @Test func budgetsFitBelowTheLimit() throws {
    var thinking = request()
    thinking.reasoning = Reasoning(effort: .high)
    let free = try write(thinking, model: "claude-opus-4-5").body
    #expect(free["thinking"]?["budget_tokens"]?.integer == 8_192)
    #expect(free["max_tokens"]?.integer == 12_288)
    thinking.maximumOutputTokens = JSONFragment(6_000)
    let halved = try write(thinking, model: "claude-opus-4-5").body
    #expect(halved["thinking"]?["budget_tokens"]?.integer == 3_000)
    #expect(halved["max_tokens"]?.integer == 6_000)
    thinking.maximumOutputTokens = JSONFragment(1_000)
    let none = try write(thinking, model: "claude-opus-4-5")
    #expect(none.body["thinking"] == nil)
    #expect(none.losses == ["reasoning_effort"])
    #expect(throws: TranslationError.self) {
      try write(thinking, model: "claude-opus-4-5", unsupported: .refuse)
    }
  }

  @Test func budgetsOfAnySizeAreTaken() throws {
    var thinking = request()
    for tokens in [Int64.min, -1, 0, 1, Int64.max] {
      thinking.reasoning = Reasoning(budgetTokens: tokens)
      let body = try write(thinking, model: "claude-opus-4-5").body
      let budget = try #require(body["thinking"]?["budget_tokens"]?.integer)
      #expect(budget >= 1_024 && budget < body["max_tokens"]?.integer ?? 0)
    }
  }

  @Test func otherProvidersSignaturesAreNotSent() throws {
    var replay = request()
    let thought = ReasoningBlock(text: "hm", signature: "google#c2ln")
    replay.messages += [
      Message(.assistant, [Block(.reasoning(thought)), Block(.text("a"))]),
      Message(.user, [Block(.text("b"))]),
    ]
    let written = try write(replay)
    let turns = Array(try #require(written.body["messages"]).elements)
    #expect(turns[1]["content"]?.elements.map { $0["type"]?.string } == ["text"])
    #expect(written.losses == ["reasoning of earlier turns"])
  }

  @Test func newerModelsGetAnEffort() throws {
    var thinking = request()
    thinking.reasoning = Reasoning(budgetTokens: 5_000)
    let kept = try write(thinking, maximum: 32_000)
    #expect(kept.body["thinking"]?["budget_tokens"]?.integer == 5_000)
    let nearest = try write(thinking, model: "claude-opus-4-8")
    #expect(nearest.body["thinking"]?["type"]?.string == "adaptive")
    #expect(nearest.body["output_config"]?["effort"]?.string == "medium")
    #expect(nearest.losses == ["thinking.budget_tokens"])
    thinking.reasoning = Reasoning(effort: .xhigh, includesThoughts: false)
    let older = try write(thinking)
    #expect(older.body["output_config"]?["effort"]?.string == "high")
    #expect(older.body["thinking"]?["display"]?.string == "omitted")
    let newer = try write(thinking, model: "claude-opus-4-7")
    #expect(newer.body["output_config"]?["effort"]?.string == "xhigh")
    #expect(newer.losses == [])
  }

  @Test(
    arguments: [
      ("claude-opus-4-8", nil, nil), ("claude-opus-5", "disabled", nil),
      ("claude-sonnet-5-5", "between_tools", nil), ("claude-opus-5-5", nil, "low"),
      ("claude-3-haiku-20240307", nil, nil),
    ] as [(String, String?, String?)])
  func thinkingIsSwitchedOffAsTheModelWantsIt(
    _ model: String, _ type: String?, _ effort: String?
  ) throws {
    var silent = request()
    silent.reasoning = Reasoning(effort: Reasoning.Effort.none)
    let body = try write(silent, model: model).body
    #expect(body["thinking"]?["type"]?.string == type)
    #expect(body["output_config"]?["effort"]?.string == effort)
  }

  @Test func modelsWithABudgetDoNotGoOnWithoutTheirThoughts() throws {
    var loop = request()
    loop.reasoning = Reasoning(effort: .low)
    let call = ToolCall(id: "c", name: "f", arguments: "{}")
    let result = Message(.user, [Block(.toolResult(ToolResult(id: "c", blocks: [])))])
    loop.messages += [
      Message(
        .assistant, [Block(.reasoning(ReasoningBlock(text: "hm"))), Block(.toolCall(call))]),
      result,
    ]
    let unsigned = try write(loop, model: "claude-sonnet-4-5", maximum: 9_000)
    #expect(unsigned.body["thinking"] == nil)
    #expect(unsigned.losses == ["reasoning of earlier turns", "reasoning_effort"])
    #expect(try write(loop, model: "claude-opus-4-6").body["thinking"] != nil)
    let signed = ReasoningBlock(text: "hm", signature: "c2ln")
    loop.messages[1].blocks[0] = Block(.reasoning(signed))
    let replayed = try write(loop, model: "claude-sonnet-4-5", maximum: 9_000)
    #expect(replayed.body["thinking"]?["budget_tokens"]?.integer == 2_048)
    #expect(replayed.losses == [])
  }

  // MARK: Tools

  @Test func noToolIsForcedWhileTheModelThinks() throws {
    var forced = request()
    forced.tools = [Tool(name: "f"), Tool(name: "g")]
    forced.toolChoice = .named("f")
    let plain = try write(forced, model: "claude-opus-5")
    #expect(plain.body["thinking"]?["type"]?.string == "disabled")
    #expect(plain.body["tool_choice"]?["type"]?.string == "tool")
    #expect(plain.losses == [])
    forced.reasoning = Reasoning(effort: .high)
    let thinking = try write(forced, model: "claude-opus-5")
    #expect(thinking.body["tool_choice"]?["type"]?.string == "auto")
    #expect(thinking.losses == ["tool_choice.named"])
    let system = thinking.body["system"]?.elements.compactMap { $0["text"]?.string }
    #expect(system == ["Call the tool 'f' before you answer."])
  }

  @Test func parallelCallsAreSwitchedOffByTheChoice() throws {
    var serial = request()
    serial.allowsParallelToolCalls = false
    #expect(try write(serial).body["tool_choice"] == nil)
    serial.tools = [Tool(name: "f")]
    let choice = try write(serial).body["tool_choice"]
    #expect(choice?["type"]?.string == "auto")
    #expect(choice?["disable_parallel_tool_use"]?.bool == true)
    serial.toolChoice = ToolChoice.none
    let none = try write(serial).body["tool_choice"]
    #expect(none?["type"]?.string == "none")
    #expect(none?["disable_parallel_tool_use"] == nil)
  }

  @Test func idsThatDoNotFitAreReplacedAlike() throws {
    var request = request()
    let long = JSONText(String(repeating: "ü", count: 40))
    request.messages += [
      Message(.assistant, [Block(.toolCall(ToolCall(id: long, name: "f", arguments: "")))]),
      Message(.user, [Block(.toolResult(ToolResult(id: long, blocks: [], isError: true)))]),
    ]
    let messages = Array(try #require(try write(request).body["messages"]).elements)
    let call = messages[1]["content"]?.elements.first { _ in true }
    let result = messages[2]["content"]?.elements.first { _ in true }
    let id = try #require(call?["id"]?.string)
    #expect(id.utf8.count <= 64 && id.utf8.allSatisfy { $0 < 0x80 })
    #expect(result?["tool_use_id"]?.string == id)
    #expect(result?["is_error"]?.bool == true)
  }

  // MARK: Schemas

  private func format(_ schema: StaticString) -> OutputFormat {
    .jsonSchema(JSONSchemaFormat(name: "a", schema: JSONFragment(literal: schema)))
  }

  @Test func schemasAreClosedAndTheirBoundsPutInWords() throws {
    var request = request()
    request.output = format(
      """
      {"type":"object","properties":{"n":{"type":"integer","minimum":1,"description":"N"},
      "l":{"type":"array","items":{"type":"object","properties":{"x":{"type":"null"}}}}}}
      """)
    let written = try write(request)
    let schema = try #require(written.body["output_config"]?["format"]?["schema"])
    #expect(schema["additionalProperties"]?.bool == false)
    let number = schema["properties"]?["n"]
    #expect(number?["minimum"] == nil)
    #expect(number?["description"]?.string == "N\n(minimum: 1)")
    #expect(schema["properties"]?["l"]?["items"]?["additionalProperties"]?.bool == false)
    #expect(written.losses == ["response_format.json_schema"])
  }

  @Test func openObjectsBecomeATool() throws {
    var request = request()
    request.output = format(
      #"{"type":"object","additionalProperties":{"type":"string"}}"#)
    let body = try write(request).body
    #expect(body["output_config"] == nil)
    #expect(body["tool_choice"]?["name"]?.string == "gateway_json_answer")
    let newest = try write(request, model: "claude-opus-5-5").body
    #expect(newest["tools"] == nil)
    #expect(newest["system"] != nil)
  }

  @Test func clientsToolsStayBesideTheAnswerTool() throws {
    var request = request()
    request.tools = [Tool(name: "f")]
    request.output = format(#"{"type":"object","properties":{"a":{"type":"string"}}}"#)
    let body = try write(request, model: "claude-3-7-sonnet-20250219").body
    #expect(body["tool_choice"]?["type"]?.string == "any")
    let names = body["tools"]?.elements.compactMap { $0["name"]?.string }
    #expect(names == ["f", "gateway_json_answer"])
  }

  // MARK: Content

  @Test func documentsArePDFOrText() throws {
    var request = request()
    func document(_ data: JSONText, _ type: JSONText?) -> Block {
      Block(.file(Media(.base64(data), mediaType: type, name: "n")))
    }
    request.messages[0].blocks = [
      document("SGkg8J+Yig==", "text/plain"), document("JVBERi0x", nil),
    ]
    let content = Array(
      try #require(
        try write(request).body["messages"]?.elements.first { _ in true }?["content"]
      ).elements)
    #expect(content[0]["source"]?["type"]?.string == "text")
    #expect(content[0]["source"]?["data"]?.string == "Hi 😊")
    #expect(content[1]["source"]?["media_type"]?.string == "application/pdf")
    request.messages[0].blocks = [document("UEsDBA==", "application/zip")]
    #expect(throws: TranslationError.self) { try write(request) }
  }

  @Test func samplingKeepsToWhatTheModelTakes() throws {
    var request = request()
    request.sampling.temperature = JSONFragment(literal: "1.7")
    request.sampling.seed = JSONFragment(7)
    let written = try write(request)
    #expect(written.body["temperature"]?.integer == 1)
    #expect(written.losses == ["seed", "temperature"])
    request.sampling.seed = nil
    #expect(try write(request, unsupported: .refuse).losses == ["temperature"])
    #expect(throws: TranslationError.self) {
      try write(request, model: "claude-opus-4-7", unsupported: .refuse)
    }
  }

  @Test func nothingToSayIsRefused() {
    #expect(throws: TranslationError.self) { try write(request(" \n")) }
  }

  @Test func namesOfModelsStayOneSegmentOfThePath() {
    let target = UpstreamModel(name: "a/b c:ü@1?x", dialect: .vertex)
    #expect(
      AnthropicMessages.requestPath(to: target, isStream: true)
        == "/publishers/anthropic/models/a%2Fb%20c%3A%C3%BC@1%3Fx:streamRawPredict")
  }

  @Test func base64GoesBothWays() {
    for length in 0..<10 {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 91 + 3) }
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }
    #expect(Base64.encode(Array("Hi".utf8)) == Array("SGk=".utf8))
    #expect(Base64.decode(Array("S".utf8)) == nil)
    #expect(Base64.decode(Array("S!==".utf8)) == nil)
  }
}
