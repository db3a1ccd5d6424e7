// SPDX-License-Identifier: MIT

public import JSON

/// What happens in a stream, whatever API it comes by. `choice` counts answers from 0 (`n`);
/// `index` counts the tool calls of one answer from 0, in the order they began.
///
/// A decoder emits `start` first, then pieces, one `finish` for each choice, `usage` when the
/// provider tells it (the last one counts; it may come before or after `finish`), and `end` last.
/// Pieces of one block follow each other, but calls of several tools may alternate.
public enum StreamEvent: Sendable {
  case start(id: JSONText?, model: JSONText?)
  case text(choice: Int, JSONText)
  case refusal(choice: Int, JSONText)
  case reasoning(choice: Int, JSONText)
  /// Belongs to the thoughts before it, or to the text where there were none.
  case reasoningSignature(choice: Int, JSONText)
  /// A whole block of thoughts that only the provider can read.
  case encryptedReasoning(choice: Int, JSONText)
  case toolCallStart(choice: Int, index: Int, id: JSONText, name: JSONText, signature: JSONText?)
  /// A fragment of the arguments' JSON text; may end anywhere but within an escape of the JSON
  /// string it is written in.
  case toolCallArguments(choice: Int, index: Int, JSONText)
  /// OpenAI `logprobs` of the piece before it.
  case logProbabilities(choice: Int, JSONFragment)
  case finish(choice: Int, FinishReason, native: JSONText?, stopSequence: JSONText?)
  case usage(Usage)
  /// The provider reports an error within the stream; nothing follows.
  case failure(ProviderError)
  /// The provider's own end was seen: the answer is whole.
  case end
}
