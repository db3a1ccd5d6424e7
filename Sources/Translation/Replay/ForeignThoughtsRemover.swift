// SPDX-License-Identifier: MIT

internal import JSON

/// Writes a body without the thoughts of other providers, and with the signatures that calls of
/// theirs lack.
struct ForeignThoughtsRemover {
  private let api: ForeignThoughts.API
  private let target: UpstreamModel
  private let maximumOutputTokens: Int64
  private let isClaude: Bool
  private var json = JSONBuilder()
  private var hasRemoved = false
  private var hasSigned = false
  /// Whether the assistant's last turn has lost thoughts and is the one to go on with.
  private var isOpen = false

  init(_ api: ForeignThoughts.API, _ target: UpstreamModel, _ maximumOutputTokens: Int64) {
    self.api = api
    self.target = target
    self.maximumOutputTokens = maximumOutputTokens
    isClaude = ForeignThoughts.isClaude(target.name)
  }

  mutating func write(_ root: JSONNode) -> ForeignThoughts.Body {
    json.beginObject()
    for (name, value) in root.members {
      if replaces(name) { continue }
      json.key(text: name)
      if name.equals(turnsName) {
        write(turns: value)
      } else {
        json.raw(value.fragment)
      }
    }
    writeReplaced()
    json.endObject()
    guard hasRemoved || hasSigned else { return .asItCame }
    return isOpen && wantsThoughts(root)
      ? .unfit : .changed(json.bytes, hasLostThoughts: hasRemoved)
  }

  private var turnsName: StaticString {
    switch api {
    case .anthropic, .bedrock: "messages"
    case .gemini: "contents"
    case .responses: "input"
    }
  }

  // MARK: What routing decides

  private var limitName: StaticString? {
    guard maximumOutputTokens >= 0 else { return nil }
    switch api {
    case .anthropic: return "max_tokens"
    case .responses: return "max_output_tokens"
    case .gemini, .bedrock: return nil
    }
  }

  private var namesModel: Bool { api == .anthropic || api == .responses }

  private func replaces(_ name: JSONText) -> Bool {
    namesModel && name.equals("model") || limitName.map { name.equals($0) } == true
  }

  private mutating func writeReplaced() {
    if namesModel { json.member("model", string: target.name) }
    if let limitName { json.member(limitName, integer: maximumOutputTokens) }
  }

  /// With a budget Claude refuses to think on in a turn that does not begin with thoughts.
  private func wantsThoughts(_ root: JSONNode) -> Bool {
    let own = api == .bedrock ? root["additionalModelRequestFields"] : root
    return (own?["thinking"] ?? own?["reasoning_config"])?["type"]?.equals("enabled") == true
  }

  // MARK: Turns

  private mutating func write(turns: JSONNode) {
    guard turns.isArray else {
      // Gemini takes a single turn, too.
      return turns.isObject ? write(turn: turns) : json.raw(turns.fragment)
    }
    json.beginArray()
    for turn in turns.elements {
      if api == .responses { write(item: turn) } else { write(turn: turn) }
    }
    json.endArray()
  }

  private mutating func write(turn: JSONNode) {
    let name: StaticString = api == .gemini ? "parts" : "content"
    let parts = turn[name]
    let kept = (parts?.elements ?? JSONElements.none).compactMap { part in
      rest(of: part).map { (part: part, rest: $0) }
    }
    let hasLost =
      parts?.isArray == true
      && (kept.count < (parts?.elements.reduce(0) { count, _ in count + 1 } ?? 0)
        || kept.contains { $0.rest != $0.part.fragment })
    noteTurn(turn, hasLost: hasLost)
    hasRemoved = hasRemoved || hasLost
    // No API takes a turn of nothing.
    guard !hasLost || !kept.isEmpty else { return }
    var fragments = kept.map { $0.rest }
    let isSigned = signFirstCall(of: &fragments)
    hasSigned = hasSigned || isSigned
    guard hasLost || isSigned else { return json.raw(turn.fragment) }
    json.object { json in
      for member in turn.members {
        json.key(text: member.name)
        if member.name.equals(name) {
          json.array { json in fragments.forEach { json.raw($0) } }
        } else {
          json.raw(member.value.fragment)
        }
      }
    }
  }

