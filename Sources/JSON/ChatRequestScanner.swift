// SPDX-License-Identifier: MIT

public import Bytes

/// Reads the body of a chat, completion or embedding request in one pass: all of it is validated as
/// JSON, and where the members stand that the gateway looks at is noted. Nothing is decoded, so
/// unknown members, the spelling of numbers and the order reach the provider as they were sent.
public enum ChatRequestScanner {
  /// Fills `facts` from `body`.
  ///
  /// - Throws: where the body stops being one JSON object. Values of the wrong kind are no errors
  ///   here: see `ChatRequestFacts.firstWrongKind`.
  public static func scan(
    _ body: ByteView, into facts: inout ChatRequestFacts
  ) throws(JSONError) {
    facts = ChatRequestFacts()
    guard body.count <= Int(UInt32.max) else { throw JSONError(.tooLong, at: body.count) }
    var cursor = JSONCursor(body)
    guard try cursor.token() == 0x7b else { throw try notAnObject(cursor) }
    facts.objectStart = UInt32(truncatingIfNeeded: cursor.index)
    cursor.index &+= 1
    let first = try cursor.token()
    if first == 0x7d {
      cursor.index &+= 1
    } else {
      facts.isEmpty = false
      cursor.index = try members(cursor, first, &facts)
    }
    facts.objectEnd = UInt32(truncatingIfNeeded: cursor.index)
    cursor.trailingSpace()
    guard cursor.index == body.count else { throw JSONError(.trailingBytes, at: cursor.index) }
  }

  /// The body is another JSON value, or not JSON at all; the latter is said first.
  private static func notAnObject(_ start: JSONCursor) throws(JSONError) -> JSONError {
    var cursor = start
    cursor.index = try cursor.value(at: cursor.index, depth: 0).range.upperBound
    cursor.trailingSpace()
    guard cursor.index == cursor.text.count else {
      return JSONError(.trailingBytes, at: cursor.index)
    }
    return JSONError(.notAnObject, at: start.index)
  }

  /// From the first member's name, which starts with `first`, to after the closing brace.
  @inline(__always)
  private static func members(
    _ start: JSONCursor, _ first: UInt8, _ facts: inout ChatRequestFacts
  ) throws(JSONError) -> Int {
    var cursor = start
    var byte = first
    var occurred: UInt32 = 0
    while true {
      let nameStart = cursor.index
      let hasEscapes = try cursor.name(byte)
      let name = cursor.text[(nameStart &+ 1)..<(cursor.index &- 1)]
      byte = try cursor.colonAndToken()
      if let member = hasEscapes ? escapedMember(name) : ChatRequestMember(name: name) {
        let bit: UInt32 = 1 &<< UInt32(member.rawValue)
        facts.repeatedMembers |= occurred & bit
        occurred |= bit
        if byte == 0x5b || byte == 0x7b {
          cursor.index = try knownContainer(member, cursor, &facts)
        } else {
          let span = try cursor.value(at: cursor.index, depth: 1)
          cursor.index = span.range.upperBound
          store(member, span, &facts)
        }
      } else {
        facts.note(name, at: cursor.index)
        cursor.index = try cursor.value(at: cursor.index, depth: 1).range.upperBound
      }
      byte = try cursor.token()
      guard byte == 0x2c else {
        guard byte == 0x7d else { throw JSONError(.unexpectedByte, at: cursor.index) }
        return cursor.index &+ 1
      }
      cursor.index &+= 1
      byte = try cursor.token()
    }
  }

  @inline(never)
  private static func knownContainer(
    _ member: ChatRequestMember, _ cursor: JSONCursor, _ facts: inout ChatRequestFacts
  ) throws(JSONError) -> Int {
    let start = cursor.index
    let kind: JSONKind = cursor.text[start] == 0x7b ? .object : .array
    if member == .streamOptions && kind == .object {
      reset(&facts)
      let end = try streamOptions(cursor, &facts)
      facts.streamOptions = cursor.span(from: start, to: end, kind)
      facts.wrongMembers &= ~(1 << UInt32(ChatRequestMember.streamOptions.rawValue))
      return end
    }
    let (end, seen) = try cursor.container(at: start, depth: 1)
    store(member, cursor.span(from: start, to: end, kind), &facts)
    let count = kind == .array ? seen.elementCount : 0
    switch member {
    case .messages: facts.messageCount = count
    case .input, .prompt: facts.inputCount = count
    default: return end
    }
    facts.hasImages = facts.hasImages || seen.hasImage
    facts.hasAudio = facts.hasAudio || seen.hasAudio
    return end
  }

