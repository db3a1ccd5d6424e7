// SPDX-License-Identifier: MIT

internal import Bytes
internal import JSON

/// Reads a stream of `/api/chat`: a line for each piece, and one with `done` and the counts, which
/// ends it.
struct OllamaStreamDecoder: StreamDecoder {
  private let tree = JSONTree()
  private var identifiers: OllamaCallIdentifiers?
  private var callCount = 0
  private var isDone = false

  mutating func decode(
    _ frame: StreamFrame, into events: inout [StreamEvent]
  ) throws(TranslationError) {
    guard !isDone else { return }
    let root: JSONNode
    do throws(JSONError) {
      root = try tree.parse(frame.data)
    } catch {
      throw .malformed("A line of the stream is not JSON: \(error.sentence)")
    }
    guard root.isObject else { throw .malformed("A line of the stream is not an object.") }
    if let error = root["error"] {
      events.append(.failure(OllamaErrorReader.read(error, status: 0)))
      return
    }
    if identifiers == nil {
      identifiers = OllamaCallIdentifiers(root)
      events.append(.start(id: nil, model: OllamaResponseReader.filled(root["model"])))
    }
    if let message = root["message"] { try read(message, into: &events) }
    if let value = root["logprobs"].flatMap(OllamaResponseReader.logProbabilities) {
      events.append(.logProbabilities(choice: 0, value))
    }
    guard root["done"]?.bool == true else { return }
    isDone = true
    let word = OllamaResponseReader.filled(root["done_reason"])
    let reason = OllamaResponseReader.finish(word, hasCalls: callCount > 0)
    events.append(.finish(choice: 0, reason, native: word, stopSequence: nil))
    if let usage = OllamaResponseReader.usage(root) { events.append(.usage(usage)) }
    events.append(.end)
  }

  func end(into events: inout [StreamEvent]) throws(TranslationError) {
    throw .malformed("The stream ended without its last line.")
  }

  private mutating func read(
    _ message: JSONNode, into events: inout [StreamEvent]
  ) throws(TranslationError) {
    if let text = OllamaResponseReader.filled(message["thinking"]) {
      events.append(.reasoning(choice: 0, text))
    }
    if let text = OllamaResponseReader.filled(message["content"]) {
      events.append(.text(choice: 0, text))
    }
    guard var identifiers else { return }
    defer { self.identifiers = identifiers }
    for node in message["tool_calls"]?.elements ?? JSONElements.none {
      let call = try OllamaResponseReader.call(node, &identifiers)
      guard callCount < 128 else { throw .malformed("The answer calls more than 128 tools.") }
      events.append(
        .toolCallStart(choice: 0, index: callCount, id: call.id, name: call.name, signature: nil))
      events.append(.toolCallArguments(choice: 0, index: callCount, call.arguments))
      callCount += 1
    }
  }
}
