// SPDX-License-Identifier: MIT

/// What a model of Anthropic's accepts, by its name; an unknown name accepts what the older ones
/// did.
struct AnthropicModel {
  let name: String

  private func isOne(of parts: [String]) -> Bool { parts.contains(where: name.contains) }

  private var isFifth: Bool {
    isOne(of: ["opus-5", "sonnet-5", "haiku-5", "fable-", "mythos-"])
  }

  /// From Opus 4.7 on: no sampling parameters, and no budget of thinking.
  var decidesItself: Bool { isFifth || isOne(of: ["opus-4-7", "opus-4-8"]) }

  /// From Opus 4.8 on the role `system` may stand within the conversation.
  var acceptsSystemMessages: Bool { isFifth || isOne(of: ["opus-4-8"]) }

  /// The 4.6 models were the first to refuse a last message of the assistant.
  var acceptsPrefill: Bool { !decidesItself && !isOne(of: ["opus-4-6", "sonnet-4-6"]) }
}

/// A value of the header `anthropic-version`.
enum AnthropicVersion: String, CaseIterable {
  case first = "2023-01-01"
  case classic = "2023-06-01"
  /// Without sampling parameters; no documents in assistant messages and no citations in user
  /// messages. The SDKs send it from Python's 2.0 on.
  case current = "2026-10-21"
}
