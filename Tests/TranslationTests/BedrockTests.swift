// SPDX-License-Identifier: MIT

import Bytes
import JSON
import Testing

@testable import Translation

struct BedrockTests {
  static let claude4 = "us.anthropic.claude-sonnet-4-20250514-v1:0"

  static func target(_ model: String) -> UpstreamModel {
    UpstreamModel(name: model, traits: BedrockConverse.traits(of: model))
  }

  /// The request with one user's message and what `change` adds, as Converse gets it.
  private func written(
    for model: String = BedrockTests.claude4, _ change: (inout ChatRequest) -> Void
  ) throws -> (body: String, losses: [String]) {
    var request = ChatRequest()
    request.messages = [Message(.user, [Block(.text("Hi"))])]
    change(&request)
    let translated = try RequestTranslator(
      client: OpenAIChatClient.self, provider: BedrockConverse.self
    ).translate(request, to: Self.target(model))
    return (
      String(decoding: translated.body, as: UTF8.self),
      translated.losses.losses.map { ($0.isApproximated ? "~" : "-") + $0.parameter }
    )
  }

  @Test func everyParameterHasARule() {
    #expect(BedrockConverse.parameters.parametersWithoutRule.isEmpty)
  }

  @Test(arguments: [
    ("amazon.nova-pro-v1:0", "/model/amazon.nova-pro-v1%3A0/converse"),
    (
      "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-4-1",
      "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2F"
        + "us.anthropic.claude-opus-4-1/converse"
    ), ("a b%é", "/model/a%20b%25%C3%A9/converse"),
  ])
  func pathsAreEncodedOnce(model: String, path: String) {
    #expect(BedrockConverse.requestPath(to: Self.target(model), isStream: false) == path)
    #expect(BedrockConverse.requestPath(to: Self.target(model), isStream: true) == path + "-stream")
  }

