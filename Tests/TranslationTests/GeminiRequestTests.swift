// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Translation

/// What depends on the model's name, the cloud and the configuration; the rest is in the goldens.
struct GeminiRequestTests {
  private struct Written {
    var path: String
    var body: String
    var losses: [String]
  }

  private func write(
    _ members: String, messages: String = #"[{"role":"user","content":"Hi"}]"#,
    model: String = "gemini-2.5-flash", _ change: (inout UpstreamModel) -> Void = { _ in }
  ) throws -> Written {
    var target = UpstreamModel(name: model, traits: Gemini.traits(of: model))
    change(&target)
    let comma = members.isEmpty ? "" : ","
    let text = #"{"model":"m","messages":\#(messages)\#(comma)\#(members)}"#
    let translated = try RequestTranslator(client: OpenAIChatClient.self, provider: Gemini.self)
      .translate(Array(text.utf8)[...], to: target)
    return Written(
      path: translated.path, body: String(decoding: translated.body, as: UTF8.self),
      losses: translated.losses.losses.map { "\($0.parameter): \($0.note)" })
  }

  @Test func everyParameterHasARule() {
    #expect(Gemini.parameters.parametersWithoutRule.isEmpty)
  }

  @Test(arguments: [
    ("gemini-2.5-pro", UpstreamModel.Dialect.plain, "/models/gemini-2.5-pro:generateContent"),
    ("tunedModels/a b", .plain, "/tunedModels/a%20b:generateContent"),
    ("gemini-2.5-pro", .vertex, "/publishers/google/models/gemini-2.5-pro:generateContent"),
    ("endpoints/42", .vertex, "/endpoints/42:generateContent"),
    ("x:stream?key=é", .plain, "/models/x%3Astream%3Fkey%3D%C3%A9:generateContent"),
  ])
  func pathsAreBelowTheBaseURL(
    _ model: String, _ dialect: UpstreamModel.Dialect, _ path: String
  ) throws {
    #expect(try write("", model: model) { $0.dialect = dialect }.path == path)
  }

