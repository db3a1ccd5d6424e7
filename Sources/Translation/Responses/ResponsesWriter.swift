// SPDX-License-Identifier: MIT

internal import JSON

/// Writes response objects, whole or of a stream's beginning and end.
struct ResponsesWriter {
  enum State {
    case inProgress
    case finished(FinishReason)
    case failed(ProviderError)
  }

  let context: AnswerContext
  var id: JSONText
  var model: JSONText

  init(_ context: AnswerContext) {
    self.context = context
    id = JSONText("resp_\(context.requestID)")
    model = context.model
  }

  /// A provider's own id and model; an id of another API's form does not help.
  mutating func name(id: JSONText?, model: JSONText?) {
    if let id, id.escaped.starts(with: "resp_".utf8) { self.id = id }
    if let model, !model.isEmpty { self.model = model }
  }

  func write(_ response: ChatResponse) -> [UInt8] {
    var writer = self
    writer.name(id: response.id, model: response.model)
    let choice = response.choices.first
    var items = items(of: choice)
    let finish = choice?.finish ?? .stop
    if let last = items.indices.last, finish == .length || finish == .contentFilter {
      items[last].status = .incomplete
    }
    var json = JSONBuilder()
    json.object { writer.append(.finished(finish), items, response.usage, to: &$0) }
    return json.finish()
  }

  private func items(of choice: ChatResponse.Choice?) -> [ResponsesItem] {
    var items: [ResponsesItem] = []
    func add(_ kind: ResponsesItem.Kind) -> Int {
      var item = ResponsesItem(kind, place: items.count, context)
      item.status = .completed
      items.append(item)
      return items.count - 1
    }
    func add(_ text: JSONText, isRefusal: Bool) {
      let isMessage = items.last.map { $0.kind == .message } ?? false
      let index = isMessage ? items.count - 1 : add(.message)
      if items[index].parts.last?.isRefusal != isRefusal {
        items[index].parts.append(ResponsesItem.Part(isRefusal: isRefusal))
      }
      items[index].parts[items[index].parts.count - 1].text.escaped += text.escaped
    }
    for block in choice?.blocks ?? [] {
      switch block.content {
      case .text(let text): add(text, isRefusal: false)
      case .refusal(let text): add(text, isRefusal: true)
      case .toolCall(let call): items[add(kind(of: call))].call = call
      case .reasoning(let reasoning): items[add(.reasoning)].reasoning = reasoning
      case .image, .audio, .file, .toolResult: break
      }
    }
    if let place = items.firstIndex(where: { $0.kind == .message }), !items[place].parts.isEmpty {
      items[place].parts[0].logProbabilities = Self.tokens(choice?.logProbabilities)
    }
    return items
  }

  func kind(of call: ToolCall) -> ResponsesItem.Kind {
    context.customTools.contains(call.name) ? .customCall : .call
  }

  /// The tokens of chat completions' `logprobs`, each with its bytes, which may be null there.
  static func tokens(_ logProbabilities: JSONFragment?) -> [JSONFragment] {
    let content = logProbabilities?.parsed["content"]
    return (content?.elements ?? JSONElements.none).map { token in
      .object { json in
        append(token, to: &json)
        json.array("top_logprobs") { json in
          for other in token["top_logprobs"]?.elements ?? JSONElements.none {
            json.object { append(other, to: &$0) }
          }
        }
      }
    }
  }

  private static func append(_ token: JSONNode, to json: inout JSONBuilder) {
    json.member("token", token["token"]?.text ?? .empty)
    json.member("logprob", token["logprob"]?.fragment ?? JSONFragment(literal: "-9999.0"))
    if let bytes = token["bytes"] {
      json.member("bytes", bytes.fragment)
    } else {
      json.array("bytes") { json in
        for byte in token["token"]?.text?.plainBytes ?? [] { json.integer(byte) }
      }
    }
  }

  // MARK: The object

  func append(
    _ state: State, _ items: [ResponsesItem], _ usage: Usage?, to json: inout JSONBuilder
  ) {
    json.member("id", id)
    json.member("object", literal: "response")
    json.member("created_at", integer: context.createdSeconds)
    appendState(state, to: &json)
    json.member("model", model)
    json.array("output") { json in
      for item in items { json.object { item.append(to: &$0) } }
    }
    for member in (context.echo ?? ResponsesEcho.plain).parsed.members {
      json.key(text: member.name)
      json.raw(member.value.fragment)
    }
    usage?.appendResponses(to: &json)
  }

  private func appendState(_ state: State, to json: inout JSONBuilder) {
    var error: ProviderError?
    var incomplete: StaticString?
    switch state {
    case .inProgress: json.member("status", literal: "in_progress")
    case .failed(let failure):
      json.member("status", literal: "failed")
      error = failure
    case .finished(let reason):
      switch reason {
      case .stop, .toolCalls: break
      case .length: incomplete = "max_output_tokens"
      case .contentFilter: incomplete = "content_filter"
      }
      json.member("status", literal: incomplete == nil ? "completed" : "incomplete")
    }
    if let error {
      json.object("error") { json in
        json.member("code", literal: Self.code(of: error.kind))
        json.member("message", string: error.message)
      }
    } else {
      json.nullMember("error")
    }
    if let incomplete {
      json.object("incomplete_details") { $0.member("reason", literal: incomplete) }
    } else {
      json.nullMember("incomplete_details")
    }
  }

  /// Of the few that the API has.
  private static func code(of kind: ProviderError.Kind) -> StaticString {
    switch kind {
    case .invalidRequest, .contextLengthExceeded, .contentFilter, .requestTooLarge:
      "invalid_prompt"
    case .rateLimit, .quota, .overloaded: "rate_limit_exceeded"
    case .authentication, .permission, .notFound, .timeout, .server: "server_error"
    }
  }
}

extension Usage {
  func appendResponses(to json: inout JSONBuilder) {
    json.object("usage") { json in
      json.member("input_tokens", integer: Int64(clamping: inputTokens))
      json.object("input_tokens_details") { json in
        json.member("cached_tokens", integer: Int64(clamping: cacheReadTokens))
        json.member("cache_write_tokens", integer: Int64(clamping: cacheWriteTokens))
      }
      json.member("output_tokens", integer: Int64(clamping: outputTokens))
      json.object("output_tokens_details") { json in
        json.member("reasoning_tokens", integer: Int64(clamping: reasoningTokens))
      }
      json.member("total_tokens", integer: Int64(clamping: totalTokens))
    }
  }
}
