// SPDX-License-Identifier: MIT

internal import ControlPlane

/// The messages of a Messages request: consecutive ones of a role merged, and then held to what
/// the real API demands of tool calls, their results and thinking.
struct AnthropicTurns {
  private struct Block {
    var type: String
    var value: JSONValue
    /// `messages.1.content.0`: errors name it.
    var path: String
  }

  private struct Turn {
    var role: String
    /// Of the first message that is part of it.
    var index: Int
    var blocks: [Block]
  }

  /// The conversation in the terms that all wires share.
  private(set) var messages: [AnswerRequest.Message] = []
  private var turns: [Turn] = []
  private let model: AnthropicModel
  private let version: AnthropicVersion

  private static let messagesMaximum = 100_000
  private static let userTypes: Set<String> = [
    "container_upload", "document", "image", "search_result", "text", "tool_result",
  ]
  private static let assistantTypes: Set<String> = [
    "redacted_thinking", "server_tool_use", "text", "thinking", "tool_use",
    "web_search_tool_result",
  ]

  init(
    _ value: JSONValue, model: AnthropicModel, version: AnthropicVersion, requiresThinking: Bool
  ) throws(ProviderError) {
    self.model = model
    self.version = version
    guard let elements = value.arrayValue else {
      throw .invalidRequest("messages: Input should be a valid list")
    }
    if elements.isEmpty { throw .invalidRequest("messages: at least one message is required") }
    if elements.count > Self.messagesMaximum {
      throw .invalidRequest("messages: at most \(Self.messagesMaximum) messages are allowed")
    }
    for (index, element) in elements.enumerated() {
      try add(element, index, isLast: index == elements.count - 1)
    }
    if turns.first?.role != "user" {
      throw .invalidRequest("messages: first message must use the \"user\" role")
    }
    if turns.last?.role == "assistant", !model.acceptsPrefill {
      throw .invalidRequest(
        "This model does not support assistant message prefill. The conversation must end with a "
          + "user message.")
    }
    try checkTools()
    try checkThinking()
    if requiresThinking { try checkLastThinking() }
    for turn in turns { note(turn) }
  }

  // MARK: Reading

  private mutating func add(
    _ element: JSONValue, _ index: Int, isLast: Bool
  ) throws(ProviderError) {
    guard let role = element["role"]?.stringValue else {
      throw .invalidRequest("messages.\(index).role: Field required")
    }
    guard ["user", "assistant", "system"].contains(role) else {
      throw .invalidRequest(
        "messages: Unexpected role \"\(role)\". Allowed roles are \"user\" or \"assistant\"")
    }
    if role == "system", index == 0 || !model.acceptsSystemMessages {
      throw .invalidRequest(
        "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` "
          + "parameter, not \"system\" as an input message role.")
    }
    guard let content = element["content"] else {
      throw .invalidRequest("messages.\(index).content: Field required")
    }
    let blocks = try blocks(content, index, role)
    if blocks.isEmpty, role != "assistant" || !isLast {
      throw .invalidRequest(
        "messages.\(index): all messages must have non-empty content except for the optional "
          + "final assistant message")
    }
    if role == "assistant", isLast, let text = blocks.last?.value["text"]?.stringValue,
      text.last?.isWhitespace == true
    {
      throw .invalidRequest(
        "messages: final assistant content cannot end with trailing whitespace")
    }
    if turns.last?.role == role {
      turns[turns.count - 1].blocks += blocks
    } else {
      turns.append(Turn(role: role, index: index, blocks: blocks))
    }
  }

