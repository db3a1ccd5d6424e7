// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Translation

/// Documents of plain text, which some APIs have and all others can be told as text.
struct TextDocumentsTests {
  private func body(_ type: String, _ data: String) -> String {
    #"{"model":"m","max_tokens":90,"messages":[{"role":"user","content":[{"type":"document""#
      + #","title":"Notes","source":{"type":"\#(type)","media_type":"text/plain","#
      + #""data":"\#(data)"}},"#
      + #"{"type":"text","text":"Go"}]},{"role":"assistant","content":[{"type":"tool_use","#
      + #""id":"c1","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","#
      + #""tool_use_id":"c1","content":[{"type":"document","source":{"type":"text","#
      + #""media_type":"text/plain","data":"In \"a\" result"}}]}]}]}"#
  }

  @Test(arguments: Wires.providers.map { "\($0.name)" })
  func theyAreDocumentsOrTexts(_ name: String) throws {
    let provider = try #require(Wires.provider(named: name))
    let isDocument = ["anthropic", "bedrock", "gemini", "openai-responses"].contains(name)
    var target = GoldenTests.target(provider)
    target.unsupported = .refuse
    let given = body("text", #"Grüße,\n\"you\""#)
    let translated = try RequestTranslator(client: AnthropicClient.self, provider: provider)
      .translate(Array(given.utf8)[...], to: target)
    let text = String(decoding: translated.body, as: UTF8.self)
    #expect(text.contains(#"Notes:\n\nGrüße,\n\"you\""#) == !isDocument, "\(text)")
    #expect(
      translated.losses.losses.map(\.parameter) == (isDocument ? [] : ["file data"]),
      "\(translated.losses.losses)")
    if !isDocument { #expect(text.contains(#"In \"a\" result"#) && !text.contains("base64")) }
  }

  @Test(arguments: [
    ("bedrock", "application/json", true), ("bedrock", "text/csv", false),
    ("gemini", "application/json", true), ("gemini", "text/x-python; charset=utf-8", false),
    ("anthropic", "application/javascript", false), ("openai", "application/ld+json", true),
  ])
  func aTypeThatIsNotTakenIsSpelledOut(_ name: String, _ type: String, _ isText: Bool) throws {
    let provider = try #require(Wires.provider(named: name))
    let given = #"""
      {"model":"m","input":[{"role":"user","content":[{"type":"input_file","filename":"a.x",
       "file_data":"data:\#(type);base64,SGVsbG8h"}]}]}
      """#
    let translated = try RequestTranslator(client: ResponsesClient.self, provider: provider)
      .translate(Array(given.utf8)[...], to: GoldenTests.target(provider))
    let body = String(decoding: translated.body, as: UTF8.self)
    #expect(body.contains(#"a.x:\n\nHello!"#) == isText, "\(body)")
  }

  @Test func onlyTextIsSpelledOut() throws {
    func written(_ data: String, _ title: String = "") throws -> String {
      let given = #"{"contents":[{"parts":[{"inlineData":{\#(title)"data":"\#(data)"}}]}]}"#
      return String(
        decoding: try RequestTranslator(client: GeminiClient.self, provider: OpenAIChat.self)
          .translate(Array(given.utf8)[...], to: UpstreamModel(name: "gpt-4o")).body,
        as: UTF8.self)
    }
    #expect(try written("e30=", #""mimeType":"application/json","#).contains(#""content":"{}""#))
    #expect(
      try written("SGk=", #""mimeType":"text/csv;charset=utf-8","#).contains(#""content":"Hi""#))
    // No UTF-8, and another type.
    #expect(try written("/w==", #""mimeType":"text/plain","#).contains("base64,/w=="))
    #expect(try written("SGk=", #""mimeType":"application/pdf","#).contains("base64,SGk="))
  }
}
