// SPDX-License-Identifier: MIT

/// What xAI's models by their names answer with a 400 ("Reasoning", xAI API documentation).
enum XAIModels {
  static func restrict(
    _ request: inout ChatRequest, target: UpstreamModel, losses: inout LossReport
  ) throws(TranslationError) {
    func drop(
      _ parameter: Parameter, _ isUsed: Bool, _ note: String
    ) throws(TranslationError) {
      guard isUsed else { return }
      try RequestCheck.drop(parameter, note, for: target, &losses)
      request.remove(parameter)
    }
    if thinks(target.name) {
      let note = "reasoning models of xAI do not take it"
      try drop(.stop, !request.stopSequences.isEmpty, note)
      try drop(.frequencyPenalty, request.sampling.frequencyPenalty != nil, note)
      try drop(.presencePenalty, request.sampling.presencePenalty != nil, note)
    }
    if hasNoEffort(target.name) {
      try drop(.reasoningEffort, request.reasoning?.effort != nil, "the model has one effort")
    }
  }

  static func thinks(_ model: String) -> Bool {
    !model.contains("non-reasoning")
      && ["grok-3-mini", "grok-4", "grok-5", "grok-code", "grok-build"]
        .contains { model.hasPrefix($0) }
  }

  /// The effort came with Grok 3 mini and came back with 4.3; `grok-4.20` is older than that.
  static func hasNoEffort(_ model: String) -> Bool {
    if ["grok-2", "grok-code", "grok-build", "grok-4.1", "grok-4.20"]
      .contains(where: { model.hasPrefix($0) })
    {
      return true
    }
    if model.hasPrefix("grok-3") { return !model.hasPrefix("grok-3-mini") }
    return model == "grok-4" || model.hasPrefix("grok-4-")
  }
}
