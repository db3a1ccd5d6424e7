// SPDX-License-Identifier: MIT

public import JSON

public enum Role: UInt8, Sendable {
  /// Instructions of whoever runs the application (OpenAI also calls it `developer`). May stand
  /// anywhere; leading ones are a conversation's system prompt.
  case system
  case user
  case assistant
}

/// One turn: blocks in their order. Results of tools are blocks of a user's turn.
public struct Message: Sendable {
  public var role: Role
  public var blocks: [Block]
  /// OpenAI `name`: tells speakers of one role apart.
  public var name: JSONText?
  /// The answer is to go on with this text (DeepSeek `prefix`).
  public var isPrefix = false

  public init(_ role: Role, _ blocks: [Block], name: JSONText? = nil) {
    self.role = role
    self.blocks = blocks
    self.name = name
  }
}

/// A piece of a turn.
public struct Block: Sendable {
  public var content: Content
  /// The provider may keep everything up to here for later requests (Anthropic `cache_control`, as
  /// it was written; Bedrock `cachePoint`).
  public var cacheControl: JSONFragment?

  public init(_ content: Content, cacheControl: JSONFragment? = nil) {
    self.content = content
    self.cacheControl = cacheControl
  }

  public enum Content: Sendable {
    case text(JSONText)
    case image(Media)
    case audio(Media)
    /// A document, such as a PDF.
    case file(Media)
    case toolCall(ToolCall)
    case toolResult(ToolResult)
    case reasoning(ReasoningBlock)
    /// What the model said instead of answering.
    case refusal(JSONText)
  }
}

/// Data in some format, by value or by reference.
public struct Media: Sendable {
  public enum Source: Sendable {
    /// Base64, as it was written.
    case base64(JSONText)
    /// An address the provider is to fetch from.
    case url(JSONText)
    /// An id of the provider's own file store.
    case file(JSONText)
  }

  public var source: Source
  /// Such as `image/png`; nil when unknown.
  public var mediaType: JSONText?
  public var name: JSONText?
  /// OpenAI `detail` of images: `low`, `high`, `auto`.
  public var detail: JSONText?

  public init(
    _ source: Source, mediaType: JSONText? = nil, name: JSONText? = nil, detail: JSONText? = nil
  ) {
    self.source = source
    self.mediaType = mediaType
    self.name = name
    self.detail = detail
  }
}

/// A model's wish to have a tool called.
public struct ToolCall: Sendable {
  public var id: JSONText
  public var name: JSONText
  /// A JSON text within a string, kept verbatim: models also write what is no JSON.
  public var arguments: JSONText
  /// What the provider wants back with this call in later requests (Gemini `thoughtSignature`).
  public var signature: JSONText?

  public init(id: JSONText, name: JSONText, arguments: JSONText, signature: JSONText? = nil) {
    self.id = id
    self.name = name
    self.arguments = arguments
    self.signature = signature
  }
}

/// What a tool returned.
public struct ToolResult: Sendable {
  /// The id of the call.
  public var id: JSONText
  /// Text, images and files only.
  public var blocks: [Block]
  public var isError: Bool

  public init(id: JSONText, blocks: [Block], isError: Bool = false) {
    self.id = id
    self.blocks = blocks
    self.isError = isError
  }
}

/// A model's thoughts, and what its provider wants back of them.
public struct ReasoningBlock: Equatable, Sendable {
  /// Empty where the provider keeps the thoughts to itself.
  public var text: JSONText
  /// Proof of the provider that the text is its own (Anthropic `signature`, Gemini
  /// `thoughtSignature`).
  public var signature: JSONText?
  /// Thoughts that only the provider can read (Anthropic `redacted_thinking.data`, OpenAI
  /// `encrypted_content`).
  public var encrypted: JSONText?

  public init(text: JSONText, signature: JSONText? = nil, encrypted: JSONText? = nil) {
    self.text = text
    self.signature = signature
    self.encrypted = encrypted
  }
}
