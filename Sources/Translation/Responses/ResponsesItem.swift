// SPDX-License-Identifier: MIT

internal import JSON

/// An item of a response's `output`.
struct ResponsesItem {
  enum Kind {
    case message
    case call
    case customCall
    case reasoning
  }

  enum Status {
    case inProgress
    case completed
    case incomplete

    var word: StaticString {
      switch self {
      case .inProgress: "in_progress"
      case .completed: "completed"
      case .incomplete: "incomplete"
      }
    }
  }

  /// A part of a message.
  struct Part {
    var isRefusal: Bool
    var text = JSONText.empty
    var logProbabilities: [JSONFragment] = []

    func append(to json: inout JSONBuilder) {
      json.member("type", literal: isRefusal ? "refusal" : "output_text")
      json.member(isRefusal ? "refusal" : "text", text)
      guard !isRefusal else { return }
      json.array("annotations") { _ in }
      appendLogProbabilities(to: &json)
    }

    func appendLogProbabilities(to json: inout JSONBuilder) {
      json.array("logprobs") { json in for value in logProbabilities { json.raw(value) } }
    }
  }

  let kind: Kind
  let id: JSONText
  var status = Status.inProgress
  /// Of a message.
  var parts: [Part] = []
  /// Of a call.
  var call = ToolCall(id: .empty, name: .empty, arguments: .empty)
  /// Of thoughts.
  var reasoning = ReasoningBlock(text: .empty)

  init(_ kind: Kind, id: JSONText) {
    self.kind = kind
    self.id = id
  }

  /// - Parameter place: among the items, for an id of its own.
  init(_ kind: Kind, place: Int, _ context: AnswerContext) {
    let prefix =
      switch kind {
      case .message: "msg"
      case .call: "fc"
      case .customCall: "ctc"
      case .reasoning: "rs"
      }
    self.init(kind, id: JSONText("\(prefix)_\(context.requestID)\(place)"))
  }

  func append(to json: inout JSONBuilder) {
    json.member("id", id)
    switch kind {
    case .message:
      json.member("type", literal: "message")
      json.member("status", literal: status.word)
      json.member("role", literal: "assistant")
      json.array("content") { json in
        for part in parts { json.object { part.append(to: &$0) } }
      }
    case .call:
      json.member("type", literal: "function_call")
      json.member("status", literal: status.word)
      json.member("call_id", call.id)
      json.member("name", call.name)
      json.member("arguments", call.arguments)
      OpenAIChatResponseWriter.appendSignature(call.signature, to: &json)
    case .customCall:
      json.member("type", literal: "custom_tool_call")
      json.member("status", literal: status.word)
      json.member("call_id", call.id)
      json.member("name", call.name)
      json.member("input", status == .inProgress ? .empty : CustomTool.input(call.arguments))
      OpenAIChatResponseWriter.appendSignature(call.signature, to: &json)
    case .reasoning:
      json.member("type", literal: "reasoning")
      json.array("summary") { json in
        guard !reasoning.text.isEmpty else { return }
        json.object { Self.appendSummary(reasoning.text, to: &$0) }
      }
      json.member("encrypted_content", ResponsesReasoning.encryptedContent(reasoning))
    }
  }

  static func appendSummary(_ text: JSONText, to json: inout JSONBuilder) {
    json.member("type", literal: "summary_text")
    json.member("text", text)
  }
}
