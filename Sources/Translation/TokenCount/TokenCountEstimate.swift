// SPDX-License-Identifier: MIT

internal import JSON

/// How many tokens a request has, about: for clients that ask for a count where the provider does
/// not count. Rather more than less, since clients use it to stay below a limit.
public enum TokenCountEstimate {
  /// Anthropic's documentation has it that an image costs its area / 750, and shrinks those that
  /// come to more than this.
  static let imageTokens: Int64 = 1_600
  /// A page of a PDF is text and image.
  static let documentTokensMinimum: Int64 = 2_000
  static let documentBytesPerToken: Int64 = 24
  /// What Anthropic's models are told about tools.
  static let toolUseTokens: Int64 = 346
  static let messageTokens: Int64 = 4
  static let toolTokens: Int64 = 12

  public static func inputTokens(of request: ChatRequest) -> Int64 {
    var tokens: Int64 = 3
    for message in request.messages {
      tokens += messageTokens
      for block in message.blocks { tokens += count(block) }
    }
    if !request.tools.isEmpty { tokens += toolUseTokens }
    for tool in request.tools {
      tokens += toolTokens + count(tool.name)
      if let description = tool.description { tokens += count(description) }
      if let schema = tool.parameters { tokens += count(bytes: schema.bytes) }
    }
    if case .jsonSchema(let format) = request.output { tokens += count(bytes: format.schema.bytes) }
    return tokens
  }

  private static func count(_ block: Block) -> Int64 {
    switch block.content {
    case .text(let text), .refusal(let text): return count(text)
    case .image: return imageTokens
    case .audio(let media), .file(let media): return count(media)
    case .toolCall(let call): return toolTokens + count(call.name) + count(call.arguments)
    case .toolResult(let result): return result.blocks.reduce(toolTokens) { $0 + count($1) }
    // Thoughts of earlier turns are not read again.
    case .reasoning: return 0
    }
  }

  private static func count(_ media: Media) -> Int64 {
    guard case .base64(let data) = media.source else { return documentTokensMinimum }
    if let text = media.documentText { return count(text) }
    let bytes = Int64(data.escaped.count) / 4 * 3
    return max(documentTokensMinimum, bytes / documentBytesPerToken)
  }

  private static func count(_ text: JSONText) -> Int64 { count(bytes: text.plainBytes) }

  /// Seven letters are two tokens; a character that is not ASCII is one.
  private static func count(bytes: some Sequence<UInt8>) -> Int64 {
    var letters: Int64 = 0
    var others: Int64 = 0
    for byte in bytes {
      if byte < 0x80 { letters += 1 } else if byte >= 0xc0 { others += 1 }
    }
    return others + (letters * 2 + 6) / 7
  }
}
