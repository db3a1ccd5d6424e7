// SPDX-License-Identifier: MIT

public import JSON

/// Clients of OpenAI's Responses API (OpenAI API reference, "Responses").
///
/// The gateway keeps no responses: what refers to an earlier one is refused. Thoughts travel in
/// `reasoning` items, whose `encrypted_content` bears whatever their provider wants back.
public enum ResponsesClient: ClientWire {
  public static let name: StaticString = "responses"
  public static let streamContentType: StaticString = "text/event-stream"

  public static func readRequest(_ body: JSONNode) throws(TranslationError) -> ChatRequest {
    try read(body, needsInput: true)
  }

  /// - Parameter needsInput: a question for the number of tokens may have none.
  static func read(
    _ body: JSONNode, needsInput: Bool
  ) throws(TranslationError) -> ChatRequest {
    guard body.isObject else { throw .invalid("body", "must be an object") }
    var reader = ResponsesRequestReader()
    for member in body.members where member.value.kind != .null {
      try reader.read(member.name, member.value)
    }
    return try reader.finish(needsInput: needsInput)
  }

  /// Without what needs a memory, and without tools that OpenAI runs.
  public static func readContent(_ body: JSONNode) throws(TranslationError) -> ChatRequest {
    var reader = ResponsesRequestReader()
    for member in body.members where member.value.kind != .null {
      switch member.name.plain {
      case "model", "instructions", "input": try reader.read(member.name, member.value)
      case "tools": reader.readFunctions(member.value)
      default: break
      }
    }
    return try reader.finish()
  }

  public static func echo(of body: JSONNode) -> JSONFragment? { ResponsesEcho.read(body) }

  public static func writeResponse(
    _ response: ChatResponse, _ context: AnswerContext
  ) -> [UInt8] {
    ResponsesWriter(context).write(response)
  }

  public static func writeError(_ error: ProviderError, _ context: AnswerContext) -> [UInt8] {
    OpenAIChatClient.writeError(error, context)
  }

  public static func makeStreamEncoder(_ context: AnswerContext) -> any StreamEncoder {
    ResponsesStreamEncoder(context)
  }
}
