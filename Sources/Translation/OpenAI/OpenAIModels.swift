// SPDX-License-Identifier: MIT

internal import JSON

/// What OpenAI's models by their names can do.
enum OpenAIModels {
  /// Parameters that chat completions and the Responses API have alike.
  static let sharedWithResponses: [StaticString] = [
    "metadata", "store", "verbosity", "prompt_cache_key", "prompt_cache_retention",
    "safety_identifier",
  ]

  static func traits(of model: String) -> ModelTraits {
    var traits = ModelTraits()
    // `o1`, `o3-mini`, `o4-mini`; `gpt-5`, `gpt-6-sol` and later, but not `gpt-5-chat-latest`.
    let isNumbered =
      model.first == "o" && model.dropFirst().first.map { $0.isNumber } ?? false
    let isReasoning = isNumbered || ((generation(of: model) ?? 0) >= 5 && !model.contains("chat"))
    traits.isOpenAIReasoning = isReasoning
    traits.thinks = isReasoning
    traits.takesSampling = !isReasoning
    traits.takesPrefill = false
    traits.takesLaterSystemMessages = true
    return traits
  }

  /// Whether a name is of a model that is known not to think. Others may be a deployment's, which
  /// say nothing.
  static func neverThinks(_ model: String) -> Bool {
    let base = model.hasPrefix("ft:") ? String(model.dropFirst(3)) : model
    if base.hasPrefix("chatgpt-") { return true }
    guard let generation = generation(of: base) else { return false }
    return generation < 5 || base.contains("chat")
  }

  /// 5 of `gpt-5.1-mini`; nil for other names.
  private static func generation(of model: String) -> Int? {
    guard model.hasPrefix("gpt-") else { return nil }
    return Int(model.dropFirst(4).prefix { $0.isASCII && $0.isNumber })
  }

  /// The first of the fifth generation, which cannot be told not to think.
  private static func isFirstFifth(_ model: String) -> Bool {
    model == "gpt-5" || model.hasPrefix("gpt-5-")
  }

  /// Not o3, o4-mini and GPT-5 ("stop", OpenAI API reference).
  private static func takesStop(_ model: String) -> Bool {
    if model.hasPrefix("o4") || isFirstFifth(model) { return false }
    return !model.hasPrefix("o3") || model.hasPrefix("o3-mini")
  }

  /// From 5.1 on a model that is told not to think takes what others take ("Using GPT-5.2",
  /// "Parameter compatibility").
  private static func takesSampling(_ request: ChatRequest, _ model: String) -> Bool {
    request.reasoning?.effort == Reasoning.Effort.none && (generation(of: model) ?? 0) >= 5
      && !isFirstFifth(model)
  }

  /// Takes out what OpenAI's reasoning models answer with a 400.
  static func restrict(
    _ request: inout ChatRequest, target: UpstreamModel, losses: inout LossReport
  ) throws(TranslationError) {
    func drop(_ parameter: Parameter, _ isUsed: Bool) throws(TranslationError) {
      guard isUsed else { return }
      try RequestCheck.drop(
        parameter, "reasoning models of OpenAI do not take it", for: target, &losses)
      request.remove(parameter)
    }
    // Their only temperature is 1, which may be said.
    if !takesSampling(request, target.name) {
      try drop(.temperature, request.sampling.temperature.map { $0.double != 1 } ?? false)
      try drop(.topP, request.sampling.topP.map { $0.double != 1 } ?? false)
      try drop(.logProbabilities, request.wantsLogProbabilities == true)
      try drop(.topLogProbabilities, request.topLogProbabilities != nil)
    }
    try drop(.frequencyPenalty, request.sampling.frequencyPenalty != nil)
    try drop(.presencePenalty, request.sampling.presencePenalty != nil)
    try drop(.logitBias, request.sampling.logitBias != nil)
    try drop(.stop, !request.stopSequences.isEmpty && !takesStop(target.name))
  }

  /// An effort is all that there is to say to these APIs. Where it is known that a model does not
  /// think it is left out, and a number of tokens wherever it is not known that one does.
  ///
  /// - Parameter isNamed: models bear OpenAI's names, if they are no deployments'.
  static func settleReasoning(
    of request: inout ChatRequest, isNamed: Bool, target: UpstreamModel,
    losses: inout LossReport
  ) throws(TranslationError) {
    let note = "the model does not think"
    if let budget = request.reasoning?.budgetTokens {
      if request.reasoning?.effort != nil {
        losses.approximated(Parameter.reasoningBudget.rawValue, "reasoning_effort says as much")
      } else if budget < 0 {
        // Gemini's way to leave it to the model, as nothing does here.
      } else if target.traits.thinks {
        let effort: Reasoning.Effort = budget <= 1_024 ? .low : budget <= 8_192 ? .medium : .high
        request.reasoning?.effort = effort
        losses.approximated(Parameter.reasoningBudget.rawValue, "as the nearest reasoning_effort")
      } else {
        try RequestCheck.drop(.reasoningBudget, note, for: target, &losses)
      }
      request.remove(.reasoningBudget)
    }
    guard isNamed, neverThinks(target.name), let reasoning = request.reasoning else { return }
    // To ask for no thoughts of a model that has none loses nothing.
    if let effort = reasoning.effort, effort != .none {
      try RequestCheck.drop(.reasoningEffort, note, for: target, &losses)
    }
    request.reasoning = nil
  }
}