  private func blocks(
    _ content: JSONValue, _ index: Int, _ role: String
  ) throws(ProviderError) -> [Block] {
    if let text = content.stringValue {
      if text.isEmpty { return [] }
      let value: JSONValue = ["type": "text", "text": .string(text)]
      let block = Block(type: "text", value: value, path: "messages.\(index).content.0")
      try check(block)
      return [block]
    }
    guard let elements = content.arrayValue else {
      throw .invalidRequest("messages.\(index).content: Input should be a valid list")
    }
    var blocks: [Block] = []
    for (place, element) in elements.enumerated() {
      let path = "messages.\(index).content.\(place)"
      let type = element["type"]?.stringValue ?? ""
      let known = knownTypes(role)
      guard known.contains(type) else {
        throw .invalidRequest(
          "\(path): Input tag '\(type)' found using 'type' does not match any of the expected "
            + "tags: " + known.sorted().map { "'\($0)'" }.joined(separator: ", "))
      }
      let block = Block(type: type, value: element, path: path)
      try check(block)
      if version == .current, role == "user", type == "text",
        element["citations"]?.arrayValue?.isEmpty == false
      {
        throw .invalidRequest("\(path).text.citations: Extra inputs are not permitted")
      }
      blocks.append(block)
    }
    return blocks
  }

  private func knownTypes(_ role: String) -> Set<String> {
    switch role {
    case "user": Self.userTypes
    case "system": ["text"]
    default: version == .current ? Self.assistantTypes : Self.assistantTypes.union(["document"])
    }
  }

  private func check(_ block: Block) throws(ProviderError) {
    switch block.type {
    case "text":
      guard let text = block.value["text"]?.stringValue else {
        throw .invalidRequest("\(block.path).text.text: Field required")
      }
      if text.isEmpty {
        throw .invalidRequest("messages: text content blocks must be non-empty")
      }
      if text.allSatisfy(\.isWhitespace) {
        throw .invalidRequest("messages: text content blocks must contain non-whitespace text")
      }
    case "tool_use":
      try checkIdentifier(block, "tool_use", "id")
      if block.value["input"]?.objectMembers == nil {
        throw .invalidRequest("\(block.path).tool_use.input: Input should be a valid dictionary")
      }
      let name = block.value["name"]?.stringValue ?? ""
      if !AnthropicRequest.isName(name, lengthMaximum: 128) {
        throw .invalidRequest(
          "\(block.path).tool_use.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'")
      }
    case "tool_result":
      try checkIdentifier(block, "tool_result", "tool_use_id")
      for part in block.value["content"]?.arrayValue ?? [] where part["type"] == "text" {
        if part["text"] == "" {
          throw .invalidRequest("messages: text content blocks must be non-empty")
        }
      }
    case "image", "document":
      if block.value["source"]?["type"]?.stringValue == nil {
        throw .invalidRequest("\(block.path).\(block.type).source: Field required")
      }
    default: break
    }
  }

  private func checkIdentifier(
    _ block: Block, _ type: String, _ name: String
  ) throws(ProviderError) {
    guard let identifier = block.value[name]?.stringValue else {
      throw .invalidRequest("\(block.path).\(type).\(name): Field required")
    }
    if !AnthropicRequest.isName(identifier, lengthMaximum: 64) {
      throw .invalidRequest(
        "\(block.path).\(type).\(name): String should match pattern '^[a-zA-Z0-9_-]+$'")
    }
  }

  // MARK: Tool calls and their results

  private func checkTools() throws(ProviderError) {
    var seen: Set<String> = []
    for (place, turn) in turns.enumerated() {
      let calls = turn.blocks.filter { $0.type == "tool_use" }.compactMap {
        $0.value["id"]?.stringValue
      }
      for call in calls where !seen.insert(call).inserted {
        throw .invalidRequest("messages.\(turn.index): `tool_use` ids must be unique")
      }
      let previous = place == 0 ? [] : calledIdentifiers(turns[place - 1])
      try checkResults(turn, answering: previous)
      if calls.isEmpty { continue }
      // Results come first in the turn that follows at once.
      let next = place + 1 < turns.count ? turns[place + 1] : nil
      let answered = Set(
        (next?.blocks ?? []).prefix { $0.type == "tool_result" }.compactMap {
          $0.value["tool_use_id"]?.stringValue
        })
      let open = calls.filter { !answered.contains($0) }
      if !open.isEmpty {
        throw .invalidRequest(
          "messages.\(turn.index): `tool_use` ids were found without `tool_result` blocks "
            + "immediately after: \(open.joined(separator: ", ")). Each `tool_use` block must have "
            + "a corresponding `tool_result` block in the next message.")
      }
    }
  }

