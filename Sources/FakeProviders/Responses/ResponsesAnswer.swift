// SPDX-License-Identifier: MIT

internal import ControlPlane

/// An answer as `/v1/responses` gives it: the `response` object with its output items.
struct ResponsesAnswer {
  let answer: ScriptedAnswer
  let request: ResponsesRequest
  let script: Script
  /// Seconds since 1970.
  let created: Int64

  enum Status: String {
    case inProgress = "in_progress"
    case completed
    case incomplete
  }

  /// One output item, with its place.
  struct Item {
    var identifier: String
    var index: Int
    var block: ScriptedAnswer.Block
  }

  var status: Status {
    switch answer.choice.ending {
    case .length, .contextWindow, .contentFilter: .incomplete
    default: .completed
    }
  }

  var isRefusal: Bool { answer.choice.ending == .refusal }

  var items: [Item] {
    answer.choice.blocks.enumerated().map { index, block in
      let prefix =
        switch block {
        case .reasoning, .hiddenReasoning: "rs_"
        case .text: "msg_"
        case .call: "fc_"
        }
      return Item(identifier: "\(prefix)\(answer.digits)\(index)", index: index, block: block)
    }
  }

  // MARK: The response

  var body: JSONValue { response(status, items.map { finished($0) }) }

  func response(_ status: Status, _ output: [JSONValue]) -> JSONValue {
    let given = request.body
    func repeated(_ name: String, _ usual: JSONValue) -> JSONValue.Member {
      let value = given[name] ?? .null
      return .init(name, value.isNull ? usual : value)
    }
    let isOver = status != .inProgress
    var members: [JSONValue.Member] = [
      .init("id", .string("resp_" + answer.digits)), .init("object", "response"),
      .init("created_at", .integer(created)), .init("status", .string(status.rawValue)),
      .init("background", false), .init("error", .null),
      .init("incomplete_details", isOver ? incompleteDetails : .null),
      repeated("instructions", .null), repeated("max_output_tokens", .null),
      .init("model", .string(answer.model)), .init("output", .array(output)),
      repeated("parallel_tool_calls", true), .init("previous_response_id", .null),
      repeated("reasoning", ["effort": .null, "summary": .null]), repeated("store", true),
      repeated("temperature", 1), repeated("text", ["format": ["type": "text"]]),
      repeated("tool_choice", "auto"), repeated("tools", []), repeated("top_p", 1),
      repeated("truncation", "disabled"), repeated("metadata", [:]),
    ]
    if isOver, !script.omitsUsage { members.append(.init("usage", usage)) }
    return .object(members)
  }

  private var incompleteDetails: JSONValue {
    if status == .completed { return .null }
    let isFiltered = answer.choice.ending == .contentFilter
    return ["reason": isFiltered ? "content_filter" : "max_output_tokens"]
  }

  private var usage: JSONValue {
    [
      "input_tokens": JSONValue(answer.promptTokens),
      "input_tokens_details": [
        "cached_tokens": JSONValue(answer.cachedTokens),
        "cache_write_tokens": JSONValue(answer.cacheWriteTokens),
      ],
      "output_tokens": JSONValue(answer.completionTokens),
      "output_tokens_details": ["reasoning_tokens": JSONValue(answer.reasoningTokens)],
      "total_tokens": JSONValue(answer.promptTokens + answer.completionTokens),
    ]
  }

  // MARK: Items

  func finished(_ item: Item) -> JSONValue {
    switch item.block {
    case .text(let text): return message(item, [part(text)], status: "completed")
    case .reasoning(let text):
      return [
        "id": .string(item.identifier), "type": "reasoning",
        "summary": [["type": "summary_text", "text": .string(text)]],
      ]
    case .hiddenReasoning(let tokens):
      return [
        "id": .string(item.identifier), "type": "reasoning", "summary": [],
        "encrypted_content": .string(ThinkingSignature.redacted(tokens: tokens)),
      ]
    case .call(let call): return functionCall(item, call, call.arguments, status: "completed")
    }
  }

  /// The item as `response.output_item.added` has it: without what is streamed.
  func opened(_ item: Item) -> JSONValue {
    switch item.block {
    case .text: message(item, [], status: "in_progress")
    case .reasoning: ["id": .string(item.identifier), "type": "reasoning", "summary": []]
    case .hiddenReasoning: finished(item)
    case .call(let call): functionCall(item, call, "", status: "in_progress")
    }
  }

  func part(_ text: String) -> JSONValue {
    isRefusal
      ? ["type": "refusal", "refusal": .string(text)]
      : ["type": "output_text", "text": .string(text), "annotations": [], "logprobs": []]
  }

  private func message(_ item: Item, _ content: [JSONValue], status: JSONValue) -> JSONValue {
    [
      "id": .string(item.identifier), "type": "message", "status": status, "role": "assistant",
      "content": .array(content),
    ]
  }

  private func functionCall(
    _ item: Item, _ call: ScriptedAnswer.ToolCall, _ arguments: String, status: JSONValue
  ) -> JSONValue {
    [
      "id": .string(item.identifier), "status": status,
      "type": call.isCustom ? "custom_tool_call" : "function_call",
      "call_id": .string(call.openAIIdentifier), "name": .string(call.name),
      call.isCustom ? "input" : "arguments": .string(arguments),
    ]
  }
}