  /// A second `stream_options` replaces all of the first.
  private static func reset(_ facts: inout ChatRequestFacts) {
    facts.streamOptions = .absent
    facts.includeUsage = .absent
    facts.streamOptionsIsEmpty = true
  }

  private static func streamOptions(
    _ start: JSONCursor, _ facts: inout ChatRequestFacts
  ) throws(JSONError) -> Int {
    var walk = try JSONMembers(entering: start)
    while let name = try walk.next() {
      facts.streamOptionsIsEmpty = false
      let span = try walk.cursor.value(at: walk.cursor.index, depth: 2)
      walk.cursor.index = span.range.upperBound
      let isUsage =
        walk.nameHasEscapes
        ? JSONString.equals(name, "include_usage") : name.equals("include_usage")
      if isUsage { facts.includeUsage = span }
    }
    return walk.cursor.index
  }

  @inline(__always)
  private static func store(
    _ member: ChatRequestMember, _ span: JSONSpan, _ facts: inout ChatRequestFacts
  ) {
    let bit: UInt32 = 1 &<< UInt32(member.rawValue)
    if member.accepts(span.kind) {
      facts.wrongMembers &= ~bit
    } else {
      facts.wrongMembers |= bit
    }
    switch member {
    case .model: facts.model = span
    case .stream: facts.stream = span
    case .streamOptions:
      reset(&facts)
      facts.streamOptions = span
    case .maxTokens: facts.maxTokens = span
    case .maxCompletionTokens: facts.maxCompletionTokens = span
    case .n: facts.n = span
    case .user: facts.user = span
    case .metadata: facts.metadata = span
    case .messages: facts.messages = span
    case .input: facts.input = span
    case .prompt: facts.prompt = span
    case .tools: facts.tools = span
    case .functions: facts.functions = span
    case .responseFormat: facts.responseFormat = span
    case .serviceTier: facts.serviceTier = span
    case .maxOutputTokens: facts.maxOutputTokens = span
    }
  }

  /// A name written with escapes is the same name: `"m\u006fdel"` must not slip past.
  private static func escapedMember(_ name: ByteView) -> ChatRequestMember? {
    for rawValue in 0...ChatRequestMember.maxOutputTokens.rawValue {
      guard let member = ChatRequestMember(rawValue: rawValue) else { continue }
      if JSONString.equals(name, member.name) { return member }
    }
    return nil
  }
}

extension ChatRequestMember {
  /// The member called `name`, which has no escapes.
  @inline(__always)
  init?(name: ByteView) {
    switch name.count {
    case 1 where name.equals("n"): self = .n
    case 4 where name.equals("user"): self = .user
    case 5 where name.equals("model"): self = .model
    case 5 where name.equals("tools"): self = .tools
    case 5 where name.equals("input"): self = .input
    case 6 where name.equals("stream"): self = .stream
    case 6 where name.equals("prompt"): self = .prompt
    case 8 where name.equals("messages"): self = .messages
    case 8 where name.equals("metadata"): self = .metadata
    case 9 where name.equals("functions"): self = .functions
    case 10 where name.equals("max_tokens"): self = .maxTokens
    case 12 where name.equals("service_tier"): self = .serviceTier
    case 14 where name.equals("stream_options"): self = .streamOptions
    case 15 where name.equals("response_format"): self = .responseFormat
    case 17 where name.equals("max_output_tokens"): self = .maxOutputTokens
    case 21 where name.equals("max_completion_tokens"): self = .maxCompletionTokens
    default: return nil
    }
  }
}