  @Test func theStreamIsOfEvents() throws {
    let path = try write(#""stream":true"#).path
    #expect(path == "/models/gemini-2.5-flash:streamGenerateContent?alt=sse")
  }

  @Test(arguments: [
    ("gemini-2.5-flash", "none", #"{"thinkingBudget":0,"includeThoughts":false}"#),
    ("gemini-2.5-flash", "low", #"{"thinkingBudget":2048,"includeThoughts":true}"#),
    ("gemini-2.5-flash", "max", #"{"thinkingBudget":16384,"includeThoughts":true}"#),
    ("gemini-2.5-pro", "none", #"{"thinkingBudget":128,"includeThoughts":false}"#),
    ("gemini-3-flash-preview", "none", #"{"thinkingLevel":"MINIMAL","includeThoughts":false}"#),
    ("gemini-3-flash-preview", "medium", #"{"thinkingLevel":"MEDIUM","includeThoughts":true}"#),
    ("gemini-3-pro-preview", "minimal", #"{"thinkingLevel":"LOW","includeThoughts":true}"#),
    ("gemini-3-pro-preview", "medium", #"{"thinkingLevel":"HIGH","includeThoughts":true}"#),
    ("gemini-3.1-pro", "medium", #"{"thinkingLevel":"MEDIUM","includeThoughts":true}"#),
    ("gemini-3.7-flash", "minimal", #"{"thinkingLevel":"LOW","includeThoughts":true}"#),
    ("gemini-flash-latest", "xhigh", #"{"thinkingLevel":"HIGH","includeThoughts":true}"#),
    (
      "publishers/google/models/gemini-3-flash", "high",
      #"{"thinkingLevel":"HIGH","includeThoughts":true}"#
    ),
  ])
  func effortBecomesALevelOrABudget(_ model: String, _ effort: String, _ wanted: String) throws {
    let body = try write(#""reasoning_effort":"\#(effort)""#, model: model).body
    #expect(body.contains(#""generationConfig":{"thinkingConfig":\#(wanted)}"#), "\(body)")
  }

  @Test func whatIsNotExactIsNamed() throws {
    #expect(try write(#""reasoning_effort":"low""#).losses.isEmpty)
    #expect(
      try write(#""reasoning_effort":"none""#, model: "gemini-3-pro").losses
        == ["reasoning_effort: the model's nearest level is LOW"])
    #expect(
      try write(
        #""thinking":{"type":"enabled","budget_tokens":200}"#, model: "gemini-2.5-flash-lite"
      )
      .losses == ["thinking.budget_tokens: the model's nearest number of tokens is 512"])
    let byLevel = try write(
      #""thinking":{"type":"enabled","budget_tokens":9000}"#, model: "gemini-3-flash")
    #expect(byLevel.body.contains(#""thinkingLevel":"HIGH""#))
    #expect(byLevel.losses == ["thinking.budget_tokens: the model thinks by level: HIGH"])
    #expect(
      try write(#""reasoning_effort":"low""#, model: "gemini-2.0-flash").losses
        == ["reasoning_effort: the model does not think"])
  }

  private let calls = #"""
    [{"role":"user","content":"Q"},
     {"role":"assistant","tool_calls":[
      {"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},
      {"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]},
     {"role":"tool","tool_call_id":"b","content":"[1, 2]"},
     {"role":"tool","tool_call_id":"a","content":"007"}]
    """#

  @Test func callsWithoutASignatureSkipItsValidation() throws {
    let skipping = #""thoughtSignature":"c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=""#
    let body = try write("", messages: calls, model: "gemini-3-flash").body
    // Only the first of parallel calls bears one.
    #expect(body.contains(#"{"functionCall":{"id":"a","name":"f","args":{}},\#(skipping)}"#))
    #expect(body.contains(#"{"functionCall":{"id":"b","name":"g","args":{}}}"#))
    #expect(try !write("", messages: calls).body.contains("thoughtSignature"))
  }

  @Test func resultsAreObjectsInTheOrderOfTheCalls() throws {
    let body = try write("", messages: calls).body
    #expect(
      body.contains(
        #"{"role":"user","parts":["#
          + #"{"functionResponse":{"id":"a","name":"f","response":{"result":"007"}}},"#
          + #"{"functionResponse":{"id":"b","name":"g","response":{"result":[1, 2]}}}]}"#))
  }

  @Test func aResultWithoutItsCallIsRefused() {
    let error = #expect(throws: TranslationError.self) {
      try write("", messages: #"[{"role":"tool","tool_call_id":"zz","content":"1"}]"#)
    }
    #expect(error?.kind == .invalidRequest)
    #expect(error?.message.contains("zz") == true)
  }

  @Test func onlyGeminisSignaturesGoBackToGemini() throws {
    func messages(_ signature: String) -> String {
      #"""
      [{"role":"user","content":"Q"},
       {"role":"assistant","content":"A","thinking_blocks":[
        {"type":"thinking","thinking":"T","signature":"\#(signature)"}]},
       {"role":"user","content":"Q2"}]
      """#
    }
    #expect(
      try write("", messages: messages("google#c2ln")).body
        .contains(#"{"text":"A","thoughtSignature":"c2ln"}"#))
    let foreign = try write("", messages: messages("c2ln"))
    #expect(foreign.body.contains(#"{"role":"model","parts":[{"text":"A"}]}"#))
  }

  @Test func noOtherProviderGetsGeminisSignatures() throws {
    let text = #"""
      {"model":"m","messages":[{"role":"user","content":"Q"},
       {"role":"assistant","content":"A","thinking_blocks":[
        {"type":"thinking","thinking":"T","signature":"google#c2ln"}]},
       {"role":"user","content":"Q2"}]}
      """#
    for provider: any ProviderWire.Type in [AnthropicMessages.self, BedrockConverse.self] {
      let name = "anthropic.claude-sonnet-4-5"
      let target = UpstreamModel(
        name: name, traits: provider.traits(of: name), maximumOutputTokens: 1_000)
      let body = try RequestTranslator(client: OpenAIChatClient.self, provider: provider)
        .translate(Array(text.utf8)[...], to: target).body
      #expect(!String(decoding: body, as: UTF8.self).contains("c2ln"), "\(provider.name)")
    }
  }

  @Test func schemaAndToolsTogetherNeedGemini3() throws {
    let both = #"""
      "tools":[{"type":"function","function":{"name":"f"}}],
      "response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object"}}}
      """#
    let newer = try write(both, model: "gemini-3-flash")
    #expect(newer.body.contains(#""responseJsonSchema":{"type":"object"}"#))
    #expect(newer.losses.isEmpty)
    let older = try write(both)
    #expect(!older.body.contains("responseMimeType"))
    #expect(older.body.contains(#"{\"type\":\"object\"}"#))
    #expect(older.losses.count == 1)
  }

  @Test func strictToolsAreValidated() throws {
    let body = try write(
      #""tools":[{"type":"function","function":{"name":"f","strict":true}}]"#
    ).body
    #expect(body.contains(#""functionCallingConfig":{"mode":"VALIDATED"}"#))
  }

  @Test func modelsWithoutSystemInstructionAreToldInTheUsersTurn() throws {
    let messages = #"[{"role":"system","content":"S"},{"role":"user","content":"U"}]"#
    let body = try write("", messages: messages, model: "gemma-3-27b-it").body
    #expect(body == #"{"contents":[{"role":"user","parts":[{"text":"S"},{"text":"U"}]}]}"#)
    #expect(throws: TranslationError.self) {
      try write("", messages: #"[{"role":"user","content":"  "}]"#)
    }
  }

  @Test func mediaByReference() throws {
    func part(_ part: String) -> String { #"[{"role":"user","content":[\#(part)]}]"# }
    let id = #"{"type":"file","file":{"file_id":"files/abc"}}"#
    #expect(
      try write("", messages: part(id)).body.contains(
        #"{"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/abc"}}"#))
    let foreign = #"{"type":"file","file":{"file_id":"file-abc"}}"#
    let error = #expect(throws: TranslationError.self) {
      try write("", messages: part(foreign))
    }
    #expect(error?.kind == .unsupportedParameter)
    let image =
      #"{"type":"image_url","image_url":{"url":"https://x.org/A.PNG?w=1","detail":"low"}}"#
    let body = try write("", messages: part(image)).body
    #expect(body.contains(#"{"mimeType":"image/png","fileUri":"https://x.org/A.PNG?w=1"}"#))
    #expect(body.contains(#""mediaResolution":"MEDIA_RESOLUTION_LOW""#))
    let untyped = #"{"type":"image_url","image_url":{"url":"data:;base64,/9j/4A=="}}"#
    #expect(try write("", messages: part(untyped)).body.contains(#""mimeType":"image/jpeg""#))
  }

  @Test func googlesOwnParametersPass() throws {
    let written = try write(
      #"""
      "safety_settings":[{"category":"A","threshold":"OFF"}],"cachedContent":"cachedContents/1",
      "extra_body":{"google":{"thinking_config":{"thinking_budget":7}}},"service_tier":"default"
      """#)
    #expect(
      written.body.hasSuffix(
        #""generationConfig":{"thinkingConfig":{"thinking_budget":7}},"serviceTier":"standard","#
          + #""safetySettings":[{"category":"A","threshold":"OFF"}],"#
          + #""cachedContent":"cachedContents/1"}"#))
    #expect(written.losses.isEmpty)
  }

  @Test func lossesAreRefusedWhereTheClientSaysSo() {
    for members in [
      #""stop":["1","2","3","4","5","6"]"#, #""service_tier":"scale""#, #""logit_bias":{"1":1}"#,
      #""parallel_tool_calls":false,"tools":[{"type":"function","function":{"name":"f"}}]"#,
      #""reasoning_effort":"high""#,
    ] {
      let error = #expect(throws: TranslationError.self, "\(members)") {
        try write(members, model: "gemini-2.0-flash") { $0.unsupported = .refuse }
      }
      #expect(error?.kind == .unsupportedParameter)
    }
  }
}
