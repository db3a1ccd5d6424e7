// SPDX-License-Identifier: MIT

internal import JSON

/// Reads `contents`. Calls of functions need no ids there: results belong to calls by their name
/// and order. Here each call gets one.
struct GeminiContentsReader {
  private var messages: [Message] = []
  private var others: [OtherParameter] = []
  private var callCount = 0
  /// Calls that wait for their result.
  private var pending: [(id: JSONText, name: JSONText)] = []

  static func read(
    _ value: JSONNode, _ others: inout [OtherParameter]
  ) throws(TranslationError) -> [Message] {
    var reader = GeminiContentsReader()
    if value.isObject {
      try reader.read(content: value, "contents")
    } else {
      guard value.isArray else { throw .invalid("contents", "must be an array") }
      for (index, node) in value.elements.enumerated() {
        try reader.read(content: node, "contents[\(index)]")
      }
    }
    others += reader.others
    return reader.messages
  }

  private mutating func read(content: JSONNode, _ path: String) throws(TranslationError) {
    let role: Role
    switch content["role"]?.string {
    case nil, "user", "function", "tool", "": role = .user
    case "model", "assistant": role = .assistant
    case "system": role = .system
    default: throw .invalid("\(path).role", "must be user or model")
    }
    guard let parts = content["parts"], parts.isArray else {
      throw .invalid("\(path).parts", "must be an array")
    }
    // What came as a stream stands in the history piece by piece.
    let goesOn = role == .assistant && messages.last?.role == .assistant
    if !goesOn { messages.append(Message(role, [])) }
    for (index, part) in parts.elements.enumerated() {
      try read(part: part, role, "\(path).parts[\(index)]")
    }
  }

  private mutating func append(_ content: Block.Content) {
    let index = messages.count - 1
    if messages[index].role == .assistant {
      messages[index].blocks.appendMerging(content)
    } else {
      messages[index].blocks.append(Block(content))
    }
  }

  private mutating func read(
    part: JSONNode, _ role: Role, _ path: String
  ) throws(TranslationError) {
    for name: StaticString in ["videoMetadata", "video_metadata", "partMetadata", "part_metadata"] {
      guard let value = part[name] else { continue }
      others.append(OtherParameter(name: JSONText("parts.\(name)"), value: value.fragment))
    }
    if let call = part["functionCall", or: "function_call"] {
      try readCall(call, signature: Self.signature(of: part), path)
    } else if let response = part["functionResponse", or: "function_response"] {
      try readResponse(response, path)
    } else if let data = part["inlineData", or: "inline_data"] {
      try readData(data, path)
      sign(part, role)
    } else if let file = part["fileData", or: "file_data"] {
      try readFile(file, path)
    } else if let text = try Self.text(of: part, path) {
      readText(text, part, role)
    }
  }

  // MARK: Texts

  private static func signature(of part: JSONNode) -> JSONText? {
    let text = part["thoughtSignature", or: "thought_signature"]?.text
    return text.flatMap { $0.isEmpty ? nil : Base64.standard($0) }
  }

  /// Text, or what becomes one; nil for an empty part.
  private static func text(
    of part: JSONNode, _ path: String
  ) throws(TranslationError) -> JSONText? {
    if let text = part["text"]?.text { return text }
    if let code = part["executableCode", or: "executable_code"] {
      return .joined(["\n```\n", code["code"]?.text ?? .empty, "\n```\n"], separator: "")
    }
    if let result = part["codeExecutionResult", or: "code_execution_result"] {
      return .joined(["\n```\n", result["output"]?.text ?? .empty, "\n```\n"], separator: "")
    }
    if signature(of: part) != nil { return .empty }
    throw .invalid(
      path, "must have text, inlineData, fileData, functionCall or functionResponse")
  }

  private mutating func readText(_ text: JSONText, _ part: JSONNode, _ role: Role) {
    guard part["thought"]?.bool == true, role == .assistant else {
      if !text.isEmpty { append(.text(text)) }
      sign(part, role)
      return
    }
    if !text.isEmpty { append(.reasoning(ReasoningBlock(text: text))) }
    sign(part, role)
  }

