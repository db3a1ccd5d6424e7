// SPDX-License-Identifier: MIT

public import JSON

/// A request for a chat answer, whatever API it came by: the model between all of them.
///
/// Texts, numbers and schemas are kept as they were written; a writer copies them.
public struct ChatRequest: Sendable {
  /// The model's name as the client wrote it.
  public var model = JSONText.empty
  public var messages: [Message] = []
  public var tools: [Tool] = []
  /// Tools that are no functions, by their type (`tools.web_search`), as the client wrote them:
  /// only the provider whose words they are can take them.
  public var otherTools: [OtherParameter] = []
  public var toolChoice: ToolChoice?
  /// Whether more than one tool may be called at once; nil when the client does not say.
  public var allowsParallelToolCalls: Bool?
  public var output = OutputFormat.text
  public var reasoning: Reasoning?
  public var sampling = Sampling()
  /// Most tokens of the answer.
  public var maximumOutputTokens: JSONFragment?
  public var stopSequences: [JSONText] = []
  /// Answers wanted; nil for one.
  public var choiceCount: Int?
  public var wantsStream = false
  /// The client asked for a stream's usage (OpenAI `stream_options.include_usage`; always true for
  /// APIs whose streams tell it anyway).
  public var wantsStreamUsage = false
  public var wantsLogProbabilities: Bool?
  public var topLogProbabilities: JSONFragment?
  /// Who the client's own user is (OpenAI `user`, Anthropic `metadata.user_id`).
  public var user: JSONText?
  /// OpenAI `service_tier`, Anthropic `service_tier`.
  public var serviceTier: JSONText?
  /// How the answer's form differs from what the client's API usually has.
  public var answerForm = AnswerForm.usual
  /// Whose names `others` bears.
  public var family: APIFamily?
  /// What no member above stands for, by its name in the client's API, in its order. A writer of
  /// the same API family may pass some on; all others are named in the loss report.
  public var others: [OtherParameter] = []

  public init() {}

  /// The client has said that no two tools may be called at once.
  var forbidsParallelToolCalls: Bool {
    allowsParallelToolCalls == false && answerForm != .functionCall
  }
}

/// Forms of an answer that a request may ask for, whatever provider answers.
public enum AnswerForm: UInt8, Sendable {
  case usual
  /// OpenAI's older `functions` were given, not `tools`: the answer has one call at most, as
  /// `function_call`. `allowsParallelToolCalls` is false, though the client did not say so.
  case functionCall
  /// Gemini `text/x.enum`: one of the schema's words, without quotes.
  case enumValue
}

/// APIs whose further parameters mean the same.
public enum APIFamily: UInt8, Sendable {
  case openAI
  case anthropic
  case gemini
  case bedrock
  case responses
}

/// A parameter that has no place in the model.
public struct OtherParameter: Sendable {
  public var name: JSONText
  public var value: JSONFragment

  public init(name: JSONText, value: JSONFragment) {
    self.name = name
    self.value = value
  }
}

/// Numbers that steer how tokens are drawn, as they were written.
public struct Sampling: Sendable {
  public var temperature: JSONFragment?
  public var topP: JSONFragment?
  public var topK: JSONFragment?
  public var seed: JSONFragment?
  public var frequencyPenalty: JSONFragment?
  public var presencePenalty: JSONFragment?
  /// An object of token ids and biases.
  public var logitBias: JSONFragment?

  public init() {}
}

/// How much a model shall think before it answers.
public struct Reasoning: Sendable {
  public enum Effort: String, CaseIterable, Sendable {
    case none
    case minimal
    case low
    case medium
    case high
    case xhigh
    case max
  }

  public var effort: Effort?
  /// Most tokens of thought (Anthropic `budget_tokens`, Gemini `thinkingBudget`).
  public var budgetTokens: Int64?
  /// Whether the thoughts, or a summary of them, shall be part of the answer; nil when not said.
  public var includesThoughts: Bool?

  public init(effort: Effort? = nil, budgetTokens: Int64? = nil, includesThoughts: Bool? = nil) {
    self.effort = effort
    self.budgetTokens = budgetTokens
    self.includesThoughts = includesThoughts
  }
}

/// What form the answer shall have.
public enum OutputFormat: Sendable {
  case text
  /// Some JSON object.
  case jsonObject
  case jsonSchema(JSONSchemaFormat)
}

public struct JSONSchemaFormat: Sendable {
  public var name: JSONText?
  public var description: JSONText?
  public var schema: JSONFragment
  public var isStrict: Bool?

  public init(
    name: JSONText?, description: JSONText? = nil, schema: JSONFragment, isStrict: Bool? = nil
  ) {
    self.name = name
    self.description = description
    self.schema = schema
    self.isStrict = isStrict
  }
}