  private mutating func noteTurn(_ turn: JSONNode, hasLost: Bool) {
    guard api == .anthropic || api == .bedrock else { return }
    if turn["role"]?.equals("assistant") == true {
      isOpen = hasLost
    } else {
      let first = turn["content"]?.elements.first { _ in true }
      let isResult = first?["type"]?.equals("tool_result") == true || first?["toolResult"] != nil
      isOpen = isOpen && isResult
    }
  }

  /// What is left of a block or part; nil if it is nothing but foreign thoughts.
  private func rest(of part: JSONNode) -> JSONFragment? {
    switch api {
    case .anthropic: return isForeign(block: part) ? nil : part.fragment
    case .bedrock: return isForeign(content: part) ? nil : part.fragment
    case .gemini: return unsigned(part)
    case .responses: return part.fragment
    }
  }

  private func isForeign(block: JSONNode) -> Bool {
    switch block["type"]?.string {
    case "thinking": isForeign(signature: block["signature"]?.text)
    case "redacted_thinking": block["data"]?.text.map { ResponsesReasoning.isOpenAI($0) } == true
    default: false
    }
  }

  private func isForeign(content: JSONNode) -> Bool {
    guard let text = content["reasoningContent"]?["reasoningText"] else { return false }
    return isForeign(signature: text["signature"]?.text)
  }

  private func isForeign(signature: JSONText?) -> Bool {
    guard let signature, !signature.isEmpty else { return isClaude }
    return !ReasoningBlock(text: .empty, signature: signature).isReplayable
  }

  // MARK: Gemini

  private func unsigned(_ part: JSONNode) -> JSONFragment? {
    guard let signature = part["thoughtSignature", or: "thought_signature"]?.text,
      GeminiSignature.isForeign(signature)
    else { return part.fragment }
    let isThought = part["thought"]?.bool == true || part["text"]?.text?.isEmpty == true
    return isThought ? nil : part.without { Self.isSignature($0) }
  }

  private static func isSignature(_ name: JSONText) -> Bool {
    name.equals("thoughtSignature") || name.equals("thought_signature")
  }

  /// Gemini 3 refuses a turn whose first call has no signature, as those of other models.
  ///
  /// - Returns: whether it was without one.
  private func signFirstCall(of parts: inout [JSONFragment]) -> Bool {
    guard api == .gemini, target.traits.thinksByLevel,
      let index = parts.firstIndex(where: {
        $0.parsed["functionCall", or: "function_call"]?.isObject == true
      })
    else { return false }
    let call = parts[index].parsed
    guard call["thoughtSignature", or: "thought_signature"]?.text?.isEmpty ?? true else {
      return false
    }
    parts[index] = .object { json in
      for member in call.members where !Self.isSignature(member.name) {
        json.key(text: member.name)
        json.raw(member.value.fragment)
      }
      json.member("thoughtSignature", GeminiSignature.skipping)
    }
    return true
  }

  // MARK: Responses

  private mutating func write(item: JSONNode) {
    switch item["type"]?.string {
    case "reasoning" where ResponsesReasoning.isForeign(item): hasRemoved = true
    case "function_call" where item["extra_content"] != nil,
      "custom_tool_call" where item["extra_content"] != nil:
      // A signature of Google's, where OpenAI knows no such member.
      json.raw(item.without { $0.equals("extra_content") })
      hasRemoved = true
    default: json.raw(item.fragment)
    }
  }
}

extension JSONNode {
  fileprivate func without(_ isLeftOut: (JSONText) -> Bool) -> JSONFragment {
    .object { json in
      for member in members where !isLeftOut(member.name) {
        json.key(text: member.name)
        json.raw(member.value.fragment)
      }
    }
  }
}
