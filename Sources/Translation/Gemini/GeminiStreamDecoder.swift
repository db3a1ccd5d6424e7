// SPDX-License-Identifier: MIT

internal import Bytes
internal import JSON

/// Reads a stream of `streamGenerateContent`: each event is a whole response with the next parts.
/// There is no terminator: the stream is whole if each candidate that began has given its reason to
/// finish, or the prompt was blocked, when the body ends.
struct GeminiStreamDecoder: StreamDecoder {
  private let tree = JSONTree()
  private var identifiers: GeminiCallIdentifiers?
  private var candidates: [Candidate] = []

  private struct Candidate {
    var hasBegun = false
    /// Older models give one with every event; the last counts.
    var finish: (reason: FinishReason, native: JSONText)?
    var callCount = 0
  }

  mutating func decode(
    _ frame: StreamFrame, into events: inout [StreamEvent]
  ) throws(TranslationError) {
    var root: JSONNode
    do throws(JSONError) {
      root = try tree.parse(frame.data)
    } catch {
      throw .malformed("An event of the stream is not JSON: \(error.sentence)")
    }
    // An error comes in an array from some of Google's front ends.
    var elements = root.elements
    if let first = elements.next() { root = first }
    if let error = root["error"] {
      events.append(.failure(GeminiErrorReader.read(error, status: 0)))
      return
    }
    guard root.isObject else { throw .malformed("An event of the stream is not an object.") }
    start(root, into: &events)
    for (position, node) in (root["candidates"]?.elements ?? JSONElements.none).enumerated() {
      let index = node["index"]?.integer ?? Int64(position)
      guard index >= 0, index < GeminiResponseReader.candidatesMaximum else {
        throw .malformed("A candidate has the index \(index).")
      }
      try read(node, Int(index), into: &events)
    }
    if let feedback = root["promptFeedback"], let reason = feedback["blockReason"]?.text {
      block(reason, feedback["blockReasonMessage"]?.text, into: &events)
    }
    if let usage = root["usageMetadata"].flatMap(GeminiResponseReader.usage) {
      events.append(.usage(usage))
    }
  }

  mutating func end(into events: inout [StreamEvent]) throws(TranslationError) {
    let begun = candidates.indices.filter { candidates[$0].hasBegun }
    guard !begun.isEmpty, begun.allSatisfy({ candidates[$0].finish != nil }) else {
      throw .malformed("The stream ended without a reason to finish.")
    }
    for index in begun {
      guard let finish = candidates[index].finish else { continue }
      // A call may come behind the reason, which is no reason to overlook it.
      let isCall = finish.reason == .stop && candidates[index].callCount > 0
      events.append(
        .finish(
          choice: index, isCall ? .toolCalls : finish.reason, native: finish.native,
          stopSequence: nil))
    }
    events.append(.end)
  }

  private mutating func start(_ root: JSONNode, into events: inout [StreamEvent]) {
    guard identifiers == nil else { return }
    identifiers = GeminiCallIdentifiers(root)
    events.append(.start(id: root["responseId"]?.text, model: root["modelVersion"]?.text))
  }

  private mutating func begin(_ index: Int) {
    while candidates.count <= index { candidates.append(Candidate()) }
    candidates[index].hasBegun = true
  }

  /// The prompt, or what came of it so far, was refused.
  private mutating func block(
    _ reason: JSONText, _ message: JSONText?, into events: inout [StreamEvent]
  ) {
    if candidates.isEmpty { begin(0) }
    if let message { events.append(.refusal(choice: 0, message)) }
    for index in candidates.indices { candidates[index].finish = (.contentFilter, reason) }
  }

  private mutating func read(
    _ node: JSONNode, _ index: Int, into events: inout [StreamEvent]
  ) throws(TranslationError) {
    begin(index)
    for part in node["content"]?["parts"]?.elements ?? JSONElements.none {
      try read(part: try GeminiPart(part), index, into: &events)
    }
    if let result = node["logprobsResult"] {
      events.append(.logProbabilities(choice: index, GeminiLogProbabilities.openAI(result)))
    }
    guard let word = node["finishReason"]?.text else { return }
    let reason = try GeminiResponseReader.finish(
      word.plain, node["finishMessage"]?.string, hasCalls: candidates[index].callCount > 0)
    candidates[index].finish = (reason, word)
  }

  private mutating func read(
    part: GeminiPart, _ index: Int, into events: inout [StreamEvent]
  ) throws(TranslationError) {
    switch part.content {
    case .nothing: break
    case .text(let text): events.append(.text(choice: index, text))
    case .thought(let text): events.append(.reasoning(choice: index, text))
    case .call(let id, let name, let arguments):
      let number = candidates[index].callCount
      guard number < 128 else { throw .malformed("The answer calls more than 128 tools.") }
      candidates[index].callCount += 1
      let given = id ?? identifiers?.next() ?? .empty
      events.append(
        .toolCallStart(
          choice: index, index: number, id: given, name: name, signature: part.signature))
      events.append(.toolCallArguments(choice: index, index: number, arguments))
      return
    }
    if let signature = part.signature {
      events.append(.reasoningSignature(choice: index, GeminiSignature.marked(signature)))
    }
  }
}
