// SPDX-License-Identifier: MIT

internal import ControlPlane

/// The responses that a fake keeps: the newest thousand, each for the account that made it.
struct KeptResponses {
  struct Kept: Sendable {
    var account: String
    var body: JSONValue
    var input: JSONValue
    /// The conversation so far, this answer included.
    var messages: [AnswerRequest.Message]
  }

  static let countMaximum = 1_000

  private var kept: [String: Kept] = [:]
  private var order: [String] = []

  mutating func keep(_ id: String, _ response: Kept) {
    if kept.updateValue(response, forKey: id) == nil { order.append(id) }
    if order.count > Self.countMaximum { kept[order.removeFirst()] = nil }
  }

  func find(_ id: String, account: String) -> Kept? {
    kept[id].flatMap { $0.account == account ? $0 : nil }
  }

  mutating func remove(_ id: String) {
    kept[id] = nil
    order.removeAll { $0 == id }
  }
}

extension WireExchange {
  /// Whose memory it is.
  private var account: String { bearerToken ?? request.header("api-key") ?? "" }

  func response(_ body: JSONValue) throws(ProviderError) -> ProviderAnswer {
    let account = account
    let read = try ResponsesRequest(body) { id in
      provider.withResponses { $0.find(id, account: account)?.messages }
    }
    let answer = ResponsesAnswer(
      answer: ScriptedAnswer(read.request, script: script), request: read, script: script,
      created: now)
    if body["store"]?.booleanValue != false, let id = answer.body["id"]?.stringValue {
      let text = answer.answer.choice.blocks.compactMap { block -> String? in
        if case .text(let text) = block { text } else { nil }
      }.joined()
      let kept = KeptResponses.Kept(
        account: account, body: answer.body, input: body["input"] ?? .null,
        messages: read.request.messages + [.init(role: "assistant", text: text)])
      provider.withResponses { $0.keep(id, kept) }
    }
    if !read.request.isStream { return .json(answer.body) }
    var stream = ProviderAnswer.stream(answer.events)
    stream.errorForm = .responses
    return stream
  }

  /// `POST /v1/responses/input_tokens`.
  func countTokens(_ body: JSONValue) throws(ProviderError) -> ProviderAnswer {
    let account = account
    let read = try ResponsesRequest(body) { id in
      provider.withResponses { $0.find(id, account: account)?.messages }
    }
    return .json([
      "object": "response.input_tokens", "input_tokens": .integer(Int64(read.request.promptTokens)),
    ])
  }

  /// `GET` and `DELETE /v1/responses/{id}`, `…/cancel`, `…/input_items`.
  func keptResponse() throws(ProviderError) -> ProviderAnswer {
    try checkOpenAIKey()
    let steps = (path.split(separator: "/responses/", maxSplits: 1).last ?? "").split(
      separator: "/")
    let id = steps.first.map { Script.percentDecoded($0) } ?? ""
    let account = account
    guard let kept = provider.withResponses({ $0.find(id, account: account) }) else {
      throw ProviderError(.notFound, "Response with id '\(id)' not found.")
    }
    switch steps.dropFirst().first {
    case nil:
      try checkMethod("GET", "DELETE")
      if request.method == "GET" { return .json(kept.body) }
      provider.withResponses { $0.remove(id) }
      return .json(["id": .string(id), "object": "response", "deleted": true])
    case "cancel":
      try checkMethod("POST")
      throw .invalidRequest("Cannot cancel a response that is not in the background.")
    case "input_items":
      try checkMethod("GET")
      let items: [JSONValue] =
        kept.input.arrayValue ?? [
          [
            "id": .string("msg_\(id)"), "type": "message", "role": "user",
            "content": [
              ["type": "input_text", "text": .string(kept.input.stringValue ?? "")]
            ],
          ]
        ]
      return .json([
        "object": "list", "data": .array(items), "has_more": false,
        "first_id": .string("msg_\(id)"), "last_id": .string("msg_\(id)"),
      ])
    default: throw ProviderError(.notFound)
    }
  }
}
