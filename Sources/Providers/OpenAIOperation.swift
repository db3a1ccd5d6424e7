// SPDX-License-Identifier: MIT

/// What is asked of a provider with the OpenAI API, always by POST.
public enum OpenAIOperation: UInt8, CaseIterable, Sendable {
  case chatCompletions
  case completions
  case embeddings
  /// Cohere's and Jina's, as many servers have it.
  case rerank
  case imageGenerations
  case imageEdits
  case imageVariations
  case transcriptions
  case audioTranslations
  case speech
  case moderations

  /// The path below the base path (which for OpenAI itself is `/v1`).
  public var path: StaticString {
    switch self {
    case .chatCompletions: "/chat/completions"
    case .completions: "/completions"
    case .embeddings: "/embeddings"
    case .rerank: "/rerank"
    case .imageGenerations: "/images/generations"
    case .imageEdits: "/images/edits"
    case .imageVariations: "/images/variations"
    case .transcriptions: "/audio/transcriptions"
    case .audioTranslations: "/audio/translations"
    case .speech: "/audio/speech"
    case .moderations: "/moderations"
    }
  }
}
