// SPDX-License-Identifier: MIT

import Bytes
import JSON
import Testing

@testable import Translation

/// Which efforts reach models of OpenAI and xAI, and what their names tell.
struct ReasoningEffortsTests {
  private func asked(
    _ effort: String, from client: any ClientWire.Type = AnthropicClient.self,
    of provider: any ProviderWire.Type, _ model: String
  ) throws -> (effort: String?, losses: [String], body: String) {
    let wish =
      effort == "none"
      ? #""thinking":{"type":"disabled"}"# : #""output_config":{"effort":"\#(effort)"}"#
    let body =
      client == AnthropicClient.self
      ? #"{"model":"m","max_tokens":99,\#(wish),"messages":[{"role":"user","content":"Hi"}]}"#
      : #"{"model":"m","reasoning":{"effort":"\#(effort)"},"input":"Hi"}"#
    let request = try RequestTranslator(client: client, provider: provider).translate(
      Array(body.utf8)[...], to: UpstreamModel(name: model, traits: provider.traits(of: model)))
    let root = try JSONTree().parse(request.body[...])
    return (
      (root["reasoning_effort"] ?? root["reasoning"]?["effort"])?.string,
      request.losses.losses.map { ($0.isApproximated ? "~" : "-") + $0.parameter },
      String(decoding: request.body, as: UTF8.self)
    )
  }

  static let openAI: [(String, String, String)] = [
    ("gpt-5", "none", "minimal"), ("gpt-5-mini", "none", "minimal"), ("gpt-5", "max", "high"),
    ("gpt-5-nano-2025-08-07", "high", "high"), ("gpt-5-pro", "none", "high"),
    ("gpt-5-pro", "low", "high"), ("gpt-5-codex", "none", "low"), ("gpt-5.1", "none", "none"),
    ("gpt-5.1", "xhigh", "high"), ("gpt-5.1-codex", "none", "low"),
    ("gpt-5.1-codex-max", "max", "xhigh"), ("gpt-5.2", "max", "xhigh"),
    ("gpt-5.2-codex", "xhigh", "xhigh"), ("gpt-5.2-codex", "none", "low"),
    ("gpt-5.4-pro", "low", "medium"), ("gpt-5.4-mini", "none", "none"),
    ("gpt-5.6", "max", "max"), ("gpt-5.6-sol", "none", "none"), ("o1", "none", "low"),
    ("o3", "none", "low"), ("o4-mini", "max", "high"), ("o3-deep-research", "high", "medium"),
    ("ft:o4-mini-2025-04-16:acme::a1", "max", "high"), ("gpt-6-sol", "none", "none"),
    ("our-own", "max", "max"),
  ]

  @Test(arguments: openAI)
  func openAIsModelsAreToldTheNearest(_ model: String, _ asks: String, _ gets: String) throws {
    let providers: [any ProviderWire.Type] = [
      OpenAIChat.self, AzureOpenAIChat.self, OpenAIResponses.self,
    ]
    for provider in providers {
      let found = try asked(asks, of: provider, model)
      #expect(found.effort == gets, "\(provider.name)")
      #expect(found.losses == (asks == gets ? [] : ["~reasoning_effort"]), "\(provider.name)")
    }
  }

  @Test(arguments: [
    ("grok-3-mini", "medium", "low"), ("grok-3-mini", "none", "low"),
    ("grok-3-mini-fast", "max", "high"), ("grok-4.3", "none", "none"), ("grok-4.3", "max", "high"),
    ("grok-4.5", "none", "low"), ("grok-4.5", "xhigh", "high"), ("grok-4.6", "max", "xhigh"),
    ("grok-4.7-latest", "none", "low"), ("our-own", "max", "max"),
  ])
  func xAIsModelsAreToldTheNearest(_ model: String, _ asks: String, _ gets: String) throws {
    let found = try asked(asks, of: XAIChat.self, model)
    #expect(found.effort == gets)
    #expect(found.losses == (asks == gets ? [] : ["~reasoning_effort"]))
    let response = try asked(asks, of: OpenAIResponses.self, model)
    #expect(response.effort == gets)
  }

  @Test func minimalIsThoughtYet() throws {
    for (model, gets) in [("gpt-5", "minimal"), ("gpt-5.1", "low"), ("gpt-5.4", "low")] {
      let found = try asked("minimal", from: ResponsesClient.self, of: OpenAIChat.self, model)
      #expect(found.effort == gets)
      #expect(found.losses == (gets == "minimal" ? [] : ["~reasoning_effort"]))
    }
    // Other servers are told as it is said.
    let other = try asked(
      "minimal", from: ResponsesClient.self, of: OpenAICompatibleChat.self, "gpt-5.1")
    #expect(other.effort == "minimal" && other.losses.isEmpty)
  }

  /// A number of tokens is named as what it was.
  @Test func aBudgetIsNamedOnce() throws {
    let body = #"""
      {"model":"m","max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":4096},
       "messages":[{"role":"user","content":"Hi"}]}
      """#
    let request = try RequestTranslator(client: AnthropicClient.self, provider: OpenAIChat.self)
      .translate(
        Array(body.utf8)[...],
        to: UpstreamModel(name: "gpt-5-pro", traits: OpenAIChat.traits(of: "gpt-5-pro")))
    #expect(String(decoding: request.body, as: UTF8.self).contains(#""reasoning_effort":"high""#))
    #expect(request.losses.losses.map(\.parameter) == ["thinking.budget_tokens"])
  }

  @Test(arguments: [
    ("gpt-35-turbo", false), ("gpt-35-turbo-16k", false), ("gpt-3.5-turbo", false),
    ("ft:gpt-3.5-turbo-0125:acme::a1", false), ("ft:o4-mini-2025-04-16:acme::a1", true),
    ("ft:gpt-5-mini:chat-maker::a1", true), ("ft:gpt-4.1:acme::a1", false), ("gpt-10", true),
  ])
  func namesTellWhoReasons(_ model: String, _ isReasoning: Bool) {
    #expect(OpenAIModels.traits(of: model).isOpenAIReasoning == isReasoning)
    #expect(OpenAIModels.neverThinks(model) == !isReasoning)
  }

  @Test(arguments: [
    ("o1", false), ("o3", false), ("o4-mini", false), ("ft:o4-mini-2025-04-16:acme::a1", false),
    ("gpt-5", true), ("gpt-5.1", true), ("gpt-4o", true),
  ])
  func theOSeriesTakesNoWordOfParallelCalls(_ model: String, _ isTaken: Bool) throws {
    let body = #"""
      {"model":"x","max_tokens":9,"tools":[{"name":"f","input_schema":{"type":"object"}}],
       "tool_choice":{"type":"auto","disable_parallel_tool_use":true},
       "messages":[{"role":"user","content":"Hi"}]}
      """#
    let providers: [any ProviderWire.Type] = [OpenAIChat.self, OpenAIResponses.self]
    for provider in providers {
      let request = try RequestTranslator(client: AnthropicClient.self, provider: provider)
        .translate(
          Array(body.utf8)[...], to: UpstreamModel(name: model, traits: provider.traits(of: model)))
      let text = String(decoding: request.body, as: UTF8.self)
      #expect(text.contains(#""parallel_tool_calls":false"#) == isTaken)
      #expect(request.losses.headerValue == (isTaken ? nil : "parallel_tool_calls"))
    }
  }
}
