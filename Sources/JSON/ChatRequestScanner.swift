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
    cursor.space()
    guard try cursor.byte() == 0x7b else { throw try notAnObject(&cursor) }
    facts.objectStart = UInt32(truncatingIfNeeded: cursor.index)
    cursor.index &+= 1
    cursor.space()
    if try cursor.byte() == 0x7d {
      cursor.index &+= 1
    } else {
      facts.isEmpty = false
      try members(&cursor, &facts)
    }
    facts.objectEnd = UInt32(truncatingIfNeeded: cursor.index)
    cursor.space()
    guard cursor.index == body.count else { throw JSONError(.trailingBytes, at: cursor.index) }
  }

  /// The body is another JSON value, or not JSON at all; the latter is said first.
  private static func notAnObject(_ cursor: inout JSONCursor) throws(JSONError) -> JSONError {
    let start = cursor.index
    _ = try cursor.value(depth: 0)
    cursor.space()
    guard cursor.index == cursor.text.count else {
      return JSONError(.trailingBytes, at: cursor.index)
    }
    return JSONError(.notAnObject, at: start)
  }

  /// From the first member's name to after the closing brace.
  @inline(__always)
  private static func members(
    _ cursor: inout JSONCursor, _ facts: inout ChatRequestFacts
  ) throws(JSONError) {
    var occurred: UInt32 = 0
    while true {
      let nameStart = cursor.index
      guard try cursor.byte() == 0x22 else { throw JSONError(.unexpectedByte, at: nameStart) }
      let hasEscapes = try cursor.string()
      let name = cursor.text[(nameStart &+ 1)..<(cursor.index &- 1)]
      cursor.space()
      try cursor.take(0x3a)
      cursor.space()
      if let member = hasEscapes ? escapedMember(name) : ChatRequestMember(name: name) {
        let bit: UInt32 = 1 &<< UInt32(member.rawValue)
        facts.repeatedMembers |= occurred & bit
        occurred |= bit
        try known(member, &cursor, &facts)
      } else {
        _ = try anyValue(&cursor)
      }
      cursor.space()
      let byte = try cursor.byte()
      cursor.index &+= 1
      if byte == 0x7d { return }
      guard byte == 0x2c else { throw JSONError(.unexpectedByte, at: cursor.index &- 1) }
      cursor.space()
    }
  }

  @inline(never)
  private static func anyValue(_ cursor: inout JSONCursor) throws(JSONError) -> JSONSpan {
    try cursor.value(depth: 1)
  }

  @inline(__always)
  private static func known(
    _ member: ChatRequestMember, _ cursor: inout JSONCursor, _ facts: inout ChatRequestFacts
  ) throws(JSONError) {
    let first = try cursor.byte()
    if first == 0x5b || first == 0x7b {
      try knownContainer(member, &cursor, &facts)
      return
    }
    let span = try anyValue(&cursor)
    switch member {
    case .model: facts.model = span
    case .stream: facts.stream = span
    case .maxTokens: facts.maxTokens = span
    case .user: facts.user = span
    case .streamOptions: reset(&facts, span)
    default: store(member, span, &facts)
    }
  }

  private static func knownContainer(
    _ member: ChatRequestMember, _ cursor: inout JSONCursor, _ facts: inout ChatRequestFacts
  ) throws(JSONError) {
    let start = cursor.index
    let kind: JSONKind = cursor.text[start] == 0x7b ? .object : .array
    var seen = JSONSeen()
    if member == .streamOptions && kind == .object {
      reset(&facts, .absent)
      try streamOptions(&cursor, &facts)
    } else {
      seen = try cursor.container(depth: 1)
    }
    let span = JSONSpan(range: ByteRange(start, cursor.index), kind: kind)
    let count = kind == .array ? seen.elementCount : 0
    switch member {
    case .messages:
      facts.messages = span
      facts.messageCount = count
      facts.hasImages = facts.hasImages || seen.hasImage
      facts.hasAudio = facts.hasAudio || seen.hasAudio
    case .input, .prompt:
      store(member, span, &facts)
      facts.inputCount = count
      facts.hasImages = facts.hasImages || seen.hasImage
      facts.hasAudio = facts.hasAudio || seen.hasAudio
    case .streamOptions: facts.streamOptions = span
    default: store(member, span, &facts)
    }
  }

  /// A second `stream_options` replaces all of the first.
  private static func reset(_ facts: inout ChatRequestFacts, _ span: JSONSpan) {
    facts.streamOptions = span
    facts.includeUsage = .absent
    facts.streamOptionsIsEmpty = true
  }

  private static func streamOptions(
    _ cursor: inout JSONCursor, _ facts: inout ChatRequestFacts
  ) throws(JSONError) {
    cursor.index += 1
    cursor.space()
    if try cursor.byte() == 0x7d {
      cursor.index += 1
      return
    }
    facts.streamOptionsIsEmpty = false
    while true {
      let nameStart = cursor.index
      guard try cursor.byte() == 0x22 else { throw JSONError(.unexpectedByte, at: nameStart) }
      let hasEscapes = try cursor.string()
      let name = cursor.text[(nameStart + 1)..<(cursor.index - 1)]
      cursor.space()
      try cursor.take(0x3a)
      cursor.space()
      let span = try cursor.value(depth: 2)
      let isUsage =
        hasEscapes
        ? JSONString.equals(name, "include_usage") : name.equals("include_usage")
      if isUsage { facts.includeUsage = span }
      cursor.space()
      let byte = try cursor.byte()
      cursor.index += 1
      if byte == 0x7d { return }
      guard byte == 0x2c else { throw JSONError(.unexpectedByte, at: cursor.index - 1) }
      cursor.space()
    }
  }

  private static func store(
    _ member: ChatRequestMember, _ span: JSONSpan, _ facts: inout ChatRequestFacts
  ) {
    switch member {
    case .model: facts.model = span
    case .stream: facts.stream = span
    case .streamOptions: facts.streamOptions = span
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
    }
  }

  /// A name written with escapes is the same name: `"m\u006fdel"` must not slip past.
  private static func escapedMember(_ name: ByteView) -> ChatRequestMember? {
    for rawValue in 0...ChatRequestMember.responseFormat.rawValue {
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
    case 14 where name.equals("stream_options"): self = .streamOptions
    case 15 where name.equals("response_format"): self = .responseFormat
    case 21 where name.equals("max_completion_tokens"): self = .maxCompletionTokens
    default: return nil
    }
  }
}
