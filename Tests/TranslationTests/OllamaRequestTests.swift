// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Translation

/// What depends on the model's name and the configuration; the rest is in the goldens.
struct OllamaRequestTests {
  private func write(
    _ members: String, messages: String = #"[{"role":"user","content":"Hi"}]"#,
    model: String = "llama3.2", _ change: (inout UpstreamModel) -> Void = { _ in }
  ) throws -> (body: String, losses: [String]) {
    var target = UpstreamModel(name: model, traits: OllamaChat.traits(of: model))
    change(&target)
    let comma = members.isEmpty ? "" : ","
    let text = #"{"model":"m","messages":\#(messages)\#(comma)\#(members)}"#
    let translated = try RequestTranslator(
      client: OpenAIChatClient.self, provider: OllamaChat.self
    ).translate(Array(text.utf8)[...], to: target)
    #expect(translated.path == "/api/chat")
    return (
      String(decoding: translated.body, as: UTF8.self),
      translated.losses.losses.map { "\($0.parameter): \($0.note)" }
    )
  }

  private let message = #"{"model":"llama3.2","messages":[{"role":"user","content":"Hi"}],"#

  @Test func everyParameterHasARule() {
    #expect(OllamaChat.parameters.parametersWithoutRule.isEmpty)
  }

  @Test func theContextIsAskedForUnlessTheClientDoes() throws {
    #expect(try write("").body == message + #""stream":false}"#)
    #expect(
      try write(#""stream":true"#) { $0.contextTokens = 32_768 }.body
        == message + #""stream":true,"options":{"num_ctx":32768}}"#)
    #expect(
      try write(#""num_ctx":8192"#) { $0.contextTokens = 32_768 }.body
        == message + #""stream":false,"options":{"num_ctx":8192}}"#)
  }

  @Test func ollamasOwnParametersPass() throws {
    let written = try write(
      #""keep_alive":"5m","options":{"mirostat":1},"repeat_penalty":1.10,"seed":3,"think":"low""#)
    #expect(
      written.body == message
        + #""think":"low","stream":false,"options":{"seed":3,"mirostat":1,"repeat_penalty":1.10},"#
        + #""keep_alive":"5m"}"#)
    #expect(written.losses.isEmpty)
  }

  @Test(arguments: [
    ("qwen3:8b", "high", "true"), ("qwen3:8b", "none", "false"),
    ("gpt-oss:20b", "minimal", #""low""#), ("gpt-oss:20b", "none", #""low""#),
    ("gpt-oss:20b", "medium", #""medium""#), ("gpt-oss:20b", "max", #""high""#),
    ("library/deepseek-r1", "low", "true"),
  ])
  func effortBecomesThink(_ model: String, _ effort: String, _ wanted: String) throws {
    let body = try write(#""reasoning_effort":"\#(effort)""#, model: model).body
    #expect(body.contains(#""think":\#(wanted),"#), "\(body)")
  }

  @Test func modelsThatDoNotThinkAreNotAskedTo() throws {
    for model in ["llama3.2", "qwen3-coder:30b", "qwen3-embedding"] {
      let written = try write(#""reasoning_effort":"low""#, model: model)
      #expect(!written.body.contains("think"))
      #expect(written.losses == ["reasoning_effort: the model does not think"])
    }
    #expect(try write(#""reasoning_effort":"none""#).losses.isEmpty)
  }

  @Test func choicesOfToolsAreSentences() throws {
    func chosen(_ choice: String) throws -> String {
      try write(
        #"""
        "tools":[{"type":"function","function":{"name":"f"}},
         {"type":"function","function":{"name":"g"}}],"tool_choice":\#(choice)
        """#
      ).body
    }
    let f = #"{"name":"f","parameters":{"type":"object","properties":{}}}"#
    let named = try chosen(#"{"type":"function","function":{"name":"f"}}"#)
    #expect(named.contains(f) && !named.contains(#""name":"g""#))
    #expect(named.contains(#"{"role":"system","content":"Answer by calling the tool f."}"#))
    #expect(try chosen(#""required""#).contains("Answer by calling one of the tools."))
    #expect(try !chosen(#""none""#).contains("tools"))
    let automatic = try chosen(#""auto""#)
    #expect(automatic.contains(f) && !automatic.contains("system"))
  }

  @Test func picturesAreTakenByTheirDataOnly() throws {
    func image(_ url: String) -> String {
      #"[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"},"#
        + #"{"type":"image_url","image_url":{"url":"\#(url)"}}]}]"#
    }
    #expect(
      try write("", messages: image("data:image/png;base64,iVBO")).body
        .contains(#"{"role":"user","content":"a\nb","images":["iVBO"]}"#))
    let error = #expect(throws: TranslationError.self) {
      try write("", messages: image("https://example.com/a.png"))
    }
    #expect(error?.kind == .unsupportedParameter)
  }

  @Test func moreThanOneAnswerIsRefused() {
    let error = #expect(throws: TranslationError.self) { try write(#""n":2"#) }
    #expect(error?.parameter == "n")
  }
}
