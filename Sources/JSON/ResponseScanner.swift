// SPDX-License-Identifier: MIT

public import Bytes

/// Reads what the gateway has to know from response bodies and from the data of stream chunks.
public enum ResponseScanner {
  /// Finds the usage in a complete body or chunk without a look at the rest, which is not
  /// validated: a search for the name from the end, where providers write it, and a scan of its
  /// object. Nil if the last `usage` is no object or there is none.
  public static func usage(in text: ByteView) -> TokenUsage? {
    locateUsage(in: text)?.usage
  }

  /// As `usage(in:)`, with the offset just after the object.
  ///
  /// - Parameter shape: what the same upstream's usage looked like before.
  public static func locateUsage(
    in text: ByteView, shape: UsageShape? = nil
  ) -> (usage: TokenUsage, end: Int)? {
    guard text.count <= Int(UInt32.max), let index = text.lastIndex(of: "\"usage\"") else {
      return nil
    }
    var cursor = JSONCursor(text, at: index + 7)
    cursor.trailingSpace()
    guard cursor.index < text.count, text[cursor.index] == 0x3a else { return nil }
    cursor.index += 1
    cursor.trailingSpace()
    guard cursor.index < text.count, text[cursor.index] == 0x7b else { return nil }
    if let found = shape?.read(text, at: cursor.index) { return found }
    if let found = UsageReader.read(text, at: cursor.index, teaching: shape) { return found }
    var usage = TokenUsage()
    do throws(JSONError) {
      let end = try object(at: cursor, &usage)
      return (usage, end)
    } catch {
      return nil
    }
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
    var start = JSONCursor(text)
    guard try start.token() == 0x7b else { throw JSONError(.notAnObject, at: start.index) }
    var walk = try JSONMembers(entering: start)
    while let name = try walk.next() {
      walk.cursor.index = try member(name, walk.cursor, &facts)
    }
    walk.cursor.trailingSpace()
    guard walk.cursor.index == text.count else {
      throw JSONError(.trailingBytes, at: walk.cursor.index)
    }
  }

  @inline(__always)
  private static func member(
    _ name: ByteView, _ cursor: JSONCursor, _ facts: inout ResponseFacts
  ) throws(JSONError) -> Int {
    if name.count == 7 && name.equals("choices") && cursor.text[cursor.index] == 0x5b {
      return try choices(cursor, &facts)
    }
    if name.count == 5 && name.equals("usage") {
      facts.hasUsage = false
      if cursor.text[cursor.index] == 0x7b {
        var usage = TokenUsage()
        let end = try object(at: cursor, &usage)
        facts.usage = usage
        facts.hasUsage = true
        facts.usageSpan = cursor.span(from: cursor.index, to: end, .object)
        return end
      }
    }
    let span = try cursor.value(at: cursor.index, depth: 1)
    switch name.count {
    case 2 where name.equals("id"): facts.id = span
    case 4 where name.equals("type"): facts.type = span
    case 4 where name.equals("code"): facts.code = span
    case 5 where name.equals("param"): facts.parameter = span
    case 5 where name.equals("model"): facts.model = span
    case 5 where name.equals("error"): facts.error = span.isPresent ? span : .absent
    case 5 where name.equals("usage"): facts.usageSpan = span
    case 6 where name.equals("object"): facts.object = span
    case 7 where name.equals("message"): facts.message = span
    case 7 where name.equals("choices"):
      facts.choices = span
      facts.choiceCount = 0
    default: break
    }
    return span.range.upperBound
  }

  private static func choices(
    _ start: JSONCursor, _ facts: inout ResponseFacts
  ) throws(JSONError) -> Int {
    var cursor = start
    facts.choiceCount = 0
    cursor.index &+= 1
    var byte = try cursor.token()
    while byte != 0x5d {
      facts.choiceCount &+= 1
      if byte == 0x7b {
        cursor.index = try choice(cursor, &facts)
      } else {
        cursor.index = try cursor.value(at: cursor.index, depth: 2).range.upperBound
      }
      byte = try cursor.token()
      if byte == 0x5d { break }
      guard byte == 0x2c else { throw JSONError(.unexpectedByte, at: cursor.index) }
      cursor.index &+= 1
      byte = try cursor.token()
      guard byte != 0x5d else { throw JSONError(.unexpectedByte, at: cursor.index) }
    }
    facts.choices = cursor.span(from: start.index, to: cursor.index &+ 1, .array)
    return cursor.index &+ 1
  }

  private static func choice(
    _ start: JSONCursor, _ facts: inout ResponseFacts
  ) throws(JSONError) -> Int {
    var walk = try JSONMembers(entering: start)
    while let name = try walk.next() {
      let span = try walk.cursor.value(at: walk.cursor.index, depth: 3)
      walk.cursor.index = span.range.upperBound
      if span.kind == .string && name.equals("finish_reason") { facts.finishReason = span }
    }
    return walk.cursor.index
  }

  private static func object(
    at start: JSONCursor, _ usage: inout TokenUsage
  ) throws(JSONError) -> Int {
    var walk = try JSONMembers(entering: start)
    while let name = try walk.next() {
      if walk.cursor.text[walk.cursor.index] == 0x7b {
        walk.cursor.index = try details(name, walk.cursor, &usage)
        continue
      }
      let span = try walk.cursor.value(at: walk.cursor.index, depth: 2)
      walk.cursor.index = span.range.upperBound
      guard let count = span.tokenCount(in: walk.cursor.text) else { continue }
      usage.set(UsageField(name), count)
    }
    return walk.cursor.index
  }

  /// The counts inside `prompt_tokens_details` and `completion_tokens_details`.
  private static func details(
    _ name: ByteView, _ start: JSONCursor, _ usage: inout TokenUsage
  ) throws(JSONError) -> Int {
    let isPrompt = TokenUsage.isPromptDetails(name)
    let isCompletion = TokenUsage.isCompletionDetails(name)
    guard isPrompt || isCompletion else {
      return try start.container(at: start.index, depth: 2).end
    }
    var walk = try JSONMembers(entering: start)
    while let member = try walk.next() {
      let span = try walk.cursor.value(at: walk.cursor.index, depth: 3)
      walk.cursor.index = span.range.upperBound
      guard let count = span.tokenCount(in: walk.cursor.text) else { continue }
      usage.set(UsageField(detail: member, isPrompt: isPrompt), count)
    }
    return walk.cursor.index
  }
}

extension JSONSpan {
  /// A count of tokens: a whole number that is not negative.
  fileprivate func tokenCount(in text: ByteView) -> UInt64? {
    guard let value = integer(in: text), value >= 0 else { return nil }
    return UInt64(value)
  }
}