  private func calledIdentifiers(_ turn: Turn) -> [String] {
    turn.blocks.filter { $0.type == "tool_use" }.compactMap { $0.value["id"]?.stringValue }
  }

  private func checkResults(
    _ turn: Turn, answering calls: [String]
  ) throws(ProviderError) {
    var answered: Set<String> = []
    for block in turn.blocks where block.type == "tool_result" {
      let identifier = block.value["tool_use_id"]?.stringValue ?? ""
      if !calls.contains(identifier) {
        throw .invalidRequest(
          "\(block.path): unexpected `tool_use_id` found in `tool_result` blocks: \(identifier). "
            + "Each `tool_result` block must have a corresponding `tool_use` block in the previous "
            + "message.")
      }
      if !answered.insert(identifier).inserted {
        throw .invalidRequest(
          "\(block.path): each tool_use must have a single result. Found multiple `tool_result` "
            + "blocks with id: \(identifier)")
      }
    }
  }

  // MARK: Thinking

  private func checkThinking() throws(ProviderError) {
    for turn in turns where turn.role == "assistant" {
      for block in turn.blocks {
        let value = block.value
        if block.type == "thinking" {
          guard let signature = value["signature"]?.stringValue,
            let text = value["thinking"]?.stringValue
          else { throw .invalidRequest("\(block.path).thinking.signature: Field required") }
          if !ThinkingSignature.isValid(signature, for: text) {
            throw .invalidRequest("\(block.path): Invalid `signature` in `thinking` block")
          }
        } else if block.type == "redacted_thinking" {
          if !ThinkingSignature.isValid(redacted: value["data"]?.stringValue ?? "") {
            throw .invalidRequest("\(block.path): Invalid `data` in `redacted_thinking` block")
          }
        }
      }
      let hasThinking = turn.blocks.contains { Self.isThinking($0) }
      if hasThinking, let first = turn.blocks.first, !Self.isThinking(first) {
        throw .invalidRequest(
          "\(first.path): If an assistant message contains any thinking blocks, the first block "
            + "must be `thinking` or `redacted_thinking`. Found `\(first.type)`.")
      }
    }
  }

  private static func isThinking(_ block: Block) -> Bool {
    block.type == "thinking" || block.type == "redacted_thinking"
  }

  /// Within a loop of tool calls the thinking that led to the calls must be there.
  private func checkLastThinking() throws(ProviderError) {
    guard let last = turns.last, last.role == "user",
      last.blocks.contains(where: { $0.type == "tool_result" }),
      let turn = turns.last(where: { $0.role == "assistant" }), let first = turn.blocks.first
    else { return }
    if Self.isThinking(first) { return }
    throw .invalidRequest(
      "\(first.path).type: Expected `thinking` or `redacted_thinking`, but found "
        + "`\(first.type)`. When `thinking` is enabled, a final `assistant` message must start "
        + "with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` "
        + "blocks). We recommend you include thinking blocks from previous turns. To avoid this "
        + "requirement, disable `thinking`. Please consult our documentation at "
        + "https://docs.claude.com/en/docs/build-with-claude/extended-thinking")
  }

  // MARK: What the answer is made from

  private mutating func note(_ turn: Turn) {
    var words = AnswerRequest.Message(role: turn.role, text: "")
    for block in turn.blocks {
      switch block.type {
      case "text": words.text += block.value["text"]?.stringValue ?? ""
      case "thinking": words.toolCallText += block.value["thinking"]?.stringValue ?? ""
      case "image", "document": words.imageCount += 1
      case "tool_use":
        words.toolCallText += block.value["name"]?.stringValue ?? ""
        words.toolCallText += block.value["input"]?.text ?? ""
      case "tool_result":
        messages.append(.init(role: "tool", text: Self.text(block.value["content"])))
      default: break
      }
    }
    if !words.text.isEmpty || !words.toolCallText.isEmpty || words.imageCount > 0 {
      messages.append(words)
    }
  }

  private static func text(_ content: JSONValue?) -> String {
    if let text = content?.stringValue { return text }
    return (content?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }.joined()
  }
}
