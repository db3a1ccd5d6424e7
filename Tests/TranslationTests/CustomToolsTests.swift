// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Translation

/// Tools of the Responses API that are no functions, at providers that have functions alone.
struct CustomToolsTests {
  private static let body = #"""
    {"model":"m","max_output_tokens":90,"input":[
      {"role":"user","content":"Patch"},
      {"type":"web_search_call","id":"ws_1","status":"completed"},
      {"type":"custom_tool_call","id":"ctc_1","call_id":"c1","name":"apply","input":"*** \"a\"\nb"},
      {"type":"custom_tool_call_output","call_id":"c1","output":"done"}],
     "tools":[{"type":"web_search"},{"type":"custom","name":"apply","description":"Applies.",
       "format":{"type":"grammar","syntax":"lark","definition":"start: /a/"}}],
     "tool_choice":CHOICE}
    """#

  private func translated(
    to provider: any ProviderWire.Type, choice: String = #""auto""#, refuses: Bool = false
  ) throws -> (body: JSONNode, text: String, losses: LossReport) {
    var target = GoldenTests.target(provider)
    if refuses { target.unsupported = .refuse }
    let request = try RequestTranslator(client: ResponsesClient.self, provider: provider)
      .translate(Array(Self.body.replacing("CHOICE", with: choice).utf8)[...], to: target)
    let root = JSONFragment(validated: request.body[...]).parsed
    return (root, String(decoding: request.body, as: UTF8.self), request.losses)
  }

  @Test(arguments: Wires.providers.map { "\($0.name)" })
  func theyAreFunctionsWithATextOrLeftOut(_ name: String) throws {
    let provider = try #require(Wires.provider(named: name))
    let given = try translated(to: provider)
    let plain = given.text.replacing(#"\""#, with: #"""#)
    #expect(given.text.contains(#""input":{"type":"string"}"#), "\(given.text)")
    #expect(given.text.contains(#"Applies.\n\nThe input has to match this grammar (lark):\n"#))
    #expect(plain.contains(#""input":"*** "#) && given.text.contains("done"))
    #expect(!given.text.contains("web_search"))
    #expect(given.losses.headerValue == "tools.web_search,input.web_search_call")
    #expect(throws: TranslationError.self) { try translated(to: provider, refuses: true) }
  }

  @Test func aChoiceOfWhatIsLeftOutIsLeftOut() throws {
    func choice(_ text: String) throws -> String? {
      let chosen = try translated(to: OpenAIChat.self, choice: text).body["tool_choice"]
      return chosen.map { String(decoding: $0.fragment.bytes, as: UTF8.self) }
    }
    #expect(try choice(#"{"type":"web_search"}"#) == #""none""#)
    #expect(
      try choice(#"{"type":"custom","name":"apply"}"#)
        == #"{"type":"function","function":{"name":"apply"}}"#)
    #expect(try choice(#""required""#) == #""required""#)
    // What the client wanted none of is not open instead.
    let tools = #"[{"type":"web_search"},{"name":"g","type":"function"}]"#
    let allowed = #"{"type":"allowed_tools","mode":"required","tools":\#(tools)}"#
    #expect(try choice(allowed) == #""none""#)
  }

  @Test func whatTheClientDidForAToolIsRefused() throws {
    for item in ["local_shell_call_output", "computer_call", "mcp_approval_response", "x"] {
      let body = Self.body.replacing("CHOICE", with: #""auto""#)
        .replacing("web_search_call", with: item)
      #expect(throws: TranslationError.self) {
        try RequestTranslator(client: ResponsesClient.self, provider: OpenAIChat.self)
          .translate(Array(body.utf8)[...], to: UpstreamModel(name: "gpt-4o"))
      }
    }
    for input in [#"[{"type":"web_search_call"}]"#, #"[],"instructions":"Go""#] {
      let body = #"{"model":"m","tools":[{"type":"web_search"}],"input":\#(input)}"#
      #expect(throws: TranslationError.self) {
        try RequestTranslator(client: ResponsesClient.self, provider: AnthropicMessages.self)
          .translate(Array(body.utf8)[...], to: UpstreamModel(name: "claude-sonnet-4-5"))
      }
    }
  }

  /// Names that clients make up are no reason to take time.
  @Test(.timeLimit(.minutes(1))) func manyNamesAreToldAsMore() throws {
    let tools = (0..<20_000).map { #"{"type":"t\#($0)"}"# }.joined(separator: ",")
    let body =
      #"{"model":"m","input":"Go","tools":[\#(tools),{"type":"function","name":"f"}],"#
      + #""tool_choice":{"type":"allowed_tools","mode":"auto","tools":[\#(tools)]}}"#
    let request = try RequestTranslator(client: ResponsesClient.self, provider: OpenAIChat.self)
      .translate(Array(body.utf8)[...], to: UpstreamModel(name: "gpt-4o"))
    #expect(request.losses.losses.count == 65 && request.losses.losses.last?.parameter == "more")
  }

  @Test func chatsToolsOfOtherTypesAreLeftOutWithTheirChoice() throws {
    let body = #"""
      {"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Go"}],
       "tools":[{"type":"custom","custom":{"name":"c"}}],"parallel_tool_calls":true,
       "tool_choice":{"type":"custom","custom":{"name":"c"}}}
      """#
    let request = try RequestTranslator(
      client: OpenAIChatClient.self, provider: AnthropicMessages.self
    ).translate(Array(body.utf8)[...], to: UpstreamModel(name: "claude-sonnet-4-5"))
    #expect(request.losses.headerValue == "tools.custom,tool_choice")
    #expect(!String(decoding: request.body, as: UTF8.self).contains("tool"))
  }

  private var context: AnswerContext {
    var context = Goldens.context
    context.customTools = ["apply"]
    return context
  }

  @Test(arguments: [
    (#"{\"input\":\"a \\\"b\\\"\\n\"}"#, #"a \"b\"\n"#), (#"{\"other\":1}"#, #"{\"other\":1}"#),
    ("", ""), (#"{\"input\":\"cut"#, "cut"), (#"{\"input\":\"a\\n\\ud83d\\u"#, #"a\n"#),
    ("{}", ""), (#"{\"inp"#, #"{\"inp"#),
  ])
  func callsAreToldAsText(_ arguments: String, _ input: String) throws {
    let call = ToolCall(
      id: "c1", name: "apply", arguments: JSONText(escaped: Array(arguments.utf8)[...]))
    let other = ToolCall(id: "c2", name: "f", arguments: "{}")
    var response = ChatResponse()
    response.choices = [
      ChatResponse.Choice(
        blocks: [Block(.toolCall(call)), Block(.toolCall(other))], finish: .toolCalls)
    ]
    let whole = String(
      decoding: ResponsesClient.writeResponse(response, context), as: UTF8.self)
    let item =
      #""type":"custom_tool_call","status":"completed","call_id":"c1","name":"apply","#
      + #""input":"\#(input)""#
    #expect(whole.contains(item) && whole.contains(#""id":"ctc_"#))
    #expect(whole.contains(#""type":"function_call","status":"completed","call_id":"c2""#))

    var encoder = ResponsesClient.makeStreamEncoder(context)
    var output: [UInt8] = []
    for event in response.events { encoder.encode(event, into: &output) }
    let stream = String(decoding: output, as: UTF8.self)
    #expect(stream.contains(item))
    #expect(stream.split(separator: "response.function_call_arguments.delta").count == 3)
    for name in ["delta", "done"] {
      #expect(
        stream.split(separator: "event: response.custom_tool_call_input.\(name)\n").count == 2)
    }
    #expect(stream.contains(#""delta":"\#(input)""#))
    #expect(stream.contains("event: response.function_call_arguments.done"))
  }
}