  /// Signs thoughts that stand last and are not signed; anything else with a block of its own.
  private mutating func sign(_ part: JSONNode, _ role: Role) {
    guard role == .assistant, let found = Self.signature(of: part) else { return }
    let (signature, encrypted) = GeminiSignature.fromClient(found)
    let index = messages.count - 1
    if let signature {
      messages[index].blocks.sign(signature)
    } else if let encrypted {
      let thought = ReasoningBlock(text: .empty, encrypted: encrypted)
      messages[index].blocks.append(Block(.reasoning(thought)))
    }
  }

  // MARK: Media

  private mutating func readData(_ node: JSONNode, _ path: String) throws(TranslationError) {
    guard let data = node["data"]?.text else { throw .invalid("\(path).inlineData", "has no data") }
    let type = node["mimeType", or: "mime_type"]?.text
    append(
      Self.content(
        Media(
          .base64(Base64.standard(data)), mediaType: type,
          name: node["displayName", or: "display_name"]?.text)))
  }

  private mutating func readFile(_ node: JSONNode, _ path: String) throws(TranslationError) {
    guard let address = node["fileUri", or: "file_uri"]?.text else {
      throw .invalid("\(path).fileData", "has no fileUri")
    }
    let type = node["mimeType", or: "mime_type"]?.text
    append(
      Self.content(
        Media(.url(address), mediaType: type ?? GeminiMedia.type(ofURL: address.plain))))
  }

  private static func content(_ media: Media) -> Block.Content {
    let type = media.mediaType?.plain ?? ""
    if type.hasPrefix("image/") { return .image(media) }
    if type.hasPrefix("audio/") { return .audio(media) }
    return .file(media)
  }

  // MARK: Functions

  private mutating func readCall(
    _ node: JSONNode, signature: JSONText?, _ path: String
  ) throws(TranslationError) {
    guard let name = node["name"]?.text, !name.isEmpty else {
      throw .invalid("\(path).functionCall.name", "is missing")
    }
    let id = node["id"]?.text.flatMap { $0.isEmpty ? nil : $0 } ?? JSONText("call_\(callCount)")
    callCount += 1
    pending.append((id, name))
    let arguments = node["args"]?.fragment.compacted.quoted ?? "{}"
    append(
      .toolCall(ToolCall(id: id, name: name, arguments: arguments, signature: signature)))
  }

  private mutating func readResponse(
    _ node: JSONNode, _ path: String
  ) throws(TranslationError) {
    let given = node["id"]?.text.flatMap { $0.isEmpty ? nil : $0 }
    let name = node["name"]?.text
    let index =
      pending.firstIndex { $0.id == given }
      ?? pending.firstIndex { $0.name == name }
    guard let index else {
      throw .invalid("\(path).functionResponse", "answers no functionCall before it")
    }
    let id = pending.remove(at: index).id
    var (text, isError) = Self.result(node["response"])
    if text == nil, node["parts"] == nil { text = "{}" }
    var result = ToolResult(id: id, blocks: [], isError: isError)
    if let text { result.blocks.append(Block(.text(text))) }
    for part in node["parts"]?.elements ?? JSONElements.none {
      guard let data = part["inlineData", or: "inline_data"], let bytes = data["data"]?.text else {
        continue
      }
      let media = Media(
        .base64(Base64.standard(bytes)), mediaType: data["mimeType", or: "mime_type"]?.text)
      result.blocks.append(Block(Self.content(media)))
    }
    append(.toolResult(result))
  }

  /// The only member `result` or `output` stands for itself, `error` for a failure.
  private static func result(_ node: JSONNode?) -> (text: JSONText?, isError: Bool) {
    guard let node, node.isObject else { return (nil, false) }
    var members = node.members
    guard let first = members.next() else { return (nil, false) }
    if members.next() == nil {
      let text = first.value.text ?? first.value.fragment.compacted.quoted
      if first.name.equals("error") { return (text, true) }
      if first.name.equals("result") || first.name.equals("output") { return (text, false) }
    }
    return (node.fragment.compacted.quoted, false)
  }
}