  @Test func familiesAreKnownByName() {
    typealias Family = BedrockModels.Family
    let known: [(String, Family)] = [
      ("anthropic.claude-3-5-sonnet-20241022-v2:0", .claude),
      ("us.anthropic.claude-3-7-sonnet-20250219-v1:0", .claude),
      ("eu.anthropic.claude-sonnet-4-20250514-v1:0", .claude),
      ("global.anthropic.claude-opus-4-6-v1", .claude),
      ("anthropic.claude-v2:1", .claude),
      ("anthropic.claude-instant-v1", .claude),
      ("apac.amazon.nova-lite-v1:0", .nova(major: 1)),
      ("us.amazon.nova-2-lite-v1:0", .nova(major: 2)),
      ("amazon.titan-text-express-v1", .other), ("meta.llama3-1-8b-instruct-v1:0", .llama),
      ("mistral.magistral-small-2509", .mistral), ("cohere.command-r-plus-v1:0", .cohere),
      ("us.deepseek.r1-v1:0", .deepSeek), ("openai.gpt-oss-120b-1:0", .gptOSS),
      ("qwen.qwen3-32b-v1:0", .qwen),
      (
        "arn:aws:bedrock:us-west-2:123456789012:inference-profile/us.anthropic.claude-haiku-4-5-"
          + "20251001-v1:0", .claude
      ), ("arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-micro-v1:0", .nova(major: 1)),
      ("arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a1b2c3", .unknown),
      ("upstream-model", .unknown),
    ]
    for (name, family) in known { #expect(BedrockModels.family(of: name) == family, "\(name)") }
    #expect(!BedrockModels.traits(of: "anthropic.claude-3-haiku-20240307-v1:0").thinks)
    #expect(BedrockModels.traits(of: "global.anthropic.claude-opus-4-6-v1").thinksAdaptively)
    // One table says what Claude can do, whoever serves it.
    for name in ["claude-opus-4-8-v1:0", "claude-sonnet-5-5-v1:0", "claude-v2:1"] {
      let traits = AnthropicModels.traits(of: name)
      #expect(BedrockModels.traits(of: "eu.anthropic." + name) == traits)
    }
    #expect(!BedrockModels.traits(of: "meta.llama3-1-8b-instruct-v1:0").takesForcedToolUse)
  }

  @Test func topKHasEachFamilysName() throws {
    func fields(_ model: String) throws -> String {
      try written(for: model) { $0.sampling.topK = JSONFragment(5) }.body
    }
    #expect(try fields(Self.claude4).contains(#""additionalModelRequestFields":{"top_k":5}"#))
    #expect(
      try fields("amazon.nova-pro-v1:0").contains(
        #""additionalModelRequestFields":{"inferenceConfig":{"topK":5}}"#))
    #expect(
      try fields("cohere.command-r-v1:0").contains(#""additionalModelRequestFields":{"k":5}"#))
    #expect(!(try fields("meta.llama3-1-8b-instruct-v1:0").contains("additional")))
  }

  @Test func effortIsSaidInEachFamilysWay() throws {
    func body(_ model: String, _ change: (inout ChatRequest) -> Void = { _ in }) throws -> String {
      try written(for: model) {
        $0.reasoning = Reasoning(effort: .high)
        change(&$0)
      }.body
    }
    #expect(
      try body(Self.claude4).contains(#""thinking":{"type":"enabled","budget_tokens":8192}"#))
    let adaptive = try body("global.anthropic.claude-opus-4-6-v1")
    #expect(adaptive.contains(#""thinking":{"type":"adaptive","display":"summarized"}"#))
    #expect(adaptive.contains(#""outputConfig":{"effort":"high"}"#))
    #expect(try body("openai.gpt-oss-20b-1:0").contains(#""reasoning_effort":"high""#))
    #expect(
      try body("us.amazon.nova-2-lite-v1:0").contains(
        #""reasoningConfig":{"type":"enabled","maxReasoningEffort":"high"}"#))
    #expect(
      try body("us.amazon.nova-2-lite-v1:0") { $0.maximumOutputTokens = JSONFragment(100) }
        .contains(#""maxReasoningEffort":"medium""#))
    let old = try written(for: "anthropic.claude-3-haiku-20240307-v1:0") {
      $0.reasoning = Reasoning(effort: .high)
    }
    #expect(!old.body.contains("thinking") && old.losses == ["-reasoning_effort"])
  }

  @Test(arguments: [
    ("claude-sonnet-4-5", "", ""),
    ("claude-opus-5-0", #""thinking":{"type":"disabled"}"#, ""),
    ("claude-sonnet-5-5", #""thinking":{"type":"between_tools"}"#, "~reasoning_effort"),
    ("claude-opus-5-5", #""outputConfig":{"effort":"low"}"#, "~reasoning_effort"),
  ])
  func claudeIsToldNotToThink(_ model: String, _ wanted: String, _ loss: String) throws {
    let none = try written(for: "anthropic." + model) {
      $0.reasoning = Reasoning(effort: Reasoning.Effort.none)
    }
    #expect(wanted.isEmpty ? !none.body.contains("thinking") : none.body.contains(wanted))
    #expect(none.losses == (loss.isEmpty ? [] : [loss]))
  }

  @Test func aToolIsForcedWhereTheModelDoesNotThink() throws {
    func forced(_ effort: Reasoning.Effort?) throws -> String {
      try written(for: "anthropic.claude-opus-5-0") {
        if let effort { $0.reasoning = Reasoning(effort: effort) }
        $0.tools = [Tool(name: "f")]
        $0.toolChoice = .required
      }.body
    }
    for effort in [nil, Reasoning.Effort.none, .high] {
      let body = try forced(effort)
      #expect(body.contains(#""toolChoice":{"any":{}}"#))
      #expect(body.contains(#""additionalModelRequestFields":{"thinking":{"type":"disabled"}}"#))
    }
  }

  @Test func thinkingYieldsToWhatExcludesIt() throws {
    let forced = try written {
      $0.reasoning = Reasoning(effort: .low)
      $0.tools = [Tool(name: "f")]
      $0.toolChoice = .required
    }
    #expect(!forced.body.contains("thinking") && forced.losses == ["-reasoning_effort"])
    let narrow = try written {
      $0.reasoning = Reasoning(budgetTokens: 4_096)
      $0.maximumOutputTokens = JSONFragment(1_000)
    }
    #expect(!narrow.body.contains("thinking") && narrow.losses == ["-thinking.budget_tokens"])
    let halved = try written {
      $0.reasoning = Reasoning(effort: .high)
      $0.maximumOutputTokens = JSONFragment(8_000)
      $0.sampling.temperature = JSONFragment(literal: "0.5")
    }
    #expect(halved.body.contains(#""budget_tokens":4000"#))
    #expect(halved.losses == ["~thinking.budget_tokens", "-temperature"])
    let unsigned = try written {
      $0.reasoning = Reasoning(effort: .low)
      $0.messages += [
        Message(
          .assistant,
          [
            Block(.reasoning(ReasoningBlock(text: "Hm"))),
            Block(.toolCall(ToolCall(id: "1", name: "f", arguments: ""))),
          ]), Message(.user, [Block(.toolResult(ToolResult(id: "1", blocks: [])))]),
      ]
    }
    #expect(!unsigned.body.contains("thinking"))
    #expect(unsigned.losses == ["-reasoning of earlier turns", "-reasoning_effort"])
  }

  /// Converse refuses tools whose schema is not one of an object at its root. One that speaks of
  /// its own root cannot be put into an object.
  @Test(arguments: [
    (#"{"type":"array","items":{"type":"object"}}"#, true),
    (#"{"type":"string","enum":["a","b"]}"#, true),
    (##"{"$defs":{"N":{"type":"object"}},"$ref":"#/$defs/N"}"##, true),
    (##"{"type":"array","items":{"$ref":"#"}}"##, false),
  ])
  func aSchemaOfNoObjectIsAToolsWithinOneOrSaidInWords(_ schema: String, _ isWrapped: Bool) throws {
    let fragment = try JSONFragment(checking: Array(schema.utf8)[...])
    let asked = try written(for: "amazon.nova-pro-v1:0") {
      $0.output = .jsonSchema(JSONSchemaFormat(name: nil, schema: fragment))
    }
    #expect(asked.body.contains(#""system":[{"text":"Answer with JSON"#) == !isWrapped)
    let start = #""json":{"type":"object","properties":{"gateway_answer":{"#
    #expect(asked.body.contains(start) == isWrapped)
    let loss = "~response_format.json_schema"
    #expect(asked.losses == (isWrapped ? [loss, loss] : [loss]))
  }

  @Test func aToolsSchemaIsOneOfAnObject() throws {
    let asked = try written(for: "amazon.nova-pro-v1:0") {
      $0.tools = [Tool(name: "f", parameters: JSONFragment(literal: #"{"properties":{}}"#))]
    }
    #expect(asked.body.contains(#""json":{"type":"object","properties":{}}"#))
  }

  @Test func aSchemaIsSaidNativelyByAToolOrInWords() throws {
    func ask(_ model: String, _ change: (inout ChatRequest) -> Void = { _ in }) throws -> String {
      try written(for: model) {
        $0.output = .jsonSchema(
          JSONSchemaFormat(name: "n", schema: JSONFragment(literal: #"{"type":"object"}"#)))
        change(&$0)
      }.body
    }
    let native = try ask("anthropic.claude-haiku-4-5-20251001-v1:0")
    #expect(native.contains(#""schema":"{\"type\":\"object\"}","name":"n""#))
    #expect(
      try ask(Self.claude4).contains(#""toolChoice":{"tool":{"name":"gateway_json_answer"}}"#))
    let beside = try ask(Self.claude4) { $0.tools = [Tool(name: "f")] }
    #expect(beside.contains(#""toolChoice":{"any":{}}"#))
    let words = try ask("meta.llama3-1-8b-instruct-v1:0")
    #expect(
      words.contains(#""system":[{"text":"Answer with JSON"#) && !words.contains("toolConfig"))
  }

  @Test func converseParametersPassAndTheClientsFieldsCount() throws {
    let found = try written {
      $0.sampling.topK = JSONFragment(5)
      $0.others = [
        OtherParameter(
          name: "additionalModelRequestFields",
          value: JSONFragment(literal: #"{"top_k":7,"x":[1]}"#)),
        OtherParameter(
          name: "guardrailConfig",
          value: JSONFragment(literal: #"{"guardrailIdentifier":"g","guardrailVersion":"1"}"#)),
        OtherParameter(name: "strange", value: JSONFragment(1)),
      ]
    }
    #expect(found.body.contains(#""additionalModelRequestFields":{"top_k":7,"x":[1]}"#))
    #expect(
      found.body.contains(
        #""guardrailConfig":{"guardrailIdentifier":"g","guardrailVersion":"1"}"#))
    #expect(found.losses == ["-strange"])
  }

  @Test func documentsHaveNamesThatFitAndDiffer() throws {
    func file(_ name: JSONText) -> Block {
      Block(.file(Media(.base64("YQ=="), mediaType: "text/plain", name: name)))
    }
    let body = try written {
      $0.messages[0].blocks += [
        file("a_b  c.v2.txt"), file("a.b.c.txt"), file("é"), file("a b c.v2.md"),
      ]
    }.body
    for name in ["a b c v2", "a b c", "document", "a b c v2 (2)"] {
      #expect(body.contains(#""name":"\#(name)""#), "\(name)")
    }
  }

  @Test func limitsOfTheModelAreKept() throws {
    let hot = try written { $0.sampling.temperature = JSONFragment(literal: "1.7") }
    #expect(hot.body.contains(#""temperature":1}"#) && hot.losses == ["~temperature"])
    let both = try written(for: "anthropic.claude-sonnet-4-5-20250929-v1:0") {
      $0.sampling.temperature = JSONFragment(literal: "0.5")
      $0.sampling.topP = JSONFragment(literal: "0.9")
    }
    #expect(!both.body.contains("topP") && both.losses == ["-top_p"])
    let llama = try written(for: "meta.llama3-1-8b-instruct-v1:0") {
      $0.tools = [Tool(name: "f", isStrict: true)]
      $0.toolChoice = .named("f")
      $0.messages[0].blocks[0].cacheControl = JSONFragment(literal: #"{"type":"ephemeral"}"#)
    }
    #expect(llama.body.contains(#""toolChoice":{"auto":{}}"#) && !llama.body.contains("strict"))
    #expect(llama.losses == ["~tool_choice.named", "-cache_control", "-tools.strict"])
    let mistral = try written(for: "mistral.mistral-large-2407-v1:0") {
      $0.tools = [Tool(name: "f"), Tool(name: "g")]
      $0.toolChoice = .named("g")
    }
    #expect(!mistral.body.contains(#""name":"f""#) && mistral.body.contains(#"{"any":{}}"#))
  }

  @Test(
    arguments: [
      ("ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/", 429, .rateLimit),
      ("ModelNotReadyException", 429, .overloaded), ("ModelTimeoutException", 408, .timeout),
      ("ServiceQuotaExceededException", 400, .quota), ("ValidationException", 400, .invalidRequest),
      ("AccessDeniedException", 403, .permission), ("ExpiredTokenException", 403, .authentication),
      ("com.amazon#InternalServerException", 500, .server), ("NewException", 403, .permission),
    ] as [(String, UInt16, ProviderError.Kind)])
  func theFieldNamesTheError(type: String, status: UInt16, kind: ProviderError.Kind) {
    let body = Array(#"{"message":"m"}"#.utf8)
    let headers = ErrorHeaders(amazonErrorType: type, retryAfterMilliseconds: 1_500)
    let error = body.withView {
      BedrockConverse.readError(status: status, headers: headers, body: $0)
    }
    #expect(error.kind == kind && error.message == "m")
    #expect(!error.nativeType.contains(":") && !error.nativeType.contains("#"))
    #expect(error.retryAfterMilliseconds == 1_500)
  }

  /// Blocks without a beginning, after the end, or that do not name themselves.
  @Test(arguments: [
    #"contentBlockDelta {"contentBlockIndex":0,"delta":{"toolUse":{"input":"{"}}}"#,
    #"contentBlockStart {"contentBlockIndex":0,"start":{"toolUse":{"name":"f"}}}"#,
    "messageStop {}", "metadata {\"usage\":{}}", "messageStart {",
    "messageStop {\"stopReason\":\"end_turn\"}\ncontentBlockDelta {\"delta\":{\"text\":\"x\"}}",
  ])
  func brokenStreamsAreErrors(lines: String) {
    let run = StreamRun(AmazonFrames.encode(lines), BedrockConverse.self, OpenAIChatClient.self)
    #expect(run.hasFailed && !run.isComplete)
  }
}
