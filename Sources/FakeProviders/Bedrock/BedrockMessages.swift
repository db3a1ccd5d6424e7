// SPDX-License-Identifier: MIT

internal import ControlPlane

/// The messages of a Converse request: nothing is merged here, roles must alternate.
struct BedrockMessages {
  private struct Turn {
    var role: String
    var index: Int
    var blocks: [(type: String, value: JSONValue)]

    func identifiers(_ type: String) -> [String] {
      blocks.filter { $0.type == type }.compactMap { $0.value["toolUseId"]?.stringValue }
    }
  }

  /// The conversation in the terms that all wires share.
  private(set) var messages: [AnswerRequest.Message] = []
  private let model: BedrockModel
  private var turns: [Turn] = []

  private static let imageFormats: Set<String> = ["gif", "jpeg", "png", "webp"]
  private static let types: Set<String> = [
    "audio", "cachePoint", "citationsContent", "document", "guardContent", "image",
    "reasoningContent", "searchResult", "text", "toolResult", "toolUse", "video",
  ]

  init(
    _ given: JSONValue?, model: BedrockModel, hasTools: Bool, requiresThinking: Bool
  ) throws(ProviderError) {
    self.model = model
    for (index, element) in (given?.arrayValue ?? []).enumerated() { try add(element, index) }
    guard let first = turns.first, first.role == "user" else {
      throw .invalidRequest(
        "A conversation must start with a user message. Try again with a conversation that starts "
          + "with a user message.")
    }
    try checkTools(hasTools)
    try checkReasoning(requiresThinking)
    for turn in turns { note(turn) }
  }

  // MARK: Reading

  private mutating func add(_ element: JSONValue, _ index: Int) throws(ProviderError) {
    let role = element["role"]?.stringValue ?? ""
    let acceptsSystem =
      model.isAnthropic && AnthropicModel(name: model.name).acceptsSystemMessages
    guard role == "user" || role == "assistant" || (role == "system" && acceptsSystem) else {
      throw BedrockRequest.constraint(
        role, "messages.\(index + 1).member.role",
        "satisfy enum value set: [user, assistant]")
    }
    if turns.last?.role == role {
      throw .invalidRequest(
        "A conversation must alternate between user and assistant roles. Make sure the "
          + "conversation alternates between user and assistant roles and try again.")
    }
    let blocks = element["content"]?.arrayValue ?? []
    if blocks.isEmpty {
      throw .invalidRequest(
        "The content field in the Message object at messages.\(index) is empty. Add a ContentBlock "
          + "object to the content field and try again.")
    }
    var turn = Turn(role: role, index: index, blocks: [])
    for (place, block) in blocks.enumerated() {
      let path = "messages.\(index).content.\(place)"
      let members = (block.objectMembers ?? []).filter { Self.types.contains($0.name) }
      guard members.count == 1, let member = members.first else {
        throw .invalidRequest(
          "The ContentBlock object at \(path) must set one of the following keys: "
            + "text, image, toolUse, toolResult, document, video.")
      }
      try check(member, path, role)
      turn.blocks.append((member.name, member.value))
    }
    let types = turn.blocks.map(\.type)
    if types.contains("document"), !types.contains("text") {
      throw .invalidRequest(
        "The content field of the Message at messages.\(index) must have a ContentBlock with a "
          + "text field if it has one with a document.")
    }
    turns.append(turn)
  }

  private func check(
    _ block: JSONValue.Member, _ path: String, _ role: String
  ) throws(ProviderError) {
    switch block.name {
    case "text":
      guard let text = block.value.stringValue, !text.allSatisfy(\.isWhitespace) else {
        throw .invalidRequest(
          "The text field in the ContentBlock object at \(path) is blank. Add text to the text "
            + "field, and try again.")
      }
    case "toolUse": try checkUse(block.value, path, role)
    case "toolResult": try checkResult(block.value, path, role)
    case "image":
      guard let format = block.value["format"]?.stringValue, Self.imageFormats.contains(format)
      else {
        throw BedrockRequest.constraint(
          block.value["format"]?.stringValue ?? "", path + ".image.format",
          "satisfy enum value set: [png, jpeg, gif, webp]")
      }
      if block.value["source"]?["bytes"] == nil, block.value["source"]?["s3Location"] == nil {
        throw .invalidRequest("The image source at \(path) is missing.")
      }
    case "document": try checkDocument(block.value, path)
    default: break
    }
  }

  private func checkUse(
    _ value: JSONValue, _ path: String, _ role: String
  ) throws(ProviderError) {
    if role != "assistant" {
      throw .invalidRequest("The toolUse block at \(path) is only allowed for the assistant role.")
    }
    try checkIdentifier(value, path + ".toolUse")
    let name = value["name"]?.stringValue ?? ""
    if !AnthropicRequest.isName(name, lengthMaximum: 64) {
      throw BedrockRequest.constraint(
        name, path + ".toolUse.name", "satisfy regular expression pattern: [a-zA-Z0-9_-]+")
    }
    if value["input"]?.objectMembers == nil {
      throw .invalidRequest(
        "The format of the value at \(path).toolUse.input is invalid. Provide a json object for "
          + "the field and try again.")
    }
  }

  private func checkResult(
    _ value: JSONValue, _ path: String, _ role: String
  ) throws(ProviderError) {
    if role != "user" {
      throw .invalidRequest("The toolResult block at \(path) is only allowed for the user role.")
    }
    try checkIdentifier(value, path + ".toolResult")
    if value["content"]?.arrayValue == nil {
      throw .invalidRequest("The content field of the toolResult at \(path) is missing.")
    }
    for part in value["content"]?.arrayValue ?? [] {
      if let json = part["json"], json.objectMembers == nil {
        throw .invalidRequest(
          "The format of the value at \(path).toolResult.content.0.json is invalid. Provide a json "
            + "object for the field and try again.")
      }
    }
    if let status = value["status"]?.stringValue, status != "success", status != "error" {
      throw BedrockRequest.constraint(
        status, path + ".toolResult.status", "satisfy enum value set: [success, error]")
    }
  }

