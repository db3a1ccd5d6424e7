// SPDX-License-Identifier: MIT

internal import ModelCatalog
internal import Providers
internal import Telemetry
internal import Translation

/// What kind of work a request asks for, where the request path makes a difference.
enum APITask: UInt8 {
  case chat
  case embeddings
  /// How many tokens a chat request has.
  case tokenCount
  /// Something about a response of before.
  case storedResponse
  /// Rankings, images, audio and moderations: they pass, whatever is in them.
  case media

  /// Whether it is charged otherwise than by its tokens, or not at all.
  @inline(__always)
  var isChargedOtherwise: Bool { rawValue >= APITask.tokenCount.rawValue }
}

extension APIEndpoint {
  /// Which API the client speaks.
  @inline(__always)
  var api: ClientAPI {
    switch self {
    case .messages, .countTokens: .anthropic
    case .responses, .responseTokens, .response, .responseCancel, .responseItems: .responses
    case .geminiGenerate, .geminiStream, .geminiCount, .geminiEmbed, .geminiBatchEmbed: .gemini
    case .bedrockConverse, .bedrockStream: .bedrock
    default: .openAI
    }
  }

  /// How requests are read and answers written.
  var wire: any ClientWire.Type { self == .completions ? CompletionsClient.self : api.wire }

  @inline(__always)
  var task: APITask {
    switch self {
    case .embeddings, .geminiEmbed, .geminiBatchEmbed: .embeddings
    case .countTokens, .geminiCount, .responseTokens: .tokenCount
    case .response, .responseCancel, .responseItems: .storedResponse
    case .rerank, .imageGenerations, .imageEdits, .imageVariations, .transcriptions,
      .audioTranslations, .speech, .moderations:
      .media
    default: .chat
    }
  }

  /// Whether requests are routed to a model.
  var isOfModels: Bool { needsKey && self != .models && self != .model }

  /// Health and metrics answer without a key; everything else wants one.
  var needsKey: Bool {
    switch self {
    case .health, .liveness, .readiness, .metrics, .notFound, .methodNotAllowed: false
    default: true
    }
  }

  /// The operation at an upstream.
  var operation: OpenAIOperation {
    switch self {
    case .completions: .completions
    case .embeddings: .embeddings
    case .rerank: .rerank
    case .imageGenerations: .imageGenerations
    case .imageEdits: .imageEdits
    case .imageVariations: .imageVariations
    case .transcriptions: .transcriptions
    case .audioTranslations: .audioTranslations
    case .speech: .speech
    case .moderations: .moderations
    default: .chatCompletions
    }
  }

  /// What a model must be able to do.
  var capability: Capabilities {
    switch self {
    case .completions: .completion
    case .embeddings, .geminiEmbed, .geminiBatchEmbed: .embeddings
    case .rerank: .rerank
    case .imageGenerations, .imageEdits, .imageVariations: .imageGeneration
    case .transcriptions, .audioTranslations: .transcription
    case .speech: .speech
    case .moderations: .moderation
    default: .chat
    }
  }

  var metric: Telemetry.Operation {
    switch self {
    case .chatCompletions, .messages, .responses, .bedrockConverse, .bedrockStream: .chat
    case .geminiGenerate, .geminiStream: .chat
    case .completions: .textCompletion
    case .embeddings, .geminiEmbed, .geminiBatchEmbed: .embeddings
    case .rerank: .rerank
    case .imageGenerations, .imageEdits, .imageVariations: .imageGeneration
    case .transcriptions, .audioTranslations: .transcription
    case .speech: .speech
    case .moderations: .moderation
    default: .other
    }
  }
}
