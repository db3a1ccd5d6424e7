// SPDX-License-Identifier: MIT

import ControlPlane

/// The API that a simulated client speaks: how it asks.
enum ClientAPI: String, CaseIterable {
  case chat
  case messages
  case gemini

  private static let schema: JSONValue = [
    "type": "object", "properties": ["city": ["type": "string"]], "required": ["city"],
  ]

  /// The request's bytes for `plan`.
  func request(_ plan: RequestPlan) -> [UInt8] {
    let body = body(plan).encodedBytes
    var head = "POST \(path(plan)) HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n"
    switch self {
    case .chat: head += "Authorization: Bearer \(SimulatedGateway.key)\r\n"
    case .messages:
      head += "x-api-key: \(SimulatedGateway.key)\r\nanthropic-version: 2023-06-01\r\n"
    case .gemini: head += "x-goog-api-key: \(SimulatedGateway.key)\r\n"
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
      case .gemini: [0x0A]
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
    }
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
