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
    let name = baseName(model)
    let isReasoning =
      isNumbered(name) || ((generation(of: name) ?? 0) >= 5 && !name.contains("chat"))
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
    let base = baseName(model)
    if base.hasPrefix("chatgpt-") { return true }
    guard let generation = generation(of: base) else { return false }
    return generation < 5 || base.contains("chat")
  }

  /// `o4-mini-2025-04-16` of the fine-tuned `ft:o4-mini-2025-04-16:acme::a1b2`; other names as
  /// they are.
  static func baseName(_ model: String) -> String {
    guard model.hasPrefix("ft:") else { return model }
    return String(model.dropFirst(3).prefix { $0 != ":" })
  }

  /// The o-series.
  static func isNumbered(_ name: String) -> Bool {
    name.first == "o" && name.dropFirst().first.map { $0.isNumber } ?? false
  }

  /// 5 of `gpt-5.1-mini`; nil for other names.
  private static func generation(of name: String) -> Int? {
    guard name.hasPrefix("gpt-") else { return nil }
    let number = Int(name.dropFirst(4).prefix { $0.isASCII && $0.isNumber })
    // Azure's names have no dots: `gpt-35-turbo`.
    return number == 35 ? 3 : number
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
    guard request.reasoning?.effort == Reasoning.Effort.none else { return false }
    if let known = ReasoningEfforts.ofOpenAI(model) { return known.contains(.none) }
    return (generation(of: baseName(model)) ?? 0) >= 5
  }

  /// Takes out what OpenAI's reasoning models answer with a 400.
  static func restrict(
    _ request: inout ChatRequest, target: UpstreamModel, losses: inout LossReport
  ) throws(TranslationError) {
    func drop(
      _ parameter: Parameter, _ isUsed: Bool,
      _ note: String = "reasoning models of OpenAI do not take it"
    ) throws(TranslationError) {
      guard isUsed else { return }
      try RequestCheck.drop(parameter, note, for: target, &losses)
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
    let name = baseName(target.name)
    try drop(.stop, !request.stopSequences.isEmpty && !takesStop(name))
    guard isNumbered(name), request.allowsParallelToolCalls != nil else { return }
    // Whatever its value. Behind the older `functions` the client has not said it.
    if request.answerForm == .functionCall { return request.remove(.parallelToolCalls) }
    try drop(.parallelToolCalls, true, "the o-series does not take it")
  }

  /// An effort is all that there is to say to these APIs. Where it is known that a model does not
  /// think it is left out, and a number of tokens wherever it is not known that one does. One that
  /// it is known not to have is said as the nearest that it has.
  ///
  /// - Parameters:
  ///   - isNamed: models bear OpenAI's names, if they are no deployments'.
  ///   - efforts: those that the model has, least first; nil where they are not known.
  static func settleReasoning(
    of request: inout ChatRequest, isNamed: Bool, efforts: [Reasoning.Effort]?,
    target: UpstreamModel, losses: inout LossReport
  ) throws(TranslationError) {
    let asked = request.reasoning?.effort
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
    if let efforts, let effort = request.reasoning?.effort, !efforts.contains(effort) {
      let nearest = effort.nearest(among: efforts)
      request.reasoning?.effort = nearest
      if asked != nil {
        losses.approximated(
          Parameter.reasoningEffort.rawValue, "\(nearest.rawValue): the model has no \(effort)")
      }
    }
    guard isNamed, neverThinks(target.name), let reasoning = request.reasoning else { return }
    // To ask for no thoughts of a model that has none loses nothing.
    if let effort = reasoning.effort, effort != .none {
      try RequestCheck.drop(.reasoningEffort, note, for: target, &losses)
    }
    request.reasoning = nil
  }
}
