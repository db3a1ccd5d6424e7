// SPDX-License-Identifier: MIT

import Testing

@testable import Translation

/// What Anthropic's documentation says of each model.
struct AnthropicModelsTests {
  private func traits(_ model: String) -> ModelTraits { AnthropicModels.traits(of: model) }

  @Test(arguments: [
    ("claude-3-haiku-20240307", 3, 0), ("claude-3-5-sonnet-latest", 3, 5),
    ("claude-3-7-sonnet-20250219", 3, 7), ("claude-sonnet-4-20250514", 4, 0),
    ("claude-opus-4-1@20250805", 4, 1), ("us.anthropic.claude-opus-4-1-20250805-v1:0", 4, 1),
    ("anthropic/claude-sonnet-4.5", 4, 5), ("claude-haiku-4-5-20251001", 4, 5),
    ("claude-opus-4-8", 4, 8), ("claude-opus-5", 5, 0), ("claude-fable-5-2", 5, 2),
    ("claude-sonnet-5-5", 5, 5), ("anthropic.claude-v2:1", 2, 1), ("claude-2.1", 2, 1),
    ("claude-instant-v1", 1, 0), ("claude-sonnet-latest", 5, 5), ("claude-mythos-preview", 5, 0),
  ])
  func versionsAreReadFromNames(_ name: String, _ major: Int, _ minor: Int) {
    #expect(AnthropicModels.Claude(name)?.version == AnthropicModels.Version(major, minor))
  }

  @Test func otherMakersModelsAreNotClaude() {
    #expect(AnthropicModels.Claude("deepseek-chat") == nil)
    #expect(traits("deepseek-chat").thinks)
    #expect(traits("deepseek-chat").takesSampling)
  }

  @Test func thinkingCameInSteps() {
    #expect(!traits("claude-3-5-sonnet-20241022").thinks)
    let budget = traits("claude-opus-4-5")
    #expect(budget.thinks && !budget.thinksAdaptively && budget.takesThinkingBudget)
    let both = traits("claude-sonnet-4-6")
    #expect(both.thinksAdaptively && both.takesThinkingBudget && !both.takesExtraHighEffort)
    let adaptive = traits("claude-opus-4-7")
    #expect(adaptive.thinksAdaptively && !adaptive.takesThinkingBudget)
    #expect(adaptive.takesExtraHighEffort && adaptive.thinkingOff == .leftOut)
    #expect(traits("claude-opus-5").thinkingOff == .disabled)
    #expect(traits("claude-opus-5-5").thinkingOff == .never)
    #expect(traits("claude-sonnet-5-5").thinkingOff == .betweenTools)
    #expect(traits("claude-fable-5").thinkingOff == .never)
  }

  @Test func otherThingsCameAndWent() {
    #expect(traits("claude-opus-4-5").takesPrefill && !traits("claude-opus-4-6").takesPrefill)
    #expect(traits("claude-opus-4-6").takesSampling && !traits("claude-opus-4-7").takesSampling)
    #expect(traits("claude-opus-4-0").takesTemperatureWithTopP)
    #expect(!traits("claude-sonnet-4-5").takesTemperatureWithTopP)
    #expect(traits("claude-sonnet-4-5").takesJSONSchema)
    #expect(!traits("claude-sonnet-4").takesJSONSchema)
    #expect(traits("claude-opus-5").takesForcedToolUse)
    #expect(!traits("claude-opus-5-5").takesForcedToolUse)
    #expect(traits("claude-fable-5").takesForcedToolUse)
    #expect(!traits("claude-fable-5-1").takesForcedToolUse)
    #expect(traits("claude-opus-4-8").takesLaterSystemMessages)
    #expect(!traits("claude-opus-4-7").takesLaterSystemMessages)
    #expect(!traits("claude-sonnet-5").takesLaterSystemMessages)
  }
}
