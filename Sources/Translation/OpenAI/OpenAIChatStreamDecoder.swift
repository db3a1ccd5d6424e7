// SPDX-License-Identifier: MIT

internal import Bytes
internal import JSON

/// Reads `chat.completion.chunk` events. Whole only with `[DONE]`, after each choice that began has
/// given its reason to finish.
struct OpenAIChatStreamDecoder: StreamDecoder {
  private let tree = JSONTree()
  /// The last chunk that had a piece of text and nothing else.
  private var piece = RepeatedFrame()
  private var hasStarted = false
  private var choices: [Choice] = []

  private struct Choice {
    var hasBegun = false
    var isFinished = false
    /// A piece had a reason to finish that is empty: xAI ends so beside calls of tools, and others
    /// write it with every piece.
    var isPerhapsFinished = false
    /// By our index.
    var calls: [Call] = []

    /// Which call a piece belongs to; nil for a new one. Some servers send calls whole and without
    /// an index, or all with the same: a name with another id begins a call there.
    func place(ofIndex index: Int64?, id: JSONText?, name: JSONText?) -> Int? {
      guard let index else {
        let known = id.flatMap { id in calls.lastIndex { $0.id == id } }
        return known ?? (name == nil ? calls.indices.last : nil)
      }
      guard let found = calls.lastIndex(where: { $0.index == index }) else { return nil }
      guard name != nil, let id, let before = calls[found].id, before != id else { return found }
      return calls.lastIndex { $0.id == id }
    }
  }

  private struct Call {
    /// The API's, and its id.
    var index: Int64?
    var id: JSONText?
  }

  mutating func decode(
    _ frame: StreamFrame, into events: inout [StreamEvent]
  ) throws(TranslationError) {
    if let text = piece.text(in: frame.data) {
      if !text.isEmpty { events.append(.text(choice: piece.choice, text)) }
      return
    }
    if frame.data.equals("[DONE]") { return try finish(into: &events) }
    let root: JSONNode
    do throws(JSONError) {
      root = try tree.parse(frame.data)
    } catch {
      throw .malformed("An event of the stream is not JSON: \(error.sentence)")
    }
    if let failure = OpenAIErrorReader.read(answer: root) {
      events.append(.failure(failure))
      return
    }
    start(root, into: &events)
    let before = events.count
    for (position, node) in (root["choices"]?.elements ?? JSONElements.none).enumerated() {
      let index = node["index"]?.integer ?? Int64(position)
      guard index >= 0, index < 128 else { throw .malformed("A choice has the index \(index).") }
      try read(node, Int(index), of: root, into: &events)
    }
    if let usage = root["usage"].flatMap(OpenAIChatResponseReader.usage) {
      events.append(.usage(usage))
    }
    // Such a chunk leaves the state as it is, and text passes even when a choice has finished.
    if events.count == before + 1, case .text(let choice, let text) = events[before] {
      piece.learn(frame.data, text, choice: choice)
    }
  }

  func end(into events: inout [StreamEvent]) throws(TranslationError) {
    throw .malformed("The stream ended without [DONE].")
  }

  private mutating func finish(into events: inout [StreamEvent]) throws(TranslationError) {
    for index in choices.indices where choices[index].isPerhapsFinished {
      close(index, .empty, into: &events)
    }
    guard hasStarted, choices.allSatisfy({ !$0.hasBegun || $0.isFinished }) else {
      throw .malformed("The stream said [DONE] before the answer had finished.")
    }
    events.append(.end)
  }

  private mutating func close(_ index: Int, _ word: JSONText, into events: inout [StreamEvent]) {
    choices[index].isPerhapsFinished = false
    choices[index].isFinished = true
    let reason = OpenAIChatResponseReader.finish(word, hasCalls: !choices[index].calls.isEmpty)
    events.append(.finish(choice: index, reason, native: nil, stopSequence: nil))
  }

  /// Azure's first chunk has no choice and an empty id: it tells of the prompt, not the answer.
  private mutating func start(_ root: JSONNode, into events: inout [StreamEvent]) {
    guard !hasStarted, root["choices"]?.elements.contains(where: { _ in true }) == true else {
      return
    }
    hasStarted = true
    func filled(_ text: JSONText?) -> JSONText? { text.flatMap { $0.isEmpty ? nil : $0 } }
    events.append(.start(id: filled(root["id"]?.text), model: filled(root["model"]?.text)))
  }

  private mutating func read(
    _ node: JSONNode, _ index: Int, of chunk: JSONNode, into events: inout [StreamEvent]
  ) throws(TranslationError) {
    while choices.count <= index { choices.append(Choice()) }
    choices[index].hasBegun = true
    if let delta = node["delta"] {
      func piece(_ name: JSONNode?) -> JSONText? {
        name?.text.flatMap { $0.isEmpty ? nil : $0 }
      }
      if let text = piece(delta["reasoning_content"]) ?? piece(delta["reasoning"]) {
        events.append(.reasoning(choice: index, text))
      }
      if let content = delta["content"] { read(content: content, index, into: &events) }
      if let text = piece(delta["refusal"]) { events.append(.refusal(choice: index, text)) }
      for call in delta["tool_calls"]?.elements ?? JSONElements.none {
        try read(call: call, index, of: chunk, into: &events)
      }
    }
    if let value = node["logprobs"], value.isObject {
      events.append(.logProbabilities(choice: index, value.fragment))
    }
    guard let word = node["finish_reason"]?.text, !choices[index].isFinished else { return }
    if let failure = OpenAIChatResponseReader.failure(word) {
      events.append(.failure(failure))
    } else if word.isEmpty {
      choices[index].isPerhapsFinished = true
    } else {
      close(index, word, into: &events)
    }
  }

  private func read(content: JSONNode, _ index: Int, into events: inout [StreamEvent]) {
    if let text = content.text {
      if !text.isEmpty { events.append(.text(choice: index, text)) }
      return
    }
    for part in OpenAIContent.parts(content) {
      events.append(
        part.isThought ? .reasoning(choice: index, part.text) : .text(choice: index, part.text))
    }
  }

  /// Id and name come with a call's first piece only.
  private mutating func read(
    call: JSONNode, _ choice: Int, of chunk: JSONNode, into events: inout [StreamEvent]
  ) throws(TranslationError) {
    func filled(_ node: JSONNode?) -> JSONText? { node?.text.flatMap { $0.isEmpty ? nil : $0 } }
    let name = filled(call["function"]?["name"])
    let id = filled(call["id"])
    let index = call["index"]?.integer
    var place = choices[choice].place(ofIndex: index, id: id, name: name)
    if place == nil {
      guard let name else { throw .malformed("A tool call begins without a name.") }
      let count = choices[choice].calls.count
      guard count < 128 else { throw .malformed("The answer calls more than 128 tools.") }
      place = count
      choices[choice].calls.append(Call(index: index, id: id))
      events.append(
        .toolCallStart(
          choice: choice, index: count,
          id: id ?? OpenAITools.identifier(in: chunk, choice: Int64(choice), place: count),
          name: name, signature: nil))
    }
    if let text = OpenAITools.arguments(call["function"]?["arguments"]), !text.isEmpty {
      events.append(.toolCallArguments(choice: choice, index: place ?? 0, text))
    }
  }
}
