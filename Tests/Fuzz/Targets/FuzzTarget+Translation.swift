// SPDX-License-Identifier: MIT

import Bytes
import JSON
import Translation

private let words = [
  "\"model\":\"m\"", "\"messages\":[", "{\"role\":\"user\",\"content\":\"a\"}", "\"role\":",
  "\"assistant\"", "\"system\"", "\"tool\"", "\"content\":[{\"type\":\"text\",\"text\":\"a\"}]",
  "\"tool_calls\":[", "\"tool_call_id\":\"c\"", "\"type\":\"tool_use\"", "\"tool_use_id\":",
  "\"type\":\"tool_result\"", "\"input\":{}", "\"arguments\":\"{}\"", "\"function\":{",
  "\"image_url\":{\"url\":\"data:image/png;base64,AA==\"}", "\"contents\":[{\"parts\":[",
  "\"functionCall\":{\"name\":\"f\",\"args\":{}}", "\"functionResponse\":", "\"inlineData\":",
  "\"tools\":[", "\"tool_choice\":", "\"response_format\":", "\"json_schema\"", "\"stop\":[",
  "\"thinking\":", "\"reasoning_effort\":\"high\"", "\"max_tokens\":1", "\"n\":2",
  "\"choices\":[", "\"delta\":{", "\"finish_reason\":\"stop\"", "\"usage\":{", "\"index\":1",
  "\"candidates\":[", "\"finishReason\":\"STOP\"", "\"output\":[", "\"toolUse\":{", "data: ",
  "event: ", "message_start", "content_block_start", "content_block_delta", "message_delta",
  "message_stop", "[DONE]", "\n\n", "\r\n", "\"done\":true", "response.completed", "null", "{}",
  "[]", "\"\"", "-1", "1e99", "\\ud800", "\\u0000",
]

private let context = AnswerContext(
  requestID: "fuzz", createdSeconds: 1, model: "m", wantsStreamUsage: true)

extension FuzzTarget {
  /// Most bytes that a small input may become.
  private static let outputBytesMaximum = 8 << 20

  /// Whatever a client sends is read or refused, and what is read becomes a JSON request for every
  /// provider, or is refused. The first byte chooses the client.
  static let clientRequest = FuzzTarget(name: "client-request", dictionary: words) { input in
    guard let first = input.first else { return }
    let client = Wires.clients[Int(first) % Wires.clients.count]
    guard let root = parsed(input.dropFirst()), let request = read(client, root) else { return }
    for provider in Wires.providers {
      for unsupported in [UpstreamModel.UnsupportedParameters.drop, .refuse] {
        let target = UpstreamModel(
          name: "m", traits: provider.traits(of: "m"), maximumOutputTokens: 100,
          unsupported: unsupported)
        let translator = RequestTranslator(client: client, provider: provider)
        guard let translated = try? translator.translate(request, to: target) else { continue }
        try requireJSON(translated.body, "\(client.name) to \(provider.name)")
      }
    }
  }

  /// Whatever a provider answers is read or refused, and what is read becomes an answer for every
  /// client; as an error it always does. The first byte chooses the provider.
  static let providerAnswer = FuzzTarget(name: "provider-answer", dictionary: words) { input in
    guard let first = input.first else { return }
    let provider = Wires.providers[Int(first) % Wires.providers.count]
    let body = input.dropFirst()
    let error = withView(body) {
      provider.readError(
        status: 400 + UInt16(first), headers: ErrorHeaders(amazonErrorType: nil), body: $0)
    }
    let response = parsed(body).flatMap { try? provider.readResponse($0) }
    for client in Wires.clients {
      try requireJSON(client.writeError(error, context), "an error for \(client.name)")
      guard let response else { continue }
      try requireJSON(client.writeResponse(response, context), "for \(client.name)")
    }
  }

  /// A stream means the same however it is cut, comes to a good end only where the provider's own
  /// end stands in it, and never grows without bound. The first two bytes choose provider and
  /// client, the second also what lies around the answer, the third the cuts.
  static let providerStream = FuzzTarget(name: "provider-stream", dictionary: words) { input in
    guard input.count > 3 else { return }
    let provider = Wires.providers[Int(input[0]) % Wires.providers.count]
    let client = Wires.clients[Int(input[1]) % Wires.clients.count]
    let (whole, cut) = pieces(of: Array(input.dropFirst(2)))
    var shape = AnswerShape()
    shape.isWrapped = input[1] & 0x40 != 0
    shape.isQuoted = input[1] & 0x80 != 0
    let once = outcome(provider, client, shape, [whole[...]])
    let often = outcome(provider, client, shape, cut)
    try require(
      once.isGood == often.isGood && once.hasFailed == often.hasFailed,
      "whole: good \(once.isGood), in pieces: good \(often.isGood)")
    if once.isGood { try require(once.output == often.output, "other bytes when cut") }
    try require(
      often.output.count < outputBytesMaximum, "\(whole.count) became \(often.output.count)")
    // Escapes may hide the word, so such inputs prove nothing.
    if once.isGood, !whole.contains(UInt8(ascii: "\\")) {
      let text = String(decoding: whole, as: UTF8.self)
      let ends = terminators["\(provider.name)"] ?? ["[DONE]"]
      try require(
        ends.contains { text.contains($0) },
        "a good end of \(provider.name) without any of \(ends)")
    }
  }

