// SPDX-License-Identifier: MIT

public import Bytes

/// What a client of the OpenAI API asks for, by the path of its request.
public enum OpenAIOperation: UInt8, CaseIterable, Sendable {
  case chatCompletions
  case completions
  case embeddings
  case models
  /// One model: its id follows the path.
  case model
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
    case .models: "/models"
    case .model: "/models/"
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

  /// The method a client has to use.
  public var method: StaticString {
    switch self {
    case .models, .model: "GET"
    default: "POST"
    }
  }

  /// The operation at `path`, with or without `/v1` in front as clients configure it either way;
  /// nil if there is none.
  public init?(path: ByteView) {
    let rest = path.starts(with: "/v1/") ? path.dropFirst(3) : path
    switch rest.count {
    case 17 where rest.equals("/chat/completions"): self = .chatCompletions
    case 12 where rest.equals("/completions"): self = .completions
    case 11 where rest.equals("/embeddings"): self = .embeddings
    case 7 where rest.equals("/models"): self = .models
    case 9... where rest.starts(with: "/models/"): self = .model
    default: return nil
    }
  }

  /// The id at the end of the path of `model`, as it was sent (percent-encoded).
  public static func modelID(in path: ByteView) -> ByteView {
    let rest = path.starts(with: "/v1/") ? path.dropFirst(3) : path
    return rest.dropFirst(8)
  }
}
