// SPDX-License-Identifier: MIT

import ControlPlane

/// The API that a simulated client speaks: how it asks.
enum ClientAPI: String {
  case chat
  case messages
  case gemini
  case embeddings
  case ranking
  /// With a form as its body.
  case transcription

  static let chats: [ClientAPI] = [.chat, .messages, .gemini]
  static let others: [ClientAPI] = [.embeddings, .ranking, .transcription]

  /// What the provider says passes as it is.
  var isPassed: Bool { Self.others.contains(self) }

  /// A model that serves an API other than chats.
  var model: String {
    switch self {
    case .embeddings: "embed-h"
    case .ranking: "rank-i"
    default: "hear-j"
    }
  }

  private static let schema: JSONValue = [
    "type": "object", "properties": ["city": ["type": "string"]], "required": ["city"],
  ]

  /// The request's bytes for `plan`.
  func request(_ plan: RequestPlan, key: String = SimulatedGateway.key) -> [UInt8] {
    let body = self == .transcription ? form(plan) : body(plan).encodedBytes
    let type =
      self == .transcription ? "multipart/form-data; boundary=\(Self.boundary)" : "application/json"
    var head = "POST \(path(plan)) HTTP/1.1\r\nHost: gateway\r\nContent-Type: \(type)\r\n"
    head += "x-simulated: \(plan.tag)\r\n"
    switch self {
    case .chat, .embeddings, .ranking, .transcription:
      head += "Authorization: Bearer \(key)\r\n"
    case .messages:
      head += "x-api-key: \(key)\r\nanthropic-version: 2023-06-01\r\n"
    case .gemini: head += "x-goog-api-key: \(key)\r\n"
    }
    guard plan.isChunked else {
      return Array((head + "Content-Length: \(body.count)\r\n\r\n").utf8) + body
    }
    head += "Transfer-Encoding: chunked\r\n\r\n"
    let half = body.count / 2
    func chunk(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
      Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [0x0D, 0x0A]
    }
    return Array(head.utf8) + chunk(body[..<half]) + chunk(body[half...])
      + Array("0\r\n\r\n".utf8)
  }

  /// Whether nothing of an answer has come yet but the head of a stream and signs of life: an
  /// upstream may still be asked then.
  func isSilent(_ message: MessageReader) -> Bool {
    guard message.hasHead else { return true }
    guard message.status == 200, !message.isComplete else { return false }
    let sign: [UInt8] =
      switch self {
      case .chat: Array(": keep-alive\n\n".utf8)
      case .messages: Array("event: ping\ndata: {\"type\": \"ping\"}\n\n".utf8)
      default: [0x0A]
      }
    return message.body.indices.allSatisfy { message.body[$0] == sign[$0 % sign.count] }
  }

  private func path(_ plan: RequestPlan) -> String {
    switch self {
    case .chat: "/v1/chat/completions"
    case .messages: "/v1/messages"
    case .gemini:
      "/v1beta/models/\(plan.model):"
        + (plan.isStream ? "streamGenerateContent?alt=sse" : "generateContent")
    case .embeddings: "/v1/embeddings"
    case .ranking: "/v1/rerank"
    case .transcription: "/v1/audio/transcriptions"
    }
  }

  private static let boundary = "simulated-boundary"

  /// A file that has in it what ends other forms.
  private func form(_ plan: RequestPlan) -> [UInt8] {
    var text = ""
    for (name, value) in [("model", plan.model), ("prompt", "\(plan.tag) please")] {
      text += "--\(Self.boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n"
      text += value + "\r\n"
    }
    let sound = String(repeating: "\r\n--other\r\nsound \u{0}", count: plan.paddingWords)
    text += "--\(Self.boundary)\r\n"
    text += "Content-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n"
    text += "Content-Type: audio/mpeg\r\n\r\nID3\(sound)\r\n--\(Self.boundary)--\r\n"
    return Array(text.utf8)
  }

  private func body(_ plan: RequestPlan) -> JSONValue {
    let words = "\(plan.tag) please " + String(repeating: "padding ", count: plan.paddingWords)
    var members: [JSONValue.Member] = []
    switch self {
    case .chat:
      members.append(.init("model", .string(plan.model)))
      members.append(.init("messages", [["role": "user", "content": .string(words)]]))
      if plan.isStream { members.append(.init("stream", true)) }
      if plan.asksForUsage {
        members.append(.init("stream_options", ["include_usage": true]))
      }
      if plan.hasTools {
        let function: JSONValue = [
          "name": "get_weather", "description": "Weather.", "parameters": Self.schema,
        ]
        members.append(.init("tools", [["type": "function", "function": function]]))
      }
    case .messages:
      members.append(.init("model", .string(plan.model)))
      members.append(.init("max_tokens", 100_000))
      members.append(.init("messages", [["role": "user", "content": .string(words)]]))
      if plan.isStream { members.append(.init("stream", true)) }
      if plan.hasTools {
        members.append(
          .init(
            "tools",
            [["name": "get_weather", "description": "Weather.", "input_schema": Self.schema]]))
      }
    case .embeddings:
      members.append(.init("model", .string(plan.model)))
      members.append(.init("input", .string(words)))
      members.append(.init("dimensions", 8))
    case .ranking:
      members.append(.init("model", .string(plan.model)))
      members.append(.init("query", .string(words)))
      members.append(.init("documents", ["please", "padding", "other words"]))
    case .transcription: break
    case .gemini:
      members.append(
        .init("contents", [["role": "user", "parts": [["text": .string(words)]]]]))
      if plan.hasTools {
        let function: JSONValue = [
          "name": "get_weather", "description": "Weather.", "parametersJsonSchema": Self.schema,
        ]
        members.append(.init("tools", [["functionDeclarations": [function]]]))
      }
    }
    return .object(members)
  }
}
