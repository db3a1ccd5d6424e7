// SPDX-License-Identifier: MIT

internal import ControlPlane

extension Script {
  /// A script that cannot be read: which key and why.
  public struct ParseError: Error, Sendable, Equatable {
    public let key: String
    public let message: String
  }

  static let headerPrefix = "x-scripted-"
  static let userPrefix = "script:"
  static let delayMillisecondsMaximum = 600_000
  static let answerTokensMaximum = 1_000_000
  static let bytesMaximum = 1 << 30
  static let callsMaximum = 128

  /// Applies the `script:` text of a `user` field; any other text is a user and has no effect.
  public mutating func apply(user: String) throws(ParseError) {
    guard user.hasPrefix(Self.userPrefix) else { return }
    for pair in user.dropFirst(Self.userPrefix.count).split(separator: ",") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count == 2 ? Self.percentDecoded(parts[1]) : "1"
      try set(trimmed(parts[0]), value)
    }
  }

  /// Applies the script in the text of a request's last message; what stands in earlier ones was
  /// for earlier requests.
  mutating func apply(prompt body: JSONValue) throws(ParseError) {
    guard let text = Self.promptScript(body) else { return }
    try apply(user: text)
  }

  /// Applies every `x-scripted-…` header.
  public mutating func apply(headers: [(name: String, value: String)]) throws(ParseError) {
    for header in headers {
      let name = header.name.lowercased()
      guard name.hasPrefix(Self.headerPrefix) else { continue }
      let key = name.dropFirst(Self.headerPrefix.count).map { $0 == "-" ? "_" : $0 }
      try set(String(key), header.value)
    }
  }

  /// Sets one key.
  public mutating func set(_ key: String, _ value: String) throws(ParseError) {
    if try setDelay(key, value) { return }
    if try setAnswer(key, value) { return }
    if try setBlocks(key, value) { return }
    if try setFault(key, value) { return }
    if try setFraming(key, value) { return }
    if try setEventForm(key, value) { return }
    if try setInterruption(key, value) { return }
    throw ParseError(key: key, message: "unknown script key `\(key)`")
  }

  private mutating func setDelay(_ key: String, _ value: String) throws(ParseError) -> Bool {
    let limit = 0...Self.delayMillisecondsMaximum
    switch key {
    case "delay_ms": delayMilliseconds = try number(key, value, limit)
    case "first_chunk_delay_ms": firstChunkDelayMilliseconds = try number(key, value, limit)
    case "chunk_delay_ms": chunkDelayMilliseconds = try number(key, value, limit)
    case "split_delay_ms": splitDelayMilliseconds = try number(key, value, limit)
    case "slow":
      if try flag(key, value) {
        firstChunkDelayMilliseconds = 500
        chunkDelayMilliseconds = 100
      }
    default: return false
    }
    return true
  }

  private mutating func setAnswer(_ key: String, _ value: String) throws(ParseError) -> Bool {
    switch key {
    case "chunk_tokens": chunkTokens = try number(key, value, 1...Self.answerTokensMaximum)
    case "tokens": answerTokens = try number(key, value, 0...Self.answerTokensMaximum)
    case "text": answerText = value
    case "finish":
      finish = try oneOf(key, value, ScriptedAnswer.Ending.init)
    case "native_finish": nativeFinish = value
    case "cached_tokens": cachedTokens = try number(key, value, 0...Self.answerTokensMaximum)
    case "cache_write_tokens":
      cacheWriteTokens = try number(key, value, 0...Self.answerTokensMaximum)
    case "no_usage": omitsUsage = try flag(key, value)
    case "times": times = try number(key, value, 0...1_000_000)
    case "id": identifier = value
    default: return false
    }
    return true
  }

  private mutating func setBlocks(_ key: String, _ value: String) throws(ParseError) -> Bool {
    switch key {
    case "call":
      let parts = value.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      if calls.count == Self.callsMaximum {
        throw ParseError(key: key, message: "at most \(Self.callsMaximum) calls")
      }
      calls.append(
        Call(name: String(parts[0]), arguments: parts.count == 2 ? String(parts[1]) : nil))
    case "before": textBeforeCalls = value
    case "after": textAfterCalls = value
    case "reasoning": reasoningText = value
    case "reasoning_tokens":
      reasoningTokens = try number(key, value, 0...Self.answerTokensMaximum)
    case "hidden_reasoning":
      hiddenReasoningTokens = try number(key, value, 0...Self.answerTokensMaximum)
    case "refusal": endsWithRefusal = try flag(key, value)
    case "block_prompt": blocksPrompt = try flag(key, value)
    default: return false
    }
    return true
  }

  private mutating func setFault(_ key: String, _ value: String) throws(ParseError) -> Bool {
    let chunk = 0...Self.answerTokensMaximum
    switch key {
    case "status": status = try number(key, value, 400...599)
    case "error": errorKind = try oneOf(key, value, ProviderError.Kind.init)
    case "error_code": errorCode = value
    case "retry_after": retryAfterSeconds = try number(key, value, 0...86_400)
    case "retry_after_ms": retryAfterMilliseconds = try number(key, value, 0...86_400_000)
    case "html": isHTML = try flag(key, value)
    case "error_body": hasErrorBody = try flag(key, value)
    case "error_at_chunk": errorAtChunk = try number(key, value, chunk)
    case "malformed_chunk": malformedChunk = try number(key, value, chunk)
    case "no_done": omitsDone = try flag(key, value)
    case "no_finish": omitsFinish = try flag(key, value)
    case "malformed_head": hasMalformedHead = try flag(key, value)
    default: return false
    }
    return true
  }

  private mutating func setFraming(_ key: String, _ value: String) throws(ParseError) -> Bool {
    switch key {
    case "gzip": compresses = try flag(key, value)
    case "bad_crc": corruptFrame = try number(key, value, 0...Self.answerTokensMaximum)
    case "wire": wire = try oneOf(key, value, Wire.init)
    case "split_bytes": splitBytes = try number(key, value, 1...Self.bytesMaximum)
    case "close": closesConnection = try flag(key, value)
    case "eof": isFramedByClose = try flag(key, value)
    case "header_bytes": paddingHeaderBytes = try number(key, value, 1...(1 << 20))
    case "interim": sendsInterimResponse = try flag(key, value)
    default: return false
    }
    return true
  }

  private mutating func setEventForm(_ key: String, _ value: String) throws(ParseError) -> Bool {
    switch key {
    case "sse_crlf": eventForms.usesCarriageReturnsAndLineFeeds = try flag(key, value)
    case "sse_cr": eventForms.usesCarriageReturns = try flag(key, value)
    case "sse_comments": eventForms.sendsComments = try flag(key, value)
    case "sse_multiline": eventForms.splitsDataLines = try flag(key, value)
    case "sse_no_space": eventForms.omitsSpaces = try flag(key, value)
    case "sse_bom": eventForms.startsWithByteOrderMark = try flag(key, value)
    case "sse_no_last_blank": eventForms.omitsLastBlankLine = try flag(key, value)
    case "unknown_event": sendsUnknownEvent = try flag(key, value)
    case "usage_with_finish": mergesUsageIntoFinish = try flag(key, value)
    default: return false
    }
    return true
  }

  private mutating func setInterruption(_ key: String, _ value: String) throws(ParseError) -> Bool {
    let bytes = 0...Self.bytesMaximum
    let found: Interruption
    switch key {
    case "reset_at": found = Interruption(.reset, .afterBodyBytes(try number(key, value, bytes)))
    case "cut_at": found = Interruption(.cut, .afterBodyBytes(try number(key, value, bytes)))
    case "stall_at": found = Interruption(.stall, .afterBodyBytes(try number(key, value, bytes)))
    case "reset": found = Interruption(.reset, .beforeHead)
    case "cut": found = Interruption(.cut, .beforeHead)
    case "stall": found = Interruption(.stall, .beforeHead)
    case "half": found = Interruption(.cut, .halfOfBody)
    default: return false
    }
    let isWanted = key.hasSuffix("_at") ? true : try flag(key, value)
    if isWanted { interruption = found }
    return true
  }

  private func oneOf<Value: RawRepresentable & CaseIterable>(
    _ key: String, _ value: String, _ make: (String) -> Value?
  ) throws(ParseError) -> Value where Value.RawValue == String {
    if let found = make(value) { return found }
    let known = Value.allCases.map(\.rawValue).joined(separator: " ")
    throw ParseError(
      key: key, message: "script key `\(key)` must be one of \(known), not `\(value)`")
  }

  private func number(
    _ key: String, _ value: String, _ range: ClosedRange<Int>
  ) throws(ParseError) -> Int {
    if let number = Int(value), range.contains(number) { return number }
    throw ParseError(
      key: key,
      message: "script key `\(key)` must be from \(range.lowerBound) to \(range.upperBound), "
        + "not `\(value)`")
  }

  private func flag(_ key: String, _ value: String) throws(ParseError) -> Bool {
    switch value {
    case "1", "true": return true
    case "0", "false": return false
    default:
      throw ParseError(key: key, message: "script key `\(key)` must be 0 or 1, not `\(value)`")
    }
  }

  private func trimmed(_ text: Substring) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }

  static func percentDecoded(_ text: some StringProtocol) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