  private func checkIdentifier(_ value: JSONValue, _ path: String) throws(ProviderError) {
    let identifier = value["toolUseId"]?.stringValue ?? ""
    // The service takes dots and colons, the Claude models behind it do not.
    let plain =
      model.isAnthropic
      ? identifier : String(identifier.map { $0 == "." || $0 == ":" ? "_" : $0 })
    if !AnthropicRequest.isName(plain, lengthMaximum: 64) {
      throw BedrockRequest.constraint(
        identifier, path + ".toolUseId",
        "satisfy regular expression pattern: [a-zA-Z0-9_-]+")
    }
  }

  private func checkDocument(_ value: JSONValue, _ path: String) throws(ProviderError) {
    let name = value["name"]?.stringValue ?? ""
    let isAllowed = name.allSatisfy { character in
      character.isASCII && (character.isLetter || character.isNumber)
        || " -()[]".contains(character)
    }
    if name.isEmpty || !isAllowed || name.contains("  ") {
      throw .invalidRequest(
        "The file name \(name) at \(path) contains invalid characters: The name can only contain "
          + "alphanumeric characters, whitespace characters, hyphens, parentheses, and square "
          + "brackets. The name can't contain more than one consecutive whitespace character.")
    }
  }

  // MARK: Tools

  private func checkTools(_ hasTools: Bool) throws(ProviderError) {
    for (place, turn) in turns.enumerated() {
      let calls = turn.identifiers("toolUse")
      let results = turn.identifiers("toolResult")
      if !hasTools, !calls.isEmpty || !results.isEmpty {
        throw .invalidRequest(
          "The toolConfig field must be defined when using toolUse and toolResult content blocks.")
      }
      let previous = place == 0 ? [] : turns[place - 1].identifiers("toolUse")
      if results.count > previous.count {
        throw .invalidRequest(
          "The number of toolResult blocks at messages.\(turn.index).content exceeds the number of "
            + "toolUse blocks of previous turn.")
      }
      if let stray = results.first(where: { !previous.contains($0) }) {
        throw .invalidRequest(
          "The toolUseId \(stray) of the toolResult at messages.\(turn.index).content does not "
            + "match a toolUse of the previous turn.")
      }
      let open = previous.filter { !results.contains($0) }
      if !open.isEmpty {
        throw .invalidRequest(
          "Expected toolResult blocks at messages.\(turn.index).content for the following Ids: "
            + open.joined(separator: ", "))
      }
    }
    if let last = turns.last, !last.identifiers("toolUse").isEmpty {
      throw .invalidRequest(
        "Expected toolResult blocks at messages.\(turns.count).content for the following Ids: "
          + last.identifiers("toolUse").joined(separator: ", "))
    }
  }

  // MARK: Reasoning

  private func checkReasoning(_ requiresThinking: Bool) throws(ProviderError) {
    guard model.isAnthropic else { return }
    for turn in turns where turn.role == "assistant" {
      for (place, block) in turn.blocks.enumerated() where block.type == "reasoningContent" {
        let path = "messages.\(turn.index).content.\(place)"
        if let text = block.value["reasoningText"] {
          let signature = text["signature"]?.stringValue ?? ""
          if !ThinkingSignature.isValid(signature, for: text["text"]?.stringValue ?? "") {
            throw BedrockRequest.modelError("\(path): Invalid `signature` in `thinking` block")
          }
        } else {
          let data = block.value["redactedContent"]?.stringValue ?? ""
          if !ThinkingSignature.isValid(redacted: data) {
            throw BedrockRequest.modelError("\(path): Invalid `data` in `redacted_thinking` block")
          }
        }
      }
    }
    guard requiresThinking, let last = turns.last,
      last.role == "assistant" || !last.identifiers("toolResult").isEmpty,
      let turn = turns.last(where: { $0.role == "assistant" }), let first = turn.blocks.first?.type,
      first != "reasoningContent"
    else { return }
    let name = first == "toolUse" ? "tool_use" : first
    throw BedrockRequest.modelError(
      "messages.\(turn.index).content.0.type: Expected `thinking` or `redacted_thinking`, but "
        + "found `\(name)`. When `thinking` is enabled, a final `assistant` message must start "
        + "with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` "
        + "blocks).")
  }

  // MARK: What the answer is made from

  private mutating func note(_ turn: Turn) {
    var words = AnswerRequest.Message(role: turn.role, text: "")
    for block in turn.blocks {
      switch block.type {
      case "text": words.text += block.value.stringValue ?? ""
      case "toolUse":
        words.toolCallText += block.value["name"]?.stringValue ?? ""
        words.toolCallText += block.value["input"]?.text ?? ""
      case "reasoningContent":
        words.toolCallText += block.value["reasoningText"]?["text"]?.stringValue ?? ""
      case "image", "document", "video": words.imageCount += 1
      case "toolResult":
        let parts = block.value["content"]?.arrayValue ?? []
        let text = parts.compactMap { $0["text"]?.stringValue ?? $0["json"]?.text }.joined()
        messages.append(.init(role: "tool", text: text))
      default: break
      }
    }
    if !words.text.isEmpty || !words.toolCallText.isEmpty || words.imageCount > 0 {
      messages.append(words)
    }
  }
}
