// SPDX-License-Identifier: MIT

internal import ControlPlane

extension Wire {
  /// The member in which a provider of OpenAI's family shows reasoning; nil where it hides it.
  var reasoningName: String? {
    switch self {
    case .deepseek, .xai: "reasoning_content"
    case .vllm: "reasoning"
    default: nil
    }
  }
}

extension ScriptedAnswer {
  /// The usage of chat completions, in each provider's own arithmetic.
  func chatUsage(_ wire: Wire) -> JSONValue {
    // What is hidden is counted all the same.
    let reasoning = reasoningTokens
    let prompt = JSONValue(promptTokens)
    let total = JSONValue(promptTokens + completionTokens)
    let reasoningDetails: JSONValue = ["reasoning_tokens": JSONValue(reasoning)]
    switch wire {
    case .deepseek:
      return [
        "prompt_tokens": prompt, "completion_tokens": JSONValue(completionTokens),
        "total_tokens": total, "prompt_tokens_details": ["cached_tokens": JSONValue(cachedTokens)],
        "completion_tokens_details": reasoningDetails,
        "prompt_cache_hit_tokens": JSONValue(cachedTokens),
        "prompt_cache_miss_tokens": JSONValue(promptTokens - cachedTokens),
      ]
    case .xai:
      // Reasoning stands beside the completion and not within it; the total has all three.
      return [
        "prompt_tokens": prompt, "completion_tokens": JSONValue(completionTokens - reasoning),
        "total_tokens": total,
        "prompt_tokens_details": [
          "text_tokens": prompt, "audio_tokens": 0, "image_tokens": 0,
          "cached_tokens": JSONValue(cachedTokens),
        ],
        "completion_tokens_details": [
          "reasoning_tokens": JSONValue(reasoning), "audio_tokens": 0,
          "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
        ],
        "num_sources_used": 0,
      ]
    case .vllm:
      return [
        "prompt_tokens": prompt, "total_tokens": total,
        "completion_tokens": JSONValue(completionTokens), "prompt_tokens_details": .null,
      ]
    default:
      var details: [JSONValue.Member] = [
        .init("cached_tokens", JSONValue(cachedTokens)), .init("audio_tokens", 0),
      ]
      if cacheWriteTokens > 0 {
        details.append(.init("cache_write_tokens", JSONValue(cacheWriteTokens)))
      }
      return [
        "prompt_tokens": prompt, "completion_tokens": JSONValue(completionTokens),
        "total_tokens": total, "prompt_tokens_details": .object(details),
        "completion_tokens_details": [
          "reasoning_tokens": JSONValue(reasoning), "audio_tokens": 0,
          "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
        ],
      ]
    }
  }

  // MARK: Azure

  private static let safe: JSONValue = ["filtered": false, "severity": "safe"]

  static let filterResults: JSONValue = [
    "hate": safe, "self_harm": safe, "sexual": safe, "violence": safe,
  ]

  static let promptFilterResults: JSONValue = [
    ["prompt_index": 0, "content_filter_results": filterResults]
  ]
}
