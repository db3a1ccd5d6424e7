// SPDX-License-Identifier: MIT

import Bytes
import JSON
import Testing

@testable import Translation

/// What servers with OpenAI's API are asked, and what is read of their streams.
struct OpenAIProvidersTests {
  private func translated(
    _ body: String, from client: any ClientWire.Type, to provider: any ProviderWire.Type,
    _ model: String, _ unsupported: UpstreamModel.UnsupportedParameters = .drop
  ) throws -> TranslatedRequest {
    try RequestTranslator(client: client, provider: provider).translate(
      Array(body.utf8)[...],
      to: UpstreamModel(name: model, traits: provider.traits(of: model), unsupported: unsupported))
  }

  private func text(_ request: TranslatedRequest) -> String {
    String(decoding: request.body, as: UTF8.self)
  }

  private func refusal(
    _ body: String, from client: any ClientWire.Type, to provider: any ProviderWire.Type,
    _ model: String, _ unsupported: UpstreamModel.UnsupportedParameters = .drop
  ) -> TranslationError? {
    #expect(throws: TranslationError.self) {
      try translated(body, from: client, to: provider, model, unsupported)
    }
  }

  // MARK: Thinking

  private let thinking = #"""
    {"model":"m","max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":4096},
     "messages":[{"role":"user","content":"Hi"}]}
    """#

  @Test(arguments: ["o3", "gpt-5-mini", "gpt-5.1", "gpt-6-sol", "gpt-10"])
  func aBudgetIsAnEffortWhereTheModelThinks(_ model: String) throws {
    let request = try translated(thinking, from: AnthropicClient.self, to: OpenAIChat.self, model)
    #expect(text(request).contains(#""reasoning_effort":"medium""#))
    #expect(request.losses.headerValue == nil)
    #expect(request.losses.losses.contains { $0.parameter == "thinking.budget_tokens" })
  }

  @Test(arguments: [
    ("gpt-4o", OpenAIChat.self as any ProviderWire.Type), ("gpt-5-chat-latest", OpenAIChat.self),
    ("ft:gpt-4.1:acme", OpenAIChat.self), ("llama", VLLMChat.self),
    ("any", OpenAICompatibleChat.self),
  ])
  func aBudgetIsDroppedWhereItDoesNot(_ model: String, _ provider: any ProviderWire.Type) throws {
    let request = try translated(thinking, from: AnthropicClient.self, to: provider, model)
    #expect(!text(request).contains("reasoning_effort"))
    #expect(request.losses.headerValue == "thinking.budget_tokens")
    let error = refusal(thinking, from: AnthropicClient.self, to: provider, model, .refuse)
    #expect(error?.kind == .unsupportedParameter && error?.parameter == "thinking.budget_tokens")
  }

  @Test func anEffortIsDroppedOnlyWhereTheModelIsKnownNotToThink() throws {
    func body(_ effort: String) -> String {
      #"{"model":"m","reasoning":{"effort":"\#(effort)"},"input":"Hi"}"#
    }
    let plain = try translated(
      body("high"), from: ResponsesClient.self, to: OpenAIChat.self, "gpt-4o")
    #expect(!text(plain).contains("effort"))
    #expect(plain.losses.headerValue == "reasoning_effort")
    let none = try translated(
      body("none"), from: ResponsesClient.self, to: OpenAIChat.self, "gpt-4o")
    #expect(!text(none).contains("effort") && none.losses.headerValue == nil)
    let others: [(any ProviderWire.Type, String)] = [
      (VLLMChat.self, "gpt-oss"), (AzureOpenAIChat.self, "our-deployment"), (OpenAIChat.self, "o3"),
    ]
    for (provider, model) in others {
      let other = try translated(body("high"), from: ResponsesClient.self, to: provider, model)
      #expect(text(other).contains(#""reasoning_effort":"high""#), "\(model)")
    }
  }

  @Test func deepSeekIsSwitched() throws {
    func asked(_ thinking: String) throws -> TranslatedRequest {
      try translated(
        #"{"model":"m","max_tokens":9000,\#(thinking)"messages":[{"role":"user","content":"Hi"}]}"#,
        from: AnthropicClient.self, to: DeepSeekChat.self, "deepseek-v4-flash")
    }
    let off = try asked(#""thinking":{"type":"disabled"},"#)
    #expect(text(off).contains(#""thinking":{"type":"disabled"}"#))
    #expect(!text(off).contains("effort") && off.losses.losses.isEmpty)
    let budget = try asked(#""thinking":{"type":"enabled","budget_tokens":4096},"#)
    #expect(
      text(budget).contains(#""thinking":{"type":"enabled"},"reasoning_effort":"medium""#))
    #expect(budget.losses.headerValue == nil)
    let adaptive = try asked(#""thinking":{"type":"adaptive"},"#)
    #expect(text(adaptive).contains(#""thinking":{"type":"enabled"}"#))
    #expect(!text(adaptive).contains("effort"))
    #expect(!text(try asked("")).contains("thinking"))
  }

  /// Even if there are none ("Missing `reasoning_content` field"); other servers need no such word.
  @Test func deepSeekWantsTheThoughtsBehindCalls() throws {
    let body = #"""
      {"model":"x","max_tokens":9,"tools":[{"name":"f","input_schema":{"type":"object"}}],
       "messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Ho"},
       {"role":"user","content":"Hi"},
       {"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},
       {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"ok"}]}]}
      """#
    let deepSeek = text(
      try translated(body, from: AnthropicClient.self, to: DeepSeekChat.self, "deepseek-v4-pro"))
    #expect(deepSeek.contains(#""content":null,"reasoning_content":"","tool_calls""#))
    #expect(deepSeek.contains(#"{"role":"assistant","content":"Ho"}"#))
    let other = text(try translated(body, from: AnthropicClient.self, to: VLLMChat.self, "m"))
    #expect(!other.contains("reasoning_content"))
  }

  private let limited = #"""
    {"model":"m","max_tokens":9,"stop_sequences":["x"],"messages":[{"role":"user","content":"Hi"}],
     "output_config":{"effort":"high"}}
    """#

  @Test(arguments: [
    ("grok-4", "stop,reasoning_effort"), ("grok-4-1-fast-reasoning", "stop,reasoning_effort"),
    ("grok-4-1-fast-non-reasoning", "reasoning_effort"), ("grok-3", "reasoning_effort"),
    ("grok-3-mini", "stop"), ("grok-4.3", "stop"), ("grok-4.20-reasoning", "stop,reasoning_effort"),
    ("grok-code-fast-1", "stop,reasoning_effort"), ("our-own", ""),
  ])
  func whatGrokDoesNotTakeIsNamed(_ model: String, _ dropped: String) throws {
    let request = try translated(limited, from: AnthropicClient.self, to: XAIChat.self, model)
    #expect((request.losses.headerValue ?? "") == dropped)
    #expect(text(request).contains("stop") == !dropped.contains("stop"))
    #expect(text(request).contains("effort") == !dropped.contains("effort"))
  }

  @Test(arguments: [
    ("gpt-5", false), ("gpt-5-mini", false), ("o3", false), ("o4-mini", false), ("o3-mini", true),
    ("o1", true), ("gpt-5.1", true), ("gpt-4o", true),
  ])
  func stopIsDroppedWhereTheModelHasNone(_ model: String, _ isTaken: Bool) throws {
    let request = try translated(limited, from: AnthropicClient.self, to: OpenAIChat.self, model)
    #expect(text(request).contains(#""stop":["x"]"#) == isTaken)
    #expect((request.losses.headerValue ?? "").contains("stop") == !isTaken)
  }

  @Test(arguments: [("gpt-5.1", true), ("gpt-6", true), ("gpt-5", false), ("o3", false)])
  func modelsThatDoNotThinkNowTakeATemperature(_ model: String, _ isTaken: Bool) throws {
    let body = #"{"model":"m","temperature":0.5,"reasoning":{"effort":"none"},"input":"Hi"}"#
    let request = try translated(body, from: ResponsesClient.self, to: OpenAIChat.self, model)
    #expect(text(request).contains(#""temperature":0.5"#) == isTaken)
    let thinking = try translated(
      body.replacing("none", with: "low"), from: ResponsesClient.self, to: OpenAIChat.self, model)
    #expect(!text(thinking).contains("temperature"))
  }

  /// The Responses API is told as chat completions are.
  @Test func bothOfOpenAIsAPIsSettleThoughtsAlike() throws {
    let old = try translated(
      thinking, from: AnthropicClient.self, to: OpenAIResponses.self, "gpt-4.1")
    #expect(!text(old).contains("reasoning"))
    #expect(old.losses.headerValue == "thinking.budget_tokens")
    let new = try translated(thinking, from: AnthropicClient.self, to: OpenAIResponses.self, "o3")
    #expect(text(new).contains(#""reasoning":{"effort":"medium","summary":"auto"}"#))
    #expect(new.losses.headerValue == nil)
  }

  // MARK: Refusals by policy

  @Test func writersRefuseWhatTheyWouldLeaveOut() throws {
    let body = #"""
      {"model":"m","max_tokens":9,"temperature":0.5,"messages":[{"role":"user","content":"Hi"}]}
      """#
    let name = "anthropic.claude-opus-4-8"
    let dropped = try translated(
      body, from: OpenAIChatClient.self, to: BedrockConverse.self, name)
    #expect(dropped.losses.headerValue == "temperature")
    let error = refusal(body, from: OpenAIChatClient.self, to: BedrockConverse.self, name, .refuse)
    #expect(error?.kind == .unsupportedParameter && error?.parameter == "temperature")
  }

  // MARK: Pictures and sound

  private let picture = #"{"type":"image","source":{"type":"file","file_id":"file_1"}}"#

  @Test func aMessageOfNothingButADroppedPictureGoes() throws {
    let request = try translated(
      #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[\#(picture)]},"#
        + #"{"role":"assistant","content":"A cat."},{"role":"user","content":"Sure?"}]}"#,
      from: AnthropicClient.self, to: OpenAIChat.self, "gpt-4o")
    #expect(
      text(request).contains(
        #""messages":[{"role":"assistant","content":"A cat."},{"role":"user","content":"Sure?"}]"#))
    #expect(request.losses.headerValue == "image_file_id,messages")
  }

  @Test func onesWithMoreKeepTheRest() throws {
    let request = try translated(
      #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[\#(picture),"#
        + #"{"type":"text","text":"What is it?"}]}]}"#,
      from: AnthropicClient.self, to: OpenAIChat.self, "gpt-4o")
    #expect(text(request).contains(#""messages":[{"role":"user","content":"What is it?"}]"#))
    #expect(request.losses.headerValue == "image_file_id")
  }

  @Test func nothingToAnswerIsRefused() {
    let error = refusal(
      #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[\#(picture)]}]}"#,
      from: AnthropicClient.self, to: OpenAIChat.self, "gpt-4o")
    #expect(error?.kind == .unsupportedParameter && error?.parameter == "image file id")
  }

  private func sound(_ part: String) -> String {
    #"{"contents":[{"role":"user","parts":[{"text":"Listen"},\#(part)]}]}"#
  }

  @Test func soundKeepsItsFormatOrIsRefused() throws {
    for (type, format) in [("audio/mpeg", "mp3"), ("audio/wav", "wav"), ("audio/x-wav", "wav")] {
      let request = try translated(
        sound(#"{"inlineData":{"mimeType":"\#(type)","data":"AAAA"}}"#), from: GeminiClient.self,
        to: OpenAIChat.self, "gpt-audio")
      #expect(text(request).contains(#""input_audio":{"data":"AAAA","format":"\#(format)"}"#))
    }
    for part in [
      #"{"inlineData":{"mimeType":"audio/flac","data":"AAAA"}}"#,
      #"{"fileData":{"mimeType":"audio/wav","fileUri":"https://example.org/a.wav"}}"#,
    ] {
      let error = refusal(sound(part), from: GeminiClient.self, to: OpenAIChat.self, "gpt-audio")
      #expect(error?.kind == .unsupportedParameter && error?.parameter == "audio")
    }
  }

  // MARK: Calls of streams

  private func calls(_ deltas: [String]) throws -> [String] {
    var decoder = OpenAIChatStreamDecoder()
    var events: [StreamEvent] = []
    for delta in deltas {
      let data = #"{"id":"x","choices":[{"index":0,"delta":{"tool_calls":\#(delta)}}]}"#
      try data.withByteView { try decoder.decode(StreamFrame(data: $0), into: &events) }
    }
    var calls: [String] = []
    for event in events {
      switch event {
      case .toolCallStart(_, _, let id, let name, _): calls.append("\(id.plain) \(name.plain) ")
      case .toolCallArguments(_, let index, let text): calls[index] += text.plain
      default: break
      }
    }
    return calls
  }

  @Test func callsWithoutAnIndexOrWithOneForAll() throws {
    func call(_ index: String, _ id: String, _ number: Int) -> String {
      #"{\#(index)"id":"\#(id)","function":{"name":"f","arguments":"{\"a\":\#(number)}"}}"#
    }
    let expected = [#"c1 f {"a":1}"#, #"c2 f {"a":2}"#]
    for index in ["", #""index":0,"#] {
      let (one, two) = (call(index, "c1", 1), call(index, "c2", 2))
      #expect(try calls(["[\(one),\(two)]"]) == expected)
      #expect(try calls(["[\(one)]", "[\(two)]"]) == expected)
    }
    let nameless = #"{"function":{"name":"f","arguments":"{}"}}"#
    // Ids that are made are an answer's own.
    let made = try calls(["[\(nameless),\(nameless)]"])
    #expect(Set(made).count == 2 && made.count == 2)
    #expect(made.allSatisfy { $0.hasPrefix("call_") && $0.hasSuffix(" f {}") })
  }

  @Test func piecesOfCallsThatAlternate() throws {
    #expect(
      try calls([
        #"[{"index":0,"id":"c1","function":{"name":"f","arguments":""}}]"#,
        #"[{"index":1,"id":"c2","function":{"name":"g","arguments":""}}]"#,
        #"[{"index":0,"function":{"arguments":"{"}},{"index":1,"function":{"arguments":"{"}}]"#,
        // Some repeat id and name with each piece.
        #"[{"index":0,"id":"c1","function":{"name":"f","arguments":"}"}}]"#,
        #"[{"index":1,"id":"","function":{"name":"","arguments":"}"}}]"#,
      ]) == ["c1 f {}", "c2 g {}"])
  }
}
