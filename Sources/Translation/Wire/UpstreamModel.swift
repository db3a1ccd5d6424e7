// SPDX-License-Identifier: MIT

/// A model at its provider, as a translator needs to know it.
public struct UpstreamModel: Sendable {
  /// The provider's name for it: `claude-sonnet-4-5`, `gemini-2.5-pro`, an ARN.
  public var name: String
  public var traits: ModelTraits
  /// Most tokens that an answer may have; what is asked for when an API wants a number and the
  /// client gave none.
  public var maximumOutputTokens: Int64?
  /// Tokens that the model is to read at most, where the server has to be told (Ollama `num_ctx`,
  /// which cuts longer prompts without a word).
  public var contextTokens: Int64?
  /// Which of the servers that speak nearly the same this is.
  public var dialect: Dialect
  /// What to do with parameters that the provider does not have.
  public var unsupported: UnsupportedParameters

  public init(
    name: String, traits: ModelTraits = ModelTraits(), maximumOutputTokens: Int64? = nil,
    contextTokens: Int64? = nil, dialect: Dialect = .plain,
    unsupported: UnsupportedParameters = .drop
  ) {
    self.name = name
    self.traits = traits
    self.maximumOutputTokens = maximumOutputTokens
    self.contextTokens = contextTokens
    self.dialect = dialect
    self.unsupported = unsupported
  }

  /// Servers that speak one API with differences.
  public enum Dialect: UInt8, CaseIterable, Sendable {
    case plain
    // OpenAI's API
    case azure
    case deepSeek
    case xAI
    case vLLM
    case ollama
    // Anthropic's and Google's, on Google's cloud
    case vertex
  }

  public enum UnsupportedParameters: UInt8, Sendable {
    /// Left out, and named in `x-gateway-dropped-params`.
    case drop
    /// 400 `unsupported_parameter`.
    case refuse
  }
}

/// What a model can do, where models of one API differ. By name patterns, see
/// `traits(of:)` of each wire; configuration may override.
public struct ModelTraits: Sendable, Equatable {
  /// Temperature, top_p and the like are accepted.
  public var takesSampling = true
  /// Thinks by itself, steered by an effort (newer Claude); else by a budget of tokens.
  public var thinksAdaptively = false
  /// Thinks at all.
  public var thinks = false
  /// How much it thinks may be said in tokens, where it also thinks adaptively.
  public var takesThinkingBudget = true
  /// How it is told not to think.
  public var thinkingOff = ThinkingOff.leftOut
  /// Knows the effort `xhigh`.
  public var takesExtraHighEffort = true
  /// Temperature and top_p may come together.
  public var takesTemperatureWithTopP = true
  /// Gemini 3 and later: thinking by level instead of budget, signatures required.
  public var thinksByLevel = false
  /// The last message may be the assistant's, to be continued.
  public var takesPrefill = true
  /// A tool may be forced.
  public var takesForcedToolUse = true
  /// System messages may stand after the first turn.
  public var takesLaterSystemMessages = false
  /// System messages have a place of their own; else they are told in the user's turn.
  public var takesSystemInstruction = true
  /// JSON schema output is native.
  public var takesJSONSchema = true
  /// OpenAI's reasoning models: `max_completion_tokens`, `developer`, no sampling.
  public var isOpenAIReasoning = false

  public init() {}

  /// How a model is told not to think.
  public enum ThinkingOff: UInt8, Sendable {
    /// It does not unless it is asked to.
    case leftOut
    /// In so many words.
    case disabled
    /// Not before the answer, but still between calls of tools.
    case betweenTools
    /// It always thinks; a low effort is the least.
    case never
  }
}
