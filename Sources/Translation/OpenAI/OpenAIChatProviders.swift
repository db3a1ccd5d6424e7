// SPDX-License-Identifier: MIT

/// OpenAI itself.
public enum OpenAIChat: OpenAIChatWire {
  public static let name: StaticString = "openai"
  public static let parameters = OpenAIRules.table(ownRules)
  static let ownRules: [ParameterRule] = [
    .translated(.parallelToolCalls, "parallel_tool_calls; dropped for the o-series"),
    .translated(.reasoningEffort, "reasoning_effort, the nearest that the model has"),
  ]
  public static var quirks: OpenAIQuirks {
    var quirks = OpenAIQuirks()
    quirks.namesCompletionTokens = true
    quirks.hasReasoningModels = true
    return quirks
  }
}

/// Azure OpenAI. Where requests go is the endpoint's matter: by deployment, or `/openai/v1`.
public enum AzureOpenAIChat: OpenAIChatWire {
  public static let name: StaticString = "azure"
  public static let parameters = OpenAIRules.table(
    OpenAIChat.ownRules + [.dropped(.serviceTier, "Azure sells its tiers by deployment")])
  public static var quirks: OpenAIQuirks { OpenAIChat.quirks }
}

/// DeepSeek. (DeepSeek API documentation, "Create Chat Completion", "Thinking Mode".)
public enum DeepSeekChat: OpenAIChatWire {
  public static let name: StaticString = "deepseek"
  public static let parameters = OpenAIRules.table([
    .dropped(.seed, "no such parameter"),
    .dropped(.logitBias, "no such parameter"),
    .dropped(.choiceCount, "one answer only"),
    .dropped(.user, "no such parameter"),
    .dropped(.serviceTier, "no such parameter"),
    .dropped(.parallelToolCalls, "no such parameter"),
    .refused(.imageData, "its models read text only"),
    .refused(.imageURL, "its models read text only"),
    .refused(.imageFile, "its models read text only"),
    .refused(.audio, "its models read text only"),
    .refused(.fileData, "its models read text only"),
    .refused(.fileID, "its models read text only"),
    .dropped(.toolResultImages, "its models read text only"),
    .approximated(.jsonSchema, "as json_object, the schema put in words"),
    .translated(.reasoningReplay, "messages[].reasoning_content"),
    .translated(.reasoningEffort, "thinking.type, and reasoning_effort unless it is none"),
    .translated(.reasoningBudget, "the nearest reasoning_effort"),
  ])
  public static var quirks: OpenAIQuirks {
    var quirks = OpenAIQuirks()
    quirks.replaysReasoning = true
    quirks.switchesThinking = true
    quirks.wantsPlainContent = true
    quirks.describesSchema = true
    quirks.keepsAnswers = true
    quirks.takesPrefix = true
    return quirks
  }
}

/// xAI. (xAI API reference, "Chat completions".)
public enum XAIChat: OpenAIChatWire {
  public static let name: StaticString = "xai"
  public static let parameters = OpenAIRules.table([
    .dropped(.messageName, "messages with a name are refused"),
    .dropped(.strictTools, "always strict"),
    .dropped(.logitBias, "no such parameter"),
    .dropped(.serviceTier, "no such parameter"),
    .refused(.imageFile, "images by data or URL only"),
    .refused(.audio, "no such input"),
    .refused(.fileData, "no such input"),
    .translated(.stop, "stop; dropped where the model thinks"),
    .translated(.frequencyPenalty, "frequency_penalty; dropped where the model thinks"),
    .translated(.presencePenalty, "presence_penalty; dropped where the model thinks"),
    .translated(
      .reasoningEffort,
      "reasoning_effort, the nearest that the model has; dropped where it has one only"),
  ])
  public static var quirks: OpenAIQuirks {
    var quirks = OpenAIQuirks()
    quirks.hasGrokModels = true
    quirks.keepsAnswers = true
    quirks.hasToolsOfItsOwn = true
    return quirks
  }
}

/// vLLM's server.
public enum VLLMChat: OpenAIChatWire {
  public static let name: StaticString = "vllm"
  public static var takesAnySchema: Bool { true }
  public static let parameters = OpenAIRules.table([
    .translated(.topK, "top_k"),
    .dropped(.serviceTier, "no such parameter"),
    .refused(.imageFile, "images by data or URL only"),
    .translated(.reasoningReplay, "messages[].reasoning_content"),
  ])
  public static var quirks: OpenAIQuirks {
    var quirks = OpenAIQuirks()
    quirks.replaysReasoning = true
    return quirks
  }
}

/// Any other server with OpenAI's API, a LiteLLM proxy among them.
public enum OpenAICompatibleChat: OpenAIChatWire {
  public static let name: StaticString = "openai-compatible"
  public static let parameters = OpenAIRules.table([
    .translated(.topK, "top_k")
  ])
  public static var quirks: OpenAIQuirks { OpenAIQuirks() }
}

/// The rules of OpenAI's API, and a server's differences from them.
enum OpenAIRules {
  static func table(_ differences: [ParameterRule]) -> ParameterTable {
    ParameterTable(common + differences)
  }

  private static let common: [ParameterRule] = [
    .translated(.maximumOutputTokens, "max_completion_tokens, at some servers max_tokens"),
    .translated(.temperature, "temperature"),
    .translated(.topP, "top_p"),
    .dropped(.topK, "no such parameter"),
    .translated(.seed, "seed"),
    .translated(.frequencyPenalty, "frequency_penalty"),
    .translated(.presencePenalty, "presence_penalty"),
    .translated(.logitBias, "logit_bias"),
    .translated(.logProbabilities, "logprobs"),
    .translated(.topLogProbabilities, "top_logprobs"),
    .translated(.choiceCount, "n"),
    .translated(.stop, "stop"),
    .translated(.user, "user"),
    .translated(.serviceTier, "service_tier"),
    .translated(.jsonObject, "response_format.type = json_object"),
    .translated(.jsonSchema, "response_format.type = json_schema"),
    .translated(.tools, "tools[].function"),
    .translated(.strictTools, "tools[].function.strict"),
    .translated(.toolChoiceAuto, "tool_choice = auto"),
    .translated(.toolChoiceNone, "tool_choice = none"),
    .translated(.toolChoiceRequired, "tool_choice = required"),
    .translated(.toolChoiceNamed, "tool_choice.function.name"),
    .translated(.toolChoiceAllowed, "tool_choice.allowed_tools"),
    .translated(.parallelToolCalls, "parallel_tool_calls"),
    .translated(.reasoningEffort, "reasoning_effort"),
    .translated(
      .reasoningBudget, "the nearest reasoning_effort; dropped where the model does not think"),
    .translated(.imageData, "content[].image_url with a data: URL"),
    .translated(.imageURL, "content[].image_url"),
    .dropped(.imageFile, "images by data or URL only"),
    .translated(.imageDetail, "content[].image_url.detail"),
    .translated(.audio, "content[].input_audio"),
    .translated(.fileData, "content[].file.file_data"),
    .refused(.fileURL, "files by data or id only"),
    .translated(.fileID, "content[].file.file_id"),
    .translated(.messageName, "messages[].name"),
    .translated(.laterSystemMessages, "messages[].role = system"),
    .dropped(.reasoningReplay, "the API takes no thoughts back"),
    .approximated(.toolResultError, "the result's text alone says it"),
    .approximated(.toolResultImages, "in a user message after the result"),
    .dropped(.cacheControl, "prompts are cached by themselves"),
  ]
}
