// SPDX-License-Identifier: MIT

public import Bytes

/// Reads what the gateway has to know from response bodies and from the data of stream chunks.
public enum ResponseScanner {
  /// Whether the data of a chunk can be relayed without a scan: it mentions neither a `usage` that
  /// is an object nor an `error`, and no choice says why it finished. (Quotes inside strings are
  /// escaped, so a quoted name found here is a string of its own.)
  public static func isPlainChunk(_ data: ByteView) -> Bool {
    guard data.firstIndex(of: "\"error\"") == nil else { return false }
    if let found = data.firstIndex(of: "\"usage\"") {
      guard isNull(data, after: found + 7),
        data.firstIndex(of: "\"usage\"", from: found + 7) == nil
      else { return false }
    }
    var index = 0
    while let found = data.firstIndex(of: "\"finish_reason\"", from: index) {
      guard isNull(data, after: found + 15) else { return false }
      index = found + 15
    }
    return true
  }

  private static func isNull(_ data: ByteView, after index: Int) -> Bool {
    var cursor = JSONCursor(data, at: index)
    cursor.space()
    guard cursor.index < data.count, data[cursor.index] == 0x3a else { return false }
    cursor.index += 1
    cursor.space()
    return data.dropFirst(cursor.index).starts(with: "null")
  }

  /// Scans `text`, all of it.
  public static func scan(_ text: ByteView, into facts: inout ResponseFacts) {
    facts = ResponseFacts()
    do throws(JSONError) {
      try object(text, &facts)
      facts.isValid = true
    } catch {
      facts.failure = error
    }
  }

  private static func object(_ text: ByteView, _ facts: inout ResponseFacts) throws(JSONError) {
    guard text.count <= Int(UInt32.max) else { throw JSONError(.tooLong, at: text.count) }
    var cursor = JSONCursor(text)
    cursor.space()
    guard try cursor.byte() == 0x7b else { throw JSONError(.notAnObject, at: cursor.index) }
    var walk = try JSONMembers(entering: &cursor)
    while let name = try walk.next(&cursor) {
      try member(name, &cursor, &facts)
    }
    cursor.space()
    guard cursor.index == text.count else { throw JSONError(.trailingBytes, at: cursor.index) }
  }

  private static func member(
    _ name: ByteView, _ cursor: inout JSONCursor, _ facts: inout ResponseFacts
  ) throws(JSONError) {
    switch name.count {
    case 2 where name.equals("id"): facts.id = try value(&cursor)
    case 4 where name.equals("type"): facts.type = try value(&cursor)
    case 4 where name.equals("code"): facts.code = try value(&cursor)
    case 5 where name.equals("param"): facts.parameter = try value(&cursor)
    case 5 where name.equals("model"): facts.model = try value(&cursor)
    case 5 where name.equals("error"):
      let span = try value(&cursor)
      facts.error = span.isPresent ? span : .absent
    case 5 where name.equals("usage"): try usage(&cursor, &facts)
    case 6 where name.equals("object"): facts.object = try value(&cursor)
    case 7 where name.equals("message"): facts.message = try value(&cursor)
    case 7 where name.equals("choices"): try choices(&cursor, &facts)
    default: _ = try value(&cursor)
    }
  }

  @inline(never)
  private static func value(
    _ cursor: inout JSONCursor, depth: Int = 1
  ) throws(JSONError) -> JSONSpan {
    try cursor.value(depth: depth)
  }

  private static func choices(
    _ cursor: inout JSONCursor, _ facts: inout ResponseFacts
  ) throws(JSONError) {
    facts.choiceCount = 0
    guard try cursor.byte() == 0x5b else {
      facts.choices = try value(&cursor)
      return
    }
    let start = cursor.index
    cursor.index += 1
    cursor.space()
    if try cursor.byte() == 0x5d {
      cursor.index += 1
    } else {
      while true {
        facts.choiceCount &+= 1
        try choice(&cursor, &facts)
        cursor.space()
        let byte = try cursor.byte()
        cursor.index += 1
        if byte == 0x5d { break }
        guard byte == 0x2c else { throw JSONError(.unexpectedByte, at: cursor.index - 1) }
        cursor.space()
      }
    }
    facts.choices = JSONSpan(range: ByteRange(start, cursor.index), kind: .array)
  }

