// SPDX-License-Identifier: MIT

internal import JSON

/// How a request's reasoning is said to one of Bedrock's models, each family in its own way.
struct BedrockThinking {
  private(set) var fields: [BedrockField] = []
  /// `outputConfig.effort`
  private(set) var outputEffort: String?
  /// Claude thinks: temperature and the like are then fixed.
  private(set) var fixesSampling = false

  /// - Parameter isForced: a tool has to be called, which excludes thinking with Claude.
  init(
    _ request: ChatRequest, family: BedrockModels.Family, traits: ModelTraits, isForced: Bool,
    turns: [Message], _ losses: inout LossReport
  ) {
    // Such models think if nothing is said, which forbids to force a tool.
    let isOffForTool = isForced && traits.thinkingOff == .disabled
    if isOffForTool { setThinking("disabled") }
    guard let reasoning = request.reasoning else { return }
    // Claude may be told to think without a word of how much.
    let isToThink = family == .claude || (family == .unknown && traits.thinks)
    guard reasoning.effort != nil || reasoning.budgetTokens != nil || isToThink else { return }
    guard reasoning.effort != Reasoning.Effort.none else {
      if !isOffForTool { switchOff(traits, &losses) }
      return
    }
    guard traits.thinks else {
      Self.drop(reasoning, "the model does not think", &losses)
      return
    }
    switch family {
    case .gptOSS: setOpenAI(reasoning)
    case .nova: setNova(reasoning, request, &losses)
    case .claude, .unknown:
      let takesBudget = reasoning.budgetTokens != nil && traits.takesThinkingBudget
      if isForced {
        Self.drop(reasoning, "not together with a tool that has to be called", &losses)
      } else if traits.thinksAdaptively, !takesBudget {
        setAdaptive(reasoning, traits, &losses)
      } else {
        setBudget(reasoning, request, turns, &losses)
      }
    default: Self.drop(reasoning, "the model has no switch for it", &losses)
    }
  }

  private static func drop(
    _ reasoning: Reasoning, _ note: String, _ losses: inout LossReport
  ) {
    let isBudget = reasoning.budgetTokens != nil
    losses.dropped(
      (isBudget ? Parameter.reasoningBudget : Parameter.reasoningEffort).rawValue, note)
  }

  /// The effort asked for, or the one that comes closest to the budget.
  private static func effort(_ reasoning: Reasoning) -> Reasoning.Effort {
    reasoning.effort ?? Reasoning.Effort(budgetTokens: reasoning.budgetTokens ?? 0)
  }

  // MARK: Claude

  private mutating func setThinking(_ type: StaticString) {
    fields.append(
      BedrockField(name: "thinking", value: .object { $0.member("type", literal: type) }))
  }

  private mutating func switchOff(_ traits: ModelTraits, _ losses: inout LossReport) {
    let parameter = Parameter.reasoningEffort.rawValue
    switch traits.thinkingOff {
    case .leftOut: break
    case .disabled: setThinking("disabled")
    case .betweenTools:
      setThinking("between_tools")
      losses.approximated(parameter, "the model thinks between calls of tools")
    case .never:
      outputEffort = Reasoning.Effort.low.rawValue
      losses.approximated(parameter, "the model always thinks; low is the least")
    }
  }

  private mutating func setAdaptive(
    _ reasoning: Reasoning, _ traits: ModelTraits, _ losses: inout LossReport
  ) {
    let display: StaticString = reasoning.includesThoughts == false ? "omitted" : "summarized"
    fields.append(
      BedrockField(
        name: "thinking",
        value: .object {
          $0.member("type", literal: "adaptive")
          $0.member("display", literal: display)
        }))
    fixesSampling = true
    if reasoning.effort == nil {
      guard reasoning.budgetTokens != nil else { return }
      losses.approximated(Parameter.reasoningBudget.rawValue, "as an effort: the model thinks so")
    }
    let effort = Self.effort(reasoning)
    switch effort {
    case .none: break
    case .minimal:
      losses.approximated(Parameter.reasoningEffort.rawValue, "low is the least")
      outputEffort = "low"
    case .xhigh:
      if !traits.takesExtraHighEffort {
        losses.approximated(Parameter.reasoningEffort.rawValue, "high comes next below xhigh")
        outputEffort = "high"
      } else {
        outputEffort = "xhigh"
      }
    case .low, .medium, .high, .max: outputEffort = effort.rawValue
    }
  }

  /// Least tokens of thought.
  private static let budgetTokensMinimum: Int64 = 1_024
  /// Where nothing is said.
  private static let budgetTokensUsual: Int64 = 4_096

  private mutating func setBudget(
    _ reasoning: Reasoning, _ request: ChatRequest, _ turns: [Message],
    _ losses: inout LossReport
  ) {
    var budget =
      reasoning.budgetTokens ?? reasoning.effort?.budgetTokens ?? Self.budgetTokensUsual
    budget = max(budget, Self.budgetTokensMinimum)
    if let maximum = request.maximumOutputTokens?.integer, budget >= maximum {
      guard maximum > Self.budgetTokensMinimum else {
        let note = "max_tokens leaves no room for \(Self.budgetTokensMinimum) tokens of thought"
        return Self.drop(reasoning, note, &losses)
      }
      budget = max(Self.budgetTokensMinimum, maximum / 2)
      losses.approximated(Parameter.reasoningBudget.rawValue, "half of max_tokens")
    }
    guard !Self.lacksThoughts(turns) else {
      return Self.drop(
        reasoning, "the turn that the model is to go on with came without its thoughts", &losses)
    }
    fixesSampling = true
    fields.append(
      BedrockField(
        name: "thinking",
        value: .object {
          $0.member("type", literal: "enabled")
          $0.member("budget_tokens", integer: budget)
        }))
  }

  /// Claude, while it thinks by a budget, goes on from a tool's result only with the thoughts
  /// before the call, and never from a beginning of its answer.
  private static func lacksThoughts(_ turns: [Message]) -> Bool {
    guard let last = turns.last else { return false }
    if last.role == .assistant { return true }
    guard last.role == .user, last.blocks.first?.isToolResult == true,
      let calls = turns.dropLast().last
    else { return false }
    guard case .reasoning = calls.blocks.first?.content else { return true }
    return false
  }

  // MARK: Others

  private mutating func setOpenAI(_ reasoning: Reasoning) {
    let effort = Self.effort(reasoning)
    let name =
      switch effort {
      case .none, .minimal, .low: "low"
      case .medium: "medium"
      case .high, .xhigh, .max: "high"
      }
    fields.append(BedrockField(name: "reasoning_effort", value: .string(name)))
  }

  /// Nova takes neither a temperature nor a maximum beside the highest effort.
  private mutating func setNova(
    _ reasoning: Reasoning, _ request: ChatRequest, _ losses: inout LossReport
  ) {
    let isFree =
      request.sampling.temperature == nil && request.sampling.topP == nil
      && request.maximumOutputTokens == nil
    var name: StaticString
    switch Self.effort(reasoning) {
    case .none, .minimal, .low: name = "low"
    case .medium: name = "medium"
    case .high, .xhigh, .max:
      name = isFree ? "high" : "medium"
      if !isFree {
        losses.approximated(
          Parameter.reasoningEffort.rawValue, "medium: high excludes sampling and a maximum")
      }
    }
    fields.append(
      BedrockField(
        name: "reasoningConfig",
        value: .object {
          $0.member("type", literal: "enabled")
          $0.member("maxReasoningEffort", literal: name)
        }))
  }
}

extension Block {
  var isToolResult: Bool {
    if case .toolResult = content { true } else { false }
  }
}
