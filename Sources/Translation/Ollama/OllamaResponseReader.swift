// SPDX-License-Identifier: MIT

internal import Bytes
internal import JSON

/// Reads answers of `/api/chat`: whole, and line by line.
enum OllamaResponseReader {
  static func read(_ root: JSONNode) throws(TranslationError) -> ChatResponse {
    if let error = root["error"] {
      throw TranslationError(OllamaErrorReader.read(error, status: 0))
    }
    guard let message = root["message"], message.isObject else {
      throw .malformed("The answer has no message.")
    }
    guard root["done"]?.bool != false else { throw .malformed("The answer is only a part of one.") }
    var blocks: [Block] = []
    if let text = filled(message["thinking"]) {
      blocks.append(Block(.reasoning(ReasoningBlock(text: text))))
    }
    if let text = filled(message["content"]) { blocks.append(Block(.text(text))) }
    var identifiers = OllamaCallIdentifiers(root)
    var hasCalls = false
    for node in message["tool_calls"]?.elements ?? JSONElements.none {
      blocks.append(Block(.toolCall(try call(node, &identifiers))))
      hasCalls = true
    }
    let word = filled(root["done_reason"])
    var response = ChatResponse()
    response.model = root["model"]?.text ?? .empty
    response.choices = [
      ChatResponse.Choice(
        blocks: blocks, finish: finish(word, hasCalls: hasCalls), nativeFinish: word,
        logProbabilities: root["logprobs"].flatMap(logProbabilities))
    ]
    response.usage = usage(root)
    return response
  }

  static func filled(_ node: JSONNode?) -> JSONText? {
    node?.text.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The arguments are an object; older servers gave a string.
  static func call(
    _ node: JSONNode, _ identifiers: inout OllamaCallIdentifiers
  ) throws(TranslationError) -> ToolCall {
    guard let function = node["function"], let name = filled(function["name"]) else {
      throw .malformed("A tool call has no name.")
    }
    let arguments = function["arguments"]
    return ToolCall(
      id: filled(node["id"]) ?? identifiers.next(), name: name,
      arguments: arguments?.text ?? arguments?.fragment.compacted.quoted ?? "{}")
  }

  static func finish(_ word: JSONText?, hasCalls: Bool) -> FinishReason {
    if word?.equals("length") == true { return .length }
    return hasCalls ? .toolCalls : .stop
  }

  /// A prompt that was cached whole has no count.
  static func usage(_ root: JSONNode) -> Usage? {
    let input = root["prompt_eval_count"]?.integer
    let output = root["eval_count"]?.integer
    guard input != nil || output != nil else { return nil }
    var usage = Usage()
    usage.inputTokens = UInt64(clamping: input ?? 0)
    usage.outputTokens = UInt64(clamping: output ?? 0)
    return usage
  }

  /// OpenAI's form, from an array of tokens.
  static func logProbabilities(_ node: JSONNode) -> JSONFragment? {
    guard node.isArray else { return nil }
    var json = JSONBuilder()
    json.object { json in
      json.array("content") { json in
        for token in node.elements {
          json.object { json in
            append(token, to: &json)
            json.array("top_logprobs") { json in
              for top in token["top_logprobs"]?.elements ?? JSONElements.none {
                json.object { append(top, to: &$0) }
              }
            }
          }
        }
      }
      json.nullMember("refusal")
    }
    return JSONFragment(validated: json.bytes[...])
  }

  private static func append(_ token: JSONNode, to json: inout JSONBuilder) {
    json.member("token", token["token"]?.text ?? .empty)
    json.member("logprob", token["logprob"]?.fragment ?? JSONFragment(literal: "0"))
    json.member("bytes", token["bytes"]?.fragment ?? JSONFragment(literal: "null"))
  }
}

/// Ids for the calls of one answer, which older servers do not give. Answers have no ids either,
/// but a time in nanoseconds.
struct OllamaCallIdentifiers {
  private let stem: String
  private var count = 0

  /// - Parameter root: the answer, or its first line.
  init(_ root: JSONNode) {
    stem = ToolIdentifiers.digest(
      of: root["created_at"]?.fragment.bytes ?? root.fragment.bytes)
  }

  mutating func next() -> JSONText {
    defer { count += 1 }
    return JSONText("call_\(stem)_\(count)")
  }
}
