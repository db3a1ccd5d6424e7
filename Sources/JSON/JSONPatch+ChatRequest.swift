// SPDX-License-Identifier: MIT

public import Bytes

/// The edits the gateway makes to requests. Each answers whether the edit was made: not, if the
/// scratch buffer or the patch is full, or if the member that is to be replaced does not occur.
extension JSONPatch {
  /// Replaces the model by `model`, plain text that is escaped here.
  public mutating func setModel(
    _ facts: ChatRequestFacts, to model: ByteView, scratch: inout ByteWriter
  ) -> Bool {
    guard facts.model.kind == .string else { return false }
    let start = scratch.count
    JSONWriter.append(string: model, to: &scratch)
    return commit(facts.model.range, from: start, scratch)
  }

  /// Replaces the model by `literal`, a JSON string in its quotes.
  public mutating func setModel(
    _ facts: ChatRequestFacts, toLiteral literal: ByteView, scratch: inout ByteWriter
  ) -> Bool {
    let start = scratch.count
    if facts.model.kind == .absent {
      scratch.append("\"model\":")
      scratch.append(literal)
      return insertMember(facts, from: start, &scratch)
    }
    guard facts.model.kind == .string else { return false }
    scratch.append(literal)
    return commit(facts.model.range, from: start, scratch)
  }

  /// Makes `stream_options.include_usage` true, whatever of it is there.
  public mutating func askForUsage(
    _ facts: ChatRequestFacts, scratch: inout ByteWriter
  ) -> Bool {
    if facts.includeUsage.kind == .true { return true }
    let start = scratch.count
    if facts.includeUsage.kind != .absent {
      scratch.append("true")
      return commit(facts.includeUsage.range, from: start, scratch)
    }
    switch facts.streamOptions.kind {
    case .object:
      scratch.append("\"include_usage\":true")
      if !facts.streamOptionsIsEmpty { scratch.append(0x2c) }
      let inside = facts.streamOptions.range.lowerBound + 1
      return commit(ByteRange(inside, inside), from: start, scratch)
    case .absent:
      scratch.append("\"stream_options\":{\"include_usage\":true}")
      return insertMember(facts, from: start, &scratch)
    default:
      scratch.append("{\"include_usage\":true}")
      return commit(facts.streamOptions.range, from: start, scratch)
    }
  }

  /// Sets the cap on tokens out: in `max_completion_tokens` if the caller gave that, else in
  /// `max_tokens`.
  public mutating func setMaxTokens(
    _ facts: ChatRequestFacts, to tokens: UInt64, scratch: inout ByteWriter
  ) -> Bool {
    let start = scratch.count
    if facts.maxCompletionTokens.isPresent {
      scratch.append(decimal: tokens)
      return commit(facts.maxCompletionTokens.range, from: start, scratch)
    }
    if facts.maxTokens.kind != .absent {
      scratch.append(decimal: tokens)
      return commit(facts.maxTokens.range, from: start, scratch)
    }
    scratch.append("\"max_tokens\":")
    scratch.append(decimal: tokens)
    return insertMember(facts, from: start, &scratch)
  }

  /// Sets the cap on tokens out of a request of the Responses API.
  public mutating func setMaxOutputTokens(
    _ facts: ChatRequestFacts, to tokens: UInt64, scratch: inout ByteWriter
  ) -> Bool {
    let start = scratch.count
    if facts.maxOutputTokens.kind == .absent {
      scratch.append("\"max_output_tokens\":")
      scratch.append(decimal: tokens)
      return insertMember(facts, from: start, &scratch)
    }
    scratch.append(decimal: tokens)
    return commit(facts.maxOutputTokens.range, from: start, scratch)
  }

  /// Puts a member first in the body. Several insertions end up in the order they were made.
  private mutating func insertMember(
    _ facts: ChatRequestFacts, from start: Int, _ scratch: inout ByteWriter
  ) -> Bool {
    // In an empty object a second member would need a comma before it. Such a body has no model and
    // is refused long before.
    guard !facts.isEmpty || isEmpty else { return false }
    if !facts.isEmpty { scratch.append(0x2c) }
    let inside = Int(facts.objectStart) + 1
    return commit(ByteRange(inside, inside), from: start, scratch)
  }

  private mutating func commit(
    _ range: ByteRange, from start: Int, _ scratch: ByteWriter
  ) -> Bool {
    guard !scratch.overflowed else { return false }
    return replace(range, with: ByteRange(start, scratch.count))
  }
}
