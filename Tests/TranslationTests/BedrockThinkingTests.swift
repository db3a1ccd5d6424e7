// SPDX-License-Identifier: MIT

import Bytes
import JSON
import Testing

@testable import Translation

/// How Claude on Bedrock is told to think, and what it does not take then.
struct BedrockThinkingTests {
  private static let adaptive = "us.anthropic.claude-opus-4-6-v1"
  private static let budgeted = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"

  private func asked(
    _ body: String, from client: any ClientWire.Type = AnthropicClient.self, _ model: String
  ) throws -> (root: JSONNode, losses: [String]) {
    let request = try RequestTranslator(client: client, provider: BedrockConverse.self).translate(
      Array(body.utf8)[...],
      to: UpstreamModel(name: model, traits: BedrockConverse.traits(of: model)))
    return (
      try JSONTree().parse(request.body[...]),
      request.losses.losses.map { ($0.isApproximated ? "~" : "-") + $0.parameter }
    )
  }

  private func thinking(_ root: JSONNode) -> JSONNode? {
    root["additionalModelRequestFields"]?["thinking"]
  }

  private func claude(_ members: String) -> String {
    #"{"model":"x","max_tokens":20000,\#(members),"messages":[{"role":"user","content":"Hi"}]}"#
  }

  @Test func aModelMayBeToldToThinkWithoutAWordOfHowMuch() throws {
    let body = claude(#""thinking":{"type":"adaptive"}"#)
    let new = try asked(body, Self.adaptive)
    #expect(thinking(new.root)?["type"]?.string == "adaptive")
    #expect(new.root["outputConfig"] == nil && new.losses.isEmpty)
    // As the usual budget where the model has nothing else, as Anthropic's own API is told.
    let old = try asked(body, Self.budgeted)
    #expect(thinking(old.root)?["budget_tokens"]?.integer == 4_096)
    #expect(old.losses.isEmpty)
    let never = try asked(body, "anthropic.claude-3-haiku-20240307-v1:0")
    #expect(thinking(never.root) == nil && never.losses == ["-reasoning_effort"])
    // Names that tell nothing are left alone.
    let unknown = try asked(body, "our-profile")
    #expect(thinking(unknown.root) == nil && unknown.losses.isEmpty)
  }

  @Test func adaptiveThoughtsFixTheSampling() throws {
    let body = #"""
      {"model":"x","reasoning_effort":"high","temperature":0.2,"top_k":5,"top_p":0.5,
       "messages":[{"role":"user","content":"hi"}]}
      """#
    let found = try asked(body, from: OpenAIChatClient.self, Self.adaptive)
    #expect(thinking(found.root)?["type"]?.string == "adaptive")
    #expect(found.root["outputConfig"]?["effort"]?.string == "high")
    #expect(found.root["inferenceConfig"] == nil)
    #expect(found.root["additionalModelRequestFields"]?["top_k"] == nil)
    #expect(found.losses == ["-temperature", "-top_p", "-top_k"])
    let fit = try asked(
      body.replacing("0.2", with: "1").replacing("0.5", with: "0.95"), from: OpenAIChatClient.self,
      Self.adaptive)
    #expect(fit.root["inferenceConfig"]?["temperature"]?.fragment.double == 1)
    #expect(fit.losses == ["-top_p", "-top_k"])
  }

  @Test func noneCountsMoreThanABudget() throws {
    for model in [Self.adaptive, Self.budgeted] {
      let found = try asked(
        #"""
        {"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"generationConfig":{
         "temperature":0.2,"thinkingConfig":{"thinkingBudget":0}}}
        """#, from: GeminiClient.self, model)
      #expect(thinking(found.root) == nil)
      #expect(found.root["inferenceConfig"]?["temperature"]?.fragment.double == 0.2)
    }
    var request = ChatRequest()
    request.messages = [Message(.user, [Block(.text("Hi"))])]
    request.reasoning = Reasoning(effort: Reasoning.Effort.none, budgetTokens: 4_096)
    let written = try RequestTranslator(
      client: OpenAIChatClient.self, provider: BedrockConverse.self
    ).translate(
      request,
      to: UpstreamModel(name: Self.budgeted, traits: BedrockConverse.traits(of: Self.budgeted)))
    #expect(!String(decoding: written.body, as: UTF8.self).contains("thinking"))
  }

  @Test func aBeginningOfTheAnswerExcludesABudget() throws {
    let body = #"""
      {"model":"x","reasoning_effort":"high","max_tokens":20000,"messages":[
       {"role":"user","content":"hi"},{"role":"assistant","content":"{"}]}
      """#
    let found = try asked(body, from: OpenAIChatClient.self, Self.budgeted)
    #expect(thinking(found.root) == nil && found.losses == ["-reasoning_effort"])
    #expect(found.root["messages"]?.elements.count(where: { _ in true }) == 2)
  }

  @Test func aMessageWithADocumentHasAText() throws {
    let data = "data:application/pdf;base64,JVBERi0="
    let file = #"{"type":"file","file":{"filename":"a.pdf","file_data":"\#(data)"}}"#
    func content(_ parts: String) throws -> [JSONNode] {
      let found = try asked(
        #"{"model":"x","messages":[{"role":"user","content":[\#(parts)]}]}"#,
        from: OpenAIChatClient.self, Self.budgeted)
      #expect(found.losses.isEmpty)
      let message = found.root["messages"]?.elements.first { _ in true }
      return Array(message!["content"]!.elements)
    }
    let alone = try content(file)
    #expect(alone.count == 2 && alone[1]["text"]?.string == ".")
    let said = try content(#"{"type":"text","text":"Read"},"# + file)
    #expect(said.count == 2 && said[0]["text"]?.string == "Read")
  }
}
