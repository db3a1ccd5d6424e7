// SPDX-License-Identifier: MIT

import Testing

@testable import Translation

/// What requests become for models of Anthropic's that differ in what they take.
struct AnthropicGoldenTests {
  @Test(arguments: ["claude-3-7-sonnet-20250219", "claude-opus-5-5"])
  func requestsFitTheModel(_ model: String) throws {
    let target = GoldenTests.target(AnthropicMessages.self, model: model)
    try check(target, "requests/models/openai-to-anthropic-\(model).txt")
  }

  @Test func requestsFitGooglesCloud() throws {
    let target = GoldenTests.target(
      AnthropicMessages.self, model: "claude-sonnet-4-5@20250929", dialect: .vertex)
    try check(target, "requests/models/openai-to-anthropic-vertex.txt")
  }

  private func check(_ target: UpstreamModel, _ path: String) throws {
    let sections = Goldens.requests(of: "openai").map { request in
      (
        request.name,
        GoldenTests.written(
          request.bytes, OpenAIChatClient.self, AnthropicMessages.self, to: target)
      )
    }
    try Goldens.check(sections, path)
  }
}
