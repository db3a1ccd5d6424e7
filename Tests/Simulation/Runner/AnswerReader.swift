// SPDX-License-Identifier: MIT

import ControlPlane

/// Reads what a client got, by its API, with the strictness of a client that trusts nobody.
struct AnswerReader {
  let api: ClientAPI
  private(set) var answer = Answer()
  private(set) var hasGoodEnd = false
  private(set) var error: String?
  private(set) var problem: String?
  private var usageCount = 0

  init(api: ClientAPI) { self.api = api }

  /// - Parameter isWhole: whether the message came to the end of its framing.
  static func outcome(
    _ message: MessageReader, _ plan: RequestPlan, isWhole: Bool
  )
    -> ClientOutcome
  {
    var reader = AnswerReader(api: plan.api)
    let isEvents = message.field("content-type")?.hasPrefix("text/event-stream") == true
    if message.status >= 400 {
      guard isWhole else { return .broken(nil) }
      return reader.refusal(message)
    }
    guard message.status == 200 else { return .invalid("status \(message.status)") }
    if isEvents != plan.isStream {
      let type = message.field("content-type") ?? "none"
      return isWhole ? .invalid("content type \(type)") : .broken(nil)
    }
    if isEvents {
      reader.readEvents(message.body)
    } else if isWhole {
      reader.readWhole(message.body)
    }
    if let problem = reader.problem { return .invalid(problem) }
    if let error = reader.error {
      return reader.hasGoodEnd
        ? .invalid("a good end and an error") : .failed(reader.answer, code: error)
    }
    guard isWhole else { return .broken(reader.answer) }
    let tail = String(decoding: message.body.suffix(500), as: UTF8.self)
    if !reader.hasGoodEnd {
      return .invalid("no good end, no error: \(reader.answer), in \(tail)")
    }
    if plan.isStream, plan.api == .chat, reader.usageCount > 0, !plan.asksForUsage {
      return .invalid("usage that was not asked for: \(tail)")
    }
    return .good(reader.answer, status: message.status)
  }

  private mutating func refusal(_ message: MessageReader) -> ClientOutcome {
    guard let value = try? JSONValue(parsing: message.body) else {
      let text = String(decoding: message.body.prefix(200), as: UTF8.self)
      return .invalid("an error that is no JSON: \(text)")
    }
    // Before the path is known the gateway cannot tell in whose form to speak.
    if let code = value["error"]?["code"]?.stringValue,
      code == "request_timeout" || code == "malformed_http"
    {
      return .refused(status: message.status, code: code)
    }
    guard let code = errorCode(value) else {
      return .invalid("an error of the wrong form: \(value.text.prefix(300))")
    }
    return .refused(status: message.status, code: code)
  }

  /// The code of an error in the API's form; nil where it has another.
  private func errorCode(_ value: JSONValue) -> String? {
    guard let error = value["error"], let message = error["message"]?.stringValue,
      !message.isEmpty
    else { return nil }
    switch api {
    case .chat, .embeddings, .ranking, .transcription:
      guard error["type"]?.stringValue != nil else { return nil }
      return error["code"]?.stringValue ?? "none"
    case .messages:
      guard value["type"]?.stringValue == "error" else { return nil }
      return error["type"]?.stringValue
    case .gemini:
      guard error["code"]?.integerValue != nil else { return nil }
      return error["status"]?.stringValue
    }
  }

  // MARK: Whole answers

  private mutating func readWhole(_ body: [UInt8]) {
    if api.isPassed {
      answer = Answer(passed: body)
      hasGoodEnd = true
      return
    }
    guard let value = try? JSONValue(parsing: body) else {
      problem = "an answer that is no JSON: \(String(decoding: body.prefix(200), as: UTF8.self))"
      return
    }
    switch api {
    case .chat:
      guard let choice = value["choices"]?[0], let message = choice["message"] else {
        problem = "an answer without choices"
        return
      }
      answer.text = message["content"]?.stringValue ?? ""
      for call in message["tool_calls"]?.arrayValue ?? [] {
        answer.calls.append(
          Answer.Call(
            name: call["function"]?["name"]?.stringValue ?? "",
            arguments: call["function"]?["arguments"]?.stringValue ?? ""))
      }
      finish(choice["finish_reason"]?.stringValue)
    case .messages:
      for block in value["content"]?.arrayValue ?? [] { readBlock(block) }
      finish(value["stop_reason"]?.stringValue)
    default: readCandidate(value)
    }
    if answer.ending == nil { problem = "an answer without a finish reason" }
    hasGoodEnd = problem == nil
  }

  private mutating func readBlock(_ block: JSONValue) {
    switch block["type"]?.stringValue {
    case "text": answer.text += block["text"]?.stringValue ?? ""
    case "tool_use":
      answer.calls.append(
        Answer.Call(
          name: block["name"]?.stringValue ?? "", arguments: block["input"]?.text ?? ""))
    default: break
    }
  }

