// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Translation

struct AnthropicClientTests {
  private func read(_ text: StaticString) throws -> ChatRequest {
    try AnthropicClient.readRequest(try JSONTree().parse(Array("\(text)".utf8)[...]))
  }

  /// A request with one message, and `members` besides.
  private func read(with members: String) throws -> ChatRequest {
    let text =
      #"{"model":"m","messages":[{"role":"user","content":"Hello, world"}]"# + members + "}"
    return try AnthropicClient.readRequest(try JSONTree().parse(Array(text.utf8)[...]))
  }

  private func written(_ choice: ChatResponse.Choice, usage: Usage? = nil) throws -> JSONNode {
    var response = ChatResponse()
    response.choices = [choice]
    response.usage = usage
    return try JSONTree().parse(AnthropicClient.writeResponse(response, Goldens.context)[...])
  }

  // MARK: Requests

  @Test func toolInputsAreKeptAsTheyWereWritten() throws {
    let request = try read(
      #"""
      {"model":"m","messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t",
      "name":"f","input":{"big": 9223372036854775808, "e":"\u00e9\"", "n":0.10}}]}]}
      """#)
    guard case .toolCall(let call) = request.messages[0].blocks[0].content else {
      Issue.record("no call")
      return
    }
    #expect(
      call.arguments.plain == #"{"big": 9223372036854775808, "e":"\u00e9\"", "n":0.10}"#)
    #expect(call.id == "t" && call.name == "f")
  }

  @Test func whatHasNoPlaceIsNamedOnce() throws {
    let request = try read(
      """
      {"model":"m","messages":[{"role":"user","content":[
      {"type":"document","source":{"type":"text","data":"a"},"citations":{"enabled":true}},
      {"type":"document","source":{"type":"text","data":"b"},"citations":{"enabled":true}}]}],
      "tools":[{"type":"bash_20250124","name":"bash"}],"container":"c","nothing":null}
      """)
    #expect(
      request.others.map(\.name.plain) == [
        "messages.citations", "tools.bash_20250124", "container",
      ])
    #expect(request.tools.isEmpty)
    #expect(request.family == .anthropic)
  }

  @Test func twoToolsOfOneTypeAreTwo() throws {
    let body = """
      {"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}],"tools":[\
      {"type":"mcp_toolset","mcp_server_name":"a"},{"type":"mcp_toolset","mcp_server_name":"b"}]}
      """
    let translated = try RequestTranslator(
      client: AnthropicClient.self, provider: AnthropicMessages.self
    ).translate(Array(body.utf8)[...], to: UpstreamModel(name: "claude-opus-4-6", dialect: .vertex))
    let text = String(decoding: translated.body, as: UTF8.self)
    #expect(text.contains(#""mcp_server_name":"a""#) && text.contains(#""mcp_server_name":"b""#))
  }

  @Test func twoMembersDifferOnGooglesCloud() throws {
    let body =
      #"{"a":[1.0,{"model":1}],"mod\u0065l":"m","model":"n","anthropic_version":"x","#
      + #""z":"\u00e9"}"#
    let root = try JSONTree().parse(Array(body.utf8)[...])
    #expect(
      String(decoding: AnthropicMessages.vertexBody(root), as: UTF8.self)
        == #"{"anthropic_version":"vertex-2023-10-16","a":[1.0,{"model":1}],"z":"\u00e9"}"#)
  }

  @Test func anEffortWithoutThoughtsIsNamed() throws {
    let body = """
      {"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}],\
      "thinking":{"type":"disabled"},"output_config":{"effort":"low"}}
      """
    let request = try AnthropicClient.readRequest(try JSONTree().parse(Array(body.utf8)[...]))
    #expect(request.reasoning?.effort == Reasoning.Effort.none)
    #expect(request.others.map(\.name.plain) == ["output_config.effort"])
  }

  @Test func thinkingIsRead() throws {
    let budget = try read(
      with: #","thinking":{"type":"enabled","budget_tokens":2000,"display":"omitted"}"#
    ).reasoning
    #expect(budget?.budgetTokens == 2_000 && budget?.includesThoughts == false)
    let adaptive = try read(
      with: #","thinking":{"type":"adaptive"},"output_config":{"effort":"max"}"#
    ).reasoning
    #expect(adaptive?.effort == .max && adaptive?.includesThoughts == true)
    let none = try read(
      with: #","thinking":{"type":"disabled"}"#
    ).reasoning
    #expect(none?.effort == Reasoning.Effort.none)
  }

  @Test func complaintsNameTheirPlace() {
    let error = #expect(throws: TranslationError.self) {
      try read(
        """
        {"model":"m","messages":[{"role":"user","content":
        [{"type":"text","text":"a"},{"type":"image"}]}]}
        """)
    }
    #expect(error?.parameter == "messages[0].content[1].source")
    #expect(error?.kind == .invalidRequest)
  }

  // MARK: Answers

  /// Converse says that it stopped at a sequence, and rarely at which.
  @Test(arguments: [nil, "STOP"] as [JSONText?])
  func aStopSequenceIsToldByTheProvidersWord(_ only: JSONText?) throws {
    var context = Goldens.context
    context.onlyStopSequence = only
    var response = ChatResponse()
    response.choices = [
      ChatResponse.Choice(
        blocks: [Block(.text("one "))], finish: .stop, nativeFinish: "stop_sequence")
    ]
    let whole = try JSONTree().parse(AnthropicClient.writeResponse(response, context)[...])
    #expect(whole["stop_reason"]?.equals("stop_sequence") == true)
    #expect(whole["stop_sequence"]?.text == only)
    var encoder = AnthropicClient.makeStreamEncoder(context)
    var output: [UInt8] = []
    for event in response.events { encoder.encode(event, into: &output) }
    let said = only.map { "\"\($0.plain)\"" } ?? "null"
    #expect(
      String(decoding: output, as: UTF8.self).contains(
        #""stop_reason":"stop_sequence","stop_sequence":\#(said)"#))
    // Another end is none, whatever the request had.
    response.choices[0].nativeFinish = "end_turn"
    let other = try JSONTree().parse(AnthropicClient.writeResponse(response, context)[...])
    #expect(other["stop_reason"]?.equals("end_turn") == true && other["stop_sequence"]?.text == nil)
  }

  @Test func argumentsThatAreNoObjectAreKeptInOne() throws {
    let call = ToolCall(id: "", name: "f", arguments: "{\"a\":")
    let answer = try written(
      ChatResponse.Choice(blocks: [Block(.toolCall(call))], finish: .toolCalls))
    let block = try #require(answer["content"]?.elements.first { _ in true })
    #expect(block["input"]?["invalid_json"]?.string == "{\"a\":")
    #expect(block["id"]?.string == "toolu_0123456789abcdef01234567_0")
    #expect(answer["stop_reason"]?.string == "tool_use")
    #expect(answer["stop_sequence"] == nil)
  }

  @Test func usageIsDisjoint() throws {
    var usage = Usage()
    usage.inputTokens = 100
    usage.cacheReadTokens = 60
    usage.cacheWriteTokens = 30
    usage.cacheWriteHourTokens = 10
    usage.outputTokens = 7
    usage.reasoningTokens = 3
    let answer = try written(ChatResponse.Choice(blocks: [], finish: .stop), usage: usage)
    let counts = answer["usage"]
    #expect(counts?["input_tokens"]?.integer == 10)
    #expect(counts?["cache_read_input_tokens"]?.integer == 60)
    #expect(counts?["cache_creation_input_tokens"]?.integer == 30)
    #expect(counts?["cache_creation"]?["ephemeral_5m_input_tokens"]?.integer == 20)
    #expect(counts?["output_tokens_details"]?["thinking_tokens"]?.integer == 3)
  }

  @Test func refusalsAreSpokenOrExplained() throws {
    let refusal = Block(.refusal("I won't."))
    let spoken = try written(ChatResponse.Choice(blocks: [refusal], finish: .stop))
    #expect(spoken["stop_reason"]?.string == "refusal")
    #expect(spoken["content"]?.elements.map { $0["text"]?.string } == ["I won't."])
    let filtered = try written(ChatResponse.Choice(blocks: [refusal], finish: .contentFilter))
    #expect(filtered["stop_details"]?["explanation"]?.string == "I won't.")
    #expect(filtered["content"]?.elements.contains { _ in true } == false)
  }

  @Test func aFullContextIsSaidInTheWordsThatClientsKnow() throws {
    let error = ProviderError(.contextLengthExceeded, "This model's maximum context length is 8.")
    let body = try JSONTree().parse(AnthropicClient.writeError(error, Goldens.context)[...])
    #expect(
      body["error"]?["message"]?.string
        == "prompt is too long: This model's maximum context length is 8.")
    #expect(body["error"]?["type"]?.string == "invalid_request_error")
    #expect(body["request_id"]?.string == "req_0123456789abcdef01234567")
  }

  @Test func estimatesGrowWithWhatThereIs() throws {
    let short = TokenCountEstimate.inputTokens(of: try read(with: ""))
    #expect(short == 11)
    let tools = try read(with: #","tools":[{"name":"f","input_schema":{"type":"object"}}]"#)
    #expect(TokenCountEstimate.inputTokens(of: tools) > short + 346)
    var image = tools
    image.tools = []
    image.messages = [Message(.user, [Block(.image(Media(.url("https://a"))))])]
    #expect(TokenCountEstimate.inputTokens(of: image) == 1_607)
    #expect(
      String(decoding: AnthropicClient.writeTokenCount(short), as: UTF8.self)
        == #"{"input_tokens":11}"#)
  }
}
