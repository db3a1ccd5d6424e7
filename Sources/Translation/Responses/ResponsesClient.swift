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
    guard body.isObject else { throw .invalid("body", "must be an object") }
    var reader = ResponsesRequestReader()
    for member in body.members where member.value.kind != .null {
      try reader.read(member.name, member.value)
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

/// What stands in `encrypted_content`. A provider's own content stays as it is; a signature, which
/// belongs to the text beside it, is marked.
enum ResponsesReasoning {
  private static let signatureMark = "signature."

  static func encryptedContent(_ block: ReasoningBlock) -> JSONText? {
    if let encrypted = block.encrypted { return encrypted }
    guard let signature = block.signature else { return nil }
    return JSONText(escaped: ArraySlice(signatureMark.utf8) + signature.escaped)
  }

  static func block(text: JSONText, encryptedContent: JSONText?) -> ReasoningBlock {
    guard let content = encryptedContent else { return ReasoningBlock(text: text) }
    guard content.escaped.starts(with: signatureMark.utf8) else {
      return ReasoningBlock(text: text, encrypted: content)
    }
    let signature = JSONText(escaped: content.escaped.dropFirst(signatureMark.utf8.count))
    return ReasoningBlock(text: text, signature: signature)
  }
}
