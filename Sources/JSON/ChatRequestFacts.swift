// SPDX-License-Identifier: MIT

/// The members of a request that the gateway looks at.
public enum ChatRequestMember: UInt8, CaseIterable, Sendable {
  case model
  case stream
  case streamOptions
  case maxTokens
  case maxCompletionTokens
  case n
  case user
  case metadata
  case messages
  case input
  case prompt
  case tools
  case functions
  case responseFormat
  case serviceTier
  /// Of the Responses API.
  case maxOutputTokens

  /// The name in the text.
  public var name: StaticString {
    switch self {
    case .model: "model"
    case .stream: "stream"
    case .streamOptions: "stream_options"
    case .maxTokens: "max_tokens"
    case .maxCompletionTokens: "max_completion_tokens"
    case .n: "n"
    case .user: "user"
    case .metadata: "metadata"
    case .messages: "messages"
    case .input: "input"
    case .prompt: "prompt"
    case .tools: "tools"
    case .functions: "functions"
    case .responseFormat: "response_format"
    case .serviceTier: "service_tier"
    case .maxOutputTokens: "max_output_tokens"
    }
  }

  /// Whether the OpenAI API takes a value of that kind; `null` stands for an absent member.
  @inline(__always)
  public func accepts(_ kind: JSONKind) -> Bool {
    (acceptedKinds &>> UInt16(kind.rawValue)) & 1 != 0
  }

  /// Bits of `JSONKind.rawValue`.
  @inline(__always)
  private var acceptedKinds: UInt16 {
    switch self {
    case .model: bit(.absent) | bit(.string)
    case .user: optional | bit(.string)
    case .stream: optional | bit(.true) | bit(.false)
    case .streamOptions, .metadata, .responseFormat: optional | bit(.object)
    case .maxTokens, .maxCompletionTokens, .n: optional | bit(.number)
    case .messages, .tools, .functions: optional | bit(.array)
    case .input, .prompt: optional | bit(.string) | bit(.array)
    // The gateway reads it for its price only; what it may be is the provider's business.
    case .serviceTier: .max
    // Nothing to the other APIs.
    case .maxOutputTokens: .max
    }
  }

  @inline(__always)
  private var optional: UInt16 { bit(.absent) | bit(.null) }

  @inline(__always)
  private func bit(_ kind: JSONKind) -> UInt16 { 1 &<< UInt16(kind.rawValue) }
}

/// What one pass over the body of a chat, completion or embedding request has found. POD; ranges
/// are relative to the body. Where a member occurs twice the last one is here, as providers read
/// it.
@frozen
public struct ChatRequestFacts: Sendable {
  public var model: JSONSpan = .absent
  public var stream: JSONSpan = .absent
  public var streamOptions: JSONSpan = .absent
  /// `include_usage` within `stream_options`.
  public var includeUsage: JSONSpan = .absent
  public var maxTokens: JSONSpan = .absent
  public var maxCompletionTokens: JSONSpan = .absent
  public var n: JSONSpan = .absent
  public var user: JSONSpan = .absent
  public var metadata: JSONSpan = .absent
  public var messages: JSONSpan = .absent
  public var input: JSONSpan = .absent
  public var prompt: JSONSpan = .absent
  public var tools: JSONSpan = .absent
  public var functions: JSONSpan = .absent
  public var responseFormat: JSONSpan = .absent
  public var serviceTier: JSONSpan = .absent
  public var maxOutputTokens: JSONSpan = .absent
  /// Where the values of members stand that only affinity asks about: `system` of Anthropic's API
  /// or `instructions` of the Responses API, and `prompt_cache_key`; 0 where there is none. A span
  /// each would be thrice as long, in every exchange.
  public var systemStart: UInt32 = 0
  public var promptCacheKeyStart: UInt32 = 0
  /// Elements of `messages`, if that is an array.
  public var messageCount: UInt32 = 0
  /// Elements of `input` or `prompt`, if that is an array (of texts or of tokens).
  public var inputCount: UInt32 = 0
  /// Whether a content part of `messages` or `input` carries an image.
  public var hasImages: Bool = false
  /// Whether a content part of `messages` or `input` carries audio.
  public var hasAudio: Bool = false
  /// Whether `stream_options` is an object without members.
  public var streamOptionsIsEmpty: Bool = true
  /// Whether the body is an object without members.
  public var isEmpty: Bool = true
  /// The offset of the body's opening brace.
  public var objectStart: UInt32 = 0
  /// The offset just after its closing brace.
  public var objectEnd: UInt32 = 0
  /// Bits of `ChatRequestMember.rawValue`: members that occur more than once. Another server might
  /// believe the first; one that decides about rights by `model` had better refuse those.
  public var repeatedMembers: UInt32 = 0
  /// Bits of `ChatRequestMember.rawValue`: members whose value is of a kind that the API refuses.
  public var wrongMembers: UInt32 = 0

  @inlinable
  public init() {}

  @inlinable
  public func isRepeated(_ member: ChatRequestMember) -> Bool {
    repeatedMembers & (1 &<< UInt32(member.rawValue)) != 0
  }

  /// Whether the caller asked for a stream.
  @inlinable
  public var wantsStream: Bool { stream.kind == .true }

  /// Whether the caller asked for the usage chunk at the end of the stream.
  @inlinable
  public var wantsUsage: Bool { includeUsage.kind == .true }

  @inlinable
  public var hasTools: Bool { tools.isPresent || functions.isPresent }

  /// The span of a member.
  public subscript(member: ChatRequestMember) -> JSONSpan {
    switch member {
    case .model: model
    case .stream: stream
    case .streamOptions: streamOptions
    case .maxTokens: maxTokens
    case .maxCompletionTokens: maxCompletionTokens
    case .n: n
    case .user: user
    case .metadata: metadata
    case .messages: messages
    case .input: input
    case .prompt: prompt
    case .tools: tools
    case .functions: functions
    case .responseFormat: responseFormat
    case .serviceTier: serviceTier
    case .maxOutputTokens: maxOutputTokens
    }
  }

  /// The first member whose value is of a kind that the API refuses, for a 400 that names it. A
  /// missing member is no such case.
  @inlinable
  public func firstWrongKind() -> ChatRequestMember? {
    guard wrongMembers != 0 else { return nil }
    return ChatRequestMember(rawValue: UInt8(wrongMembers.trailingZeroBitCount))
  }
}
