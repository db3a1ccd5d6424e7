// SPDX-License-Identifier: MIT

import ModelCatalog
import Testing
import UpstreamService

@Suite("Lists of models, page by page")
struct ModelListingTests {
  static let host = BaseURL(isTLS: true, host: "api.example", port: 443, pathPrefix: "/v1")

  func answer(_ text: String, _ status: Int = 200) -> UpstreamAnswer {
    UpstreamAnswer(status: status, body: Array(text.utf8))
  }

  @Test("OpenAI's, with what servers like it add")
  func openAI() throws {
    var listing = ModelListing(.vLLM, at: Self.host)
    #expect(listing.next?.target == "/v1/models")
    try listing.take(
      answer(
        #"{"object":"list","data":[{"id":"a","max_model_len":4096},"#
          + #"{"id":"b","context_window":8192,"max_completion_tokens":1024},{"id":"a"},{"x":1},"#
          + #"{"id":"c","capabilities":{"completion_chat":true,"function_calling":true}}]}"#))
    #expect(listing.next == nil)
    #expect(listing.models.map(\.name) == ["a", "b", "c"])
    #expect(listing.models[0].contextTokens == 4096)
    #expect(listing.models[1] == ListedModel("b", contextTokens: 8192, outputTokens: 1024))
    #expect(listing.models[2].capabilities == [.chat, .tools])
  }

  @Test("Azure's, where its paths have a version")
  func azure() {
    let root = BaseURL(isTLS: true, host: "a.example", port: 443, pathPrefix: "")
    #expect(
      ModelListing(.azure, at: root, apiVersion: "2024-10-21").next?.target
        == "/openai/models?api-version=2024-10-21")
  }

  @Test("Anthropic's: pages by the last id; what is retired is left out")
  func anthropic() throws {
    var listing = ModelListing(.anthropic, at: Self.host)
    #expect(listing.next?.target == "/v1/models?limit=1000")
    #expect(listing.next?.headers.first?.name == "anthropic-version")
    try listing.take(
      answer(
        #"{"data":[{"id":"old","lifecycle":"retired"},{"id":"new","max_input_tokens":9,"#
          + #""max_tokens":5,"capabilities":{"image_input":{"supported":true},"#
          + #""thinking":{"supported":false}}}],"has_more":true,"last_id":"ne&w"}"#))
    #expect(listing.next?.target == "/v1/models?limit=1000&after_id=ne%26w")
    try listing.take(answer(#"{"data":[{"id":"last"}],"has_more":false,"last_id":"last"}"#))
    #expect(listing.next == nil)
    #expect(listing.models.map(\.name) == ["new", "last"])
    #expect(listing.models[0].contextTokens == 9 && listing.models[0].outputTokens == 5)
    #expect(listing.models[0].capabilities == [.chat, .tools, .parallelTools, .vision])
  }

  @Test("Google's, at both places")
  func google() throws {
    var gemini = ModelListing(
      .gemini, at: BaseURL(isTLS: true, host: "g", port: 443, pathPrefix: "/v1beta"))
    try gemini.take(
      answer(
        #"{"models":[{"name":"models/x","inputTokenLimit":7,"outputTokenLimit":3,"#
          + #""supportedGenerationMethods":["generateContent"]}],"nextPageToken":"t"}"#))
    #expect(gemini.next?.target == "/v1beta/models?pageSize=1000&pageToken=t")
    try gemini.take(answer("{}"))
    #expect(gemini.next == nil)
    #expect(gemini.models.first?.name == "x")
    #expect(gemini.models.first?.capabilities == [.chat])
    var vertex = ModelListing(
      .vertex,
      at: BaseURL(
        isTLS: true, host: "g", port: 443, pathPrefix: "/v1/projects/p1/locations/global"))
    #expect(vertex.next?.target == "/v1beta1/publishers/google/models?pageSize=100")
    #expect(vertex.next?.headers.first?.value == "p1")
    try vertex.take(answer(#"{"publisherModels":[{"name":"publishers/google/models/y"}]}"#))
    #expect(vertex.models.map(\.name) == ["y"])
  }

  @Test("Bedrock's: the control plane's host, and profiles beside models")
  func bedrock() throws {
    var listing = ModelListing(
      .bedrock,
      at: BaseURL(
        isTLS: true, host: "bedrock-runtime.eu-west-1.amazonaws.com", port: 443, pathPrefix: ""))
    #expect(listing.next?.host == "bedrock.eu-west-1.amazonaws.com")
    try listing.take(
      answer(
        #"{"modelSummaries":[{"modelId":"m","inputModalities":["TEXT","IMAGE"],"#
          + #""outputModalities":["TEXT"]}]}"#))
    #expect(listing.next?.target == "/inference-profiles?maxResults=1000")
    try listing.take(
      answer(
        #"{"inferenceProfileSummaries":[{"inferenceProfileId":"us.m","models":"#
          + #"[{"modelArn":"arn:aws:bedrock:us-east-1::foundation-model/m"}]}]}"#))
    #expect(listing.next == nil)
    #expect(listing.models.map(\.name) == ["m", "us.m"])
    #expect(listing.models[1].capabilities == [.chat, .vision])
    var refused = ModelListing(.bedrock, at: Self.host)
    try refused.take(answer(#"{"modelSummaries":[]}"#))
    try refused.take(answer("no", 403))
    #expect(refused.next == nil, "profiles may be forbidden")
  }

  @Test(
    "what is no list is an error that says so",
    arguments: [
      ("{", 200), ("3", 200), (#"{"data":3}"#, 200), ("{}", 200), (#"{"error":{}}"#, 401),
    ])
  func broken(_ text: String, _ status: Int) {
    var listing = ModelListing(.openAI, at: Self.host)
    #expect(throws: ListingProblem.self) { try listing.take(answer(text, status)) }
    #expect(listing.next == nil)
  }

  @Test("a server whose pages do not end is not asked for ever")
  func endless() throws {
    var listing = ModelListing(.anthropic, at: Self.host)
    var count = 0
    #expect(throws: ListingProblem.self) {
      while listing.next != nil {
        count += 1
        try listing.take(answer(#"{"data":[{"id":"m"}],"has_more":true,"last_id":"m"}"#))
      }
    }
    #expect(count == ModelListing.pagesMaximum)
  }

  @Test("compared with the configuration: known, new, missing; and lines for models.yaml")
  func comparison() {
    let configured = ["a", "b", "llama3"].map {
      ConfiguredModel(
        name: "our-" + $0, upstreamModel: $0, provider: "p", contextTokens: 1,
        capabilities: [.chat])
    }
    let models = ModelDiscovery.compare(
      [
        ListedModel("a"), ListedModel("llama3:latest"),
        ListedModel("n:7b", contextTokens: 9, capabilities: [.chat, .tools]), ListedModel("t"),
      ], configured)
    #expect(models.map(\.standing) == [.known, .known, .new, .new, .missing])
    #expect(models[1].configured.map(\.name) == ["our-llama3"])
    #expect(models[4].listed.name == "b")
    #expect(
      ModelDiscovery.yaml(models, provider: "p", taken: ["t"]) == """
          - {name: "n:7b", provider: p, context_window: 9, capabilities: [chat, tools]}
          - {name: p/t, provider: p, upstream: t, capabilities: [chat]}

        """)
  }
}