  private static func choice(
    _ cursor: inout JSONCursor, _ facts: inout ResponseFacts
  ) throws(JSONError) {
    guard try cursor.byte() == 0x7b else {
      _ = try value(&cursor, depth: 2)
      return
    }
    var walk = try JSONMembers(entering: &cursor)
    while let name = try walk.next(&cursor) {
      let span = try value(&cursor, depth: 3)
      if span.kind == .string && name.equals("finish_reason") { facts.finishReason = span }
    }
  }

  private static func usage(
    _ cursor: inout JSONCursor, _ facts: inout ResponseFacts
  ) throws(JSONError) {
    let start = cursor.index
    guard try cursor.byte() == 0x7b else {
      facts.usageSpan = try value(&cursor)
      return
    }
    var usage = TokenUsage()
    var walk = try JSONMembers(entering: &cursor)
    while let name = try walk.next(&cursor) {
      if try cursor.byte() == 0x7b {
        try details(name, &cursor, &usage)
        continue
      }
      let count = try value(&cursor, depth: 2).tokenCount(in: cursor.text)
      guard let count else { continue }
      switch name.count {
      case 12 where name.equals("total_tokens"): usage.totalTokens = count
      case 12 where name.equals("input_tokens"): usage.promptTokens = count
      case 13 where name.equals("prompt_tokens"): usage.promptTokens = count
      case 13 where name.equals("output_tokens"): usage.completionTokens = count
      case 17 where name.equals("completion_tokens"): usage.completionTokens = count
      case 23 where name.equals("prompt_cache_hit_tokens"): usage.cachedTokens = count
      default: break
      }
    }
    facts.hasUsage = true
    facts.usage = usage
    facts.usageSpan = JSONSpan(range: ByteRange(start, cursor.index), kind: .object)
  }

  private static func details(
    _ name: ByteView, _ cursor: inout JSONCursor, _ usage: inout TokenUsage
  ) throws(JSONError) {
    let isPrompt =
      name.equals("prompt_tokens_details") || name.equals("input_tokens_details")
    let isCompletion =
      name.equals("completion_tokens_details") || name.equals("output_tokens_details")
    var walk = try JSONMembers(entering: &cursor)
    while let member = try walk.next(&cursor) {
      let count = try value(&cursor, depth: 3).tokenCount(in: cursor.text)
      guard let count else { continue }
      if isPrompt && member.equals("cached_tokens") { usage.cachedTokens = count }
      if isCompletion && member.equals("reasoning_tokens") { usage.reasoningTokens = count }
    }
  }
}

extension JSONSpan {
  /// A count of tokens: a whole number that is not negative.
  fileprivate func tokenCount(in text: ByteView) -> UInt64? {
    guard let value = integer(in: text), value >= 0 else { return nil }
    return UInt64(value)
  }
}

/// Walks the members of one object: stops at each value, which the caller steps over.
struct JSONMembers {
  private var isFirst = true
  private var isEmpty = false

  /// Steps over the opening brace at the cursor.
  init(entering cursor: inout JSONCursor) throws(JSONError) {
    try cursor.take(0x7b)
    cursor.space()
    if try cursor.byte() == 0x7d {
      cursor.index += 1
      isEmpty = true
    }
  }

  /// The name of the next member, as it is written; the cursor is at its value. Nil after the
  /// closing brace.
  mutating func next(_ cursor: inout JSONCursor) throws(JSONError) -> ByteView? {
    if isEmpty { return nil }
    if !isFirst {
      cursor.space()
      let byte = try cursor.byte()
      cursor.index += 1
      if byte == 0x7d { return nil }
      guard byte == 0x2c else { throw JSONError(.unexpectedByte, at: cursor.index - 1) }
      cursor.space()
    }
    isFirst = false
    let start = cursor.index
    guard try cursor.byte() == 0x22 else { throw JSONError(.unexpectedByte, at: start) }
    _ = try cursor.string()
    let name = cursor.text[(start + 1)..<(cursor.index - 1)]
    cursor.space()
    try cursor.take(0x3a)
    cursor.space()
    return name
  }
}
