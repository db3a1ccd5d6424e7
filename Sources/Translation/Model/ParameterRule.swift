// SPDX-License-Identifier: MIT

/// Something a client may ask for that not every provider has. The tables of the providers and of
/// docs/reference/translation.md speak of these.
public enum Parameter: String, CaseIterable, Sendable {
  case maximumOutputTokens = "max_completion_tokens"
  case temperature
  case topP = "top_p"
  case topK = "top_k"
  case seed
  case frequencyPenalty = "frequency_penalty"
  case presencePenalty = "presence_penalty"
  case logitBias = "logit_bias"
  case logProbabilities = "logprobs"
  case topLogProbabilities = "top_logprobs"
  case choiceCount = "n"
  case stop
  case user
  case serviceTier = "service_tier"
  case jsonObject = "response_format.json_object"
  case jsonSchema = "response_format.json_schema"
  case tools
  case strictTools = "tools.strict"
  case toolChoiceAuto = "tool_choice.auto"
  case toolChoiceNone = "tool_choice.none"
  case toolChoiceRequired = "tool_choice.required"
  case toolChoiceNamed = "tool_choice.named"
  case toolChoiceAllowed = "tool_choice.allowed_tools"
  case parallelToolCalls = "parallel_tool_calls"
  case reasoningEffort = "reasoning_effort"
  case reasoningBudget = "thinking.budget_tokens"
  case imageData = "image data"
  case imageURL = "image URL"
  case imageFile = "image file id"
  case imageDetail = "image detail"
  case audio
  case fileData = "file data"
  case fileURL = "file URL"
  case fileID = "file id"
  case messageName = "messages.name"
  case laterSystemMessages = "system message after the first turn"
  case reasoningReplay = "reasoning of earlier turns"
  case toolResultError = "tool result is_error"
  case toolResultImages = "images in tool results"
  case cacheControl = "cache_control"
}

/// What one provider does with a parameter.
public struct ParameterRule: Sendable {
  public enum Disposition: Sendable, Equatable {
    /// Written to the request, under this name there.
    case translated
    /// Said in another way that comes close.
    case approximated
    /// Has no counterpart: dropped and named, or refused when the client or the configuration says
    /// so.
    case dropped
    /// Leaving it out would change what the request means: always refused.
    case refused
  }

  public var parameter: Parameter
  public var disposition: Disposition
  /// Where it goes, or why it does not; a few words for the reference.
  public var note: StaticString

  public static func translated(_ parameter: Parameter, _ note: StaticString) -> ParameterRule {
    ParameterRule(parameter: parameter, disposition: .translated, note: note)
  }

  public static func approximated(_ parameter: Parameter, _ note: StaticString) -> ParameterRule {
    ParameterRule(parameter: parameter, disposition: .approximated, note: note)
  }

  public static func dropped(_ parameter: Parameter, _ note: StaticString) -> ParameterRule {
    ParameterRule(parameter: parameter, disposition: .dropped, note: note)
  }

  public static func refused(_ parameter: Parameter, _ note: StaticString) -> ParameterRule {
    ParameterRule(parameter: parameter, disposition: .refused, note: note)
  }
}

/// One provider's rules. Every parameter has one: a test holds that.
public struct ParameterTable: Sendable {
  private var rules: [Parameter: ParameterRule] = [:]

  public init(_ rules: [ParameterRule]) {
    for rule in rules { self.rules[rule.parameter] = rule }
  }

  public subscript(_ parameter: Parameter) -> ParameterRule? { rules[parameter] }

  public var parametersWithoutRule: [Parameter] {
    Parameter.allCases.filter { rules[$0] == nil }
  }
}