  private mutating func readCandidate(_ value: JSONValue) {
    guard let candidate = value["candidates"]?[0] else { return }
    for part in candidate["content"]?["parts"]?.arrayValue ?? [] {
      if part["thought"]?.booleanValue == true { continue }
      answer.text += part["text"]?.stringValue ?? ""
      if let call = part["functionCall"] {
        answer.calls.append(
          Answer.Call(name: call["name"]?.stringValue ?? "", arguments: call["args"]?.text ?? "{}"))
      }
    }
    if let reason = candidate["finishReason"]?.stringValue { finish(reason) }
  }

  private mutating func finish(_ reason: String?) {
    guard let reason else { return }
    if answer.ending != nil { problem = "two finish reasons" }
    switch reason {
    case "end_turn", "STOP": answer.ending = answer.calls.isEmpty ? "stop" : "tool_calls"
    case "tool_use": answer.ending = "tool_calls"
    default: answer.ending = reason
    }
  }

  // MARK: Streams

  private mutating func readEvents(_ body: [UInt8]) {
    var data: [UInt8] = []
    for line in Self.lines(body) {
      if line.isEmpty {
        if !data.isEmpty { dispatch(String(decoding: data, as: UTF8.self)) }
        if problem != nil { return }
        data = []
      } else if line.starts(with: "data:".utf8) {
        if !data.isEmpty { data.append(0x0A) }
        data += line.dropFirst(5).drop { $0 == 0x20 }
      }
    }
    if api == .gemini, answer.ending != nil, error == nil { hasGoodEnd = true }
  }

  /// The complete lines, ended by CR LF, LF or CR (WHATWG HTML 9.2.5).
  private static func lines(_ body: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    var index = 0
    while index < body.count {
      let byte = body[index]
      index += 1
      guard byte == 0x0A || byte == 0x0D else { continue }
      lines.append(body[start..<index - 1])
      if byte == 0x0D, index < body.count, body[index] == 0x0A { index += 1 }
      start = index
    }
    return lines
  }

  private mutating func dispatch(_ data: String) {
    if hasGoodEnd { problem = "an event behind the end: \(data.prefix(100))" }
    if error != nil, data != "[DONE]" { problem = "an event behind an error" }
    if problem == nil { readEvent(data) }
  }

  private mutating func readEvent(_ data: String) {
    if data == "[DONE]" {
      if api != .chat { problem = "[DONE] is not of this API" }
      if error != nil { return problem = "[DONE] behind an error" }
      if answer.ending == nil { problem = "[DONE] without a finish reason" }
      hasGoodEnd = true
      return
    }
    guard let value = try? JSONValue(parsing: Array(data.utf8)) else {
      problem = "an event that is no JSON: \(data.prefix(100))"
      return
    }
    if value["error"] != nil {
      error = errorCode(value)
      if error == nil { problem = "an error event of the wrong form: \(data.prefix(200))" }
      return
    }
    switch api {
    case .chat: readChunk(value)
    case .messages: readMessageEvent(value)
    default:
      if answer.ending != nil, value["candidates"]?[0]?["content"]?["parts"]?[0] != nil {
        problem = "content behind the finish reason"
      }
      readCandidate(value)
    }
  }

  private mutating func readChunk(_ value: JSONValue) {
    if let usage = value["usage"], !usage.isNull { usageCount += 1 }
    guard let choice = value["choices"]?[0] else { return }
    let delta = choice["delta"]
    answer.text += delta?["content"]?.stringValue ?? ""
    for call in delta?["tool_calls"]?.arrayValue ?? [] {
      let index = Int(call["index"]?.integerValue ?? 0)
      guard index <= answer.calls.count, index >= 0 else {
        problem = "a tool call out of order"
        return
      }
      if index == answer.calls.count { answer.calls.append(Answer.Call()) }
      answer.calls[index].name += call["function"]?["name"]?.stringValue ?? ""
      answer.calls[index].arguments += call["function"]?["arguments"]?.stringValue ?? ""
    }
    finish(choice["finish_reason"]?.stringValue)
  }

  private mutating func readMessageEvent(_ value: JSONValue) {
    switch value["type"]?.stringValue {
    case "content_block_start":
      let block = value["content_block"]
      if block?["type"]?.stringValue == "tool_use" {
        answer.calls.append(Answer.Call(name: block?["name"]?.stringValue ?? ""))
      } else {
        answer.text += block?["text"]?.stringValue ?? ""
      }
    case "content_block_delta":
      answer.text += value["delta"]?["text"]?.stringValue ?? ""
      if let piece = value["delta"]?["partial_json"]?.stringValue {
        if answer.calls.isEmpty { return problem = "arguments without a call" }
        answer.calls[answer.calls.count - 1].arguments += piece
      }
    case "message_delta": finish(value["delta"]?["stop_reason"]?.stringValue)
    case "message_stop":
      if answer.ending == nil { problem = "message_stop without a stop reason" }
      hasGoodEnd = true
    default: break
    }
  }
}