  /// Frames of Amazon's are given just where both checksums are right, however they are cut.
  static let amazonEventStream = FuzzTarget(
    name: "amazon-event-stream",
    dictionary: ["\0\0\0\u{10}\0\0\0\0", ":event-type\u{7}\0\u{5}", ":message-type"]
  ) { input in
    let (whole, cut) = pieces(of: input)
    let once = frames([whole[...]])
    let often = frames(cut)
    try require(once == often, "whole: \(once), in pieces: \(often)")
    let expected = AmazonReference.validCount(whole)
    // What has good checksums may still be wrong within.
    try require(once.count <= expected, "\(once.count) frames, \(expected) with good checksums")
  }

  /// The tree takes what a plain validator takes, and every value of it is a JSON text.
  static let jsonTree = FuzzTarget(name: "json-tree", dictionary: words) { input in
    let isExpected = JSONReference.acceptsValue(input, depthMax: JSONLimits.depthMax)
    let root = parsed(input[...])
    try require((root != nil) == isExpected, "accepted: \(root != nil), expected: \(isExpected)")
    guard let root else { return }
    var visited = 0
    try visit(root, &visited)
    try require(visited <= input.count, "more values than bytes")
  }

  private static let terminators: [String: [String]] = [
    "bedrock": ["messageStop"], "gemini": ["finishReason", "blockReason"],
    "ollama": ["\"done\""], "anthropic": ["message_stop"],
    "openai-responses": ["response.completed", "response.incomplete"],
  ]
}

// MARK: - Parts

private func parsed(_ text: ArraySlice<UInt8>) -> JSONNode? {
  withView(text) { try? JSONTree().parse($0) }
}

private func read(_ client: any ClientWire.Type, _ root: JSONNode) -> ChatRequest? {
  try? client.readRequest(root)
}

private func requireJSON(_ bytes: [UInt8], _ what: String) throws {
  // What wraps a value may make it deeper by a little.
  try require(
    JSONReference.accepts(bytes, depthMax: 2 * JSONLimits.depthMax), "no JSON \(what)")
}

private struct StreamOutcome {
  var output: [UInt8] = []
  var isGood = false
  /// The provider has told of an error.
  var hasFailed = false
}

private func outcome(
  _ provider: any ProviderWire.Type, _ client: any ClientWire.Type, _ shape: AnswerShape,
  _ cut: [ArraySlice<UInt8>]
) -> StreamOutcome {
  var result = StreamOutcome()
  var stream = StreamTranslator(
    decoder: provider.makeStreamDecoder(), framing: provider.framing,
    encoder: client.makeStreamEncoder(context), shape: shape)
  do {
    for piece in cut { try withView(piece) { try stream.feed($0, into: &result.output) } }
    try stream.end(into: &result.output)
    result.isGood = stream.progress.failure == nil && stream.progress.isComplete
  } catch {
    result.isGood = false
  }
  result.hasFailed = stream.progress.failure != nil
  return result
}

private struct FrameCount: FrameSink, Equatable {
  var count = 0
  var byteCount = 0
  var isBroken = false

  mutating func take(_ frame: StreamFrame) throws(TranslationError) {
    count += 1
    byteCount += frame.data.count
  }
}

private func frames(_ cut: [ArraySlice<UInt8>]) -> FrameCount {
  var sink = FrameCount()
  var reader = FrameReader(.amazonEventStream)
  do {
    for piece in cut { try withView(piece) { try reader.feed($0, to: &sink) } }
    try reader.end(to: &sink)
  } catch {
    sink.isBroken = true
  }
  return sink
}

private func visit(_ node: JSONNode, _ count: inout Int) throws {
  count += 1
  if let text = node.text {
    try require(JSONText(text.plain).plain == text.plain, "a text that changes when it is escaped")
  }
  for element in node.elements { try visit(element, &count) }
  for member in node.members { try visit(member.value, &count) }
}

/// Counts messages of an Amazon event stream by their checksums alone, bit by bit.
private enum AmazonReference {
  static func validCount(_ bytes: [UInt8]) -> Int {
    var count = 0
    var start = 0
    while bytes.count - start >= 16 {
      let length = word(bytes, start)
      guard length >= 16, length <= bytes.count - start,
        checksum(bytes[start..<start + 8]) == word(bytes, start + 8),
        checksum(bytes[start..<start + length - 4]) == word(bytes, start + length - 4)
      else { return count }
      count += 1
      start += length
    }
    return count
  }

  private static func word(_ bytes: [UInt8], _ place: Int) -> Int {
    (0..<4).reduce(0) { $0 << 8 | Int(bytes[place + $1]) }
  }

  private static func checksum(_ bytes: ArraySlice<UInt8>) -> Int {
    var state: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      state ^= UInt32(byte)
      for _ in 0..<8 { state = state & 1 == 1 ? state >> 1 ^ 0xEDB8_8320 : state >> 1 }
    }
    return Int(~state)
  }
}
