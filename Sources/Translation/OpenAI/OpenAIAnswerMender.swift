// SPDX-License-Identifier: MIT

internal import Bytes
public import JSON

/// Answers of servers whose chats are OpenAI's but for little, for clients of OpenAI's: they stay
/// as the server wrote them, whatever members they have, and only what such a client would take
/// wrongly is put right. That is a reason to finish that is empty or overlooks calls of tools,
/// thoughts that are counted beside the completion, cached tokens under a name of the server's own,
/// and in a stream a usage that nobody asked for.
public struct OpenAIAnswerMender: Sendable {
  private let wantsUsage: Bool
  /// What every chunk of the stream says beside its choices.
  private var head: [OtherParameter] = []
  /// Chunks with a usage and nothing else, which come behind all others.
  private var usageChunks: [UInt8] = []

  /// - Parameter wantsUsage: the client asked for a stream's usage.
  init(wantsUsage: Bool) { self.wantsUsage = wantsUsage }

  // MARK: Whole answers

  /// The answer as it goes to the client.
  public static func mended(_ answer: JSONNode) -> [UInt8] {
    var json = JSONBuilder()
    json.object { json in
      for (name, value) in answer.members {
        json.key(text: name)
        if name.equals("usage"), value.isObject {
          appendUsage(value, to: &json)
        } else if name.equals("choices") {
          appendChoices(value, to: &json) { choice, _ in finish(of: choice) }
        } else {
          json.raw(value.fragment)
        }
      }
    }
    return json.finish()
  }

  private static func finish(of choice: JSONNode) -> Finish {
    let word = choice["finish_reason"]?.text
    let hasCalls = choice["message"]?["tool_calls"]?.elements.contains { _ in true } ?? false
    let reason = OpenAIChatResponseReader.finish(word, hasCalls: hasCalls)
    guard let word, !word.isEmpty else { return .reason(reason) }
    return reason == .toolCalls ? .calls : .asItIs
  }

  // MARK: Streams

  /// Writes what a frame becomes for the client.
  ///
  /// - Parameter events: what the decoder saw in it.
  mutating func take(_ frame: StreamFrame, _ events: [StreamEvent], into output: inout [UInt8]) {
    if frame.data.equals("[DONE]") { return end(events, into: &output) }
    if Self.isPlain(frame, events) {
      Self.append(frame, to: &output)
      return
    }
    guard let root = try? JSONTree().parse(frame.data) else { return }
    if events.contains(where: { if case .failure = $0 { true } else { false } }) { return }
    let hasChoices = root["choices"]?.elements.contains { _ in true } ?? false
    if hasChoices, head.isEmpty { learnHead(root) }
    if hasChoices || root["usage"] == nil {
      append(root, events, to: &output)
    } else if wantsUsage {
      append(root, events, to: &usageChunks)
    }
  }

  /// A piece of text and nothing else; an empty text may be a reason to finish.
  private static func isPlain(_ frame: StreamFrame, _ events: [StreamEvent]) -> Bool {
    guard events.count == 1 else { return false }
    switch events[0] {
    case .text, .reasoning: return frame.data.firstIndex(of: "\"\"") == nil
    default: return false
    }
  }

  private static func append(_ frame: StreamFrame, to output: inout [UInt8]) {
    output += "data: ".utf8
    let start = output.count
    unsafe output.append(
      contentsOf: UnsafeBufferPointer(start: frame.data.base, count: frame.data.count))
    closeEvent(from: start, &output)
  }

  /// JSON has line feeds between its tokens only; an event's line must have none.
  private static func closeEvent(from start: Int, _ output: inout [UInt8]) {
    for index in start..<output.count where output[index] == 0x0a { output[index] = 0x20 }
    output += "\n\n".utf8
  }

  private mutating func learnHead(_ root: JSONNode) {
    for (name, value) in root.members where !name.equals("choices") && !name.equals("usage") {
      head.append(OtherParameter(name: name, value: value.fragment))
    }
  }

  private func append(_ root: JSONNode, _ events: [StreamEvent], to output: inout [UInt8]) {
    var json = JSONBuilder()
    json.object { json in
      for (name, value) in root.members {
        let isUsage = name.equals("usage") && value.isObject
        if isUsage && !wantsUsage { continue }
        json.key(text: name)
        if isUsage {
          Self.appendUsage(value, to: &json)
        } else if name.equals("choices") {
          Self.appendChoices(value, to: &json) { Self.finish(of: $0, at: $1, events) }
        } else {
          json.raw(value.fragment)
        }
      }
    }
    output += "data: ".utf8
    let start = output.count
    output += json.finish()
    Self.closeEvent(from: start, &output)
  }

  /// An empty reason is none yet: the stream's end tells which it was.
  private static func finish(of choice: JSONNode, at place: Int, _ events: [StreamEvent]) -> Finish
  {
    guard let word = choice["finish_reason"]?.text else { return .asItIs }
    if word.isEmpty { return .notYet }
    let index = choice["index"]?.integer ?? Int64(place)
    let hasCalls = events.contains {
      if case .finish(let choice, .toolCalls, _, _) = $0 { Int64(choice) == index } else { false }
    }
    return hasCalls ? .calls : .asItIs
  }

  private func end(_ events: [StreamEvent], into output: inout [UInt8]) {
    for case .finish(let choice, let reason, _, _) in events {
      var json = JSONBuilder(output + "data: ".utf8)
      json.object { json in
        for member in head {
          json.key(text: member.name)
          json.raw(member.value)
        }
        json.array("choices") {
          $0.object {
            $0.member("index", integer: Int64(choice))
            $0.object("delta") { _ in }
            $0.nullMember("logprobs")
            $0.member("finish_reason", literal: reason.openAI(.usual))
          }
        }
      }
      output = json.finish()
      output += "\n\n".utf8
    }
    output += usageChunks
    output += "data: [DONE]\n\n".utf8
  }

  // MARK: Parts

  private enum Finish {
    case asItIs
    case notYet
    /// Unless it is said already, in either of two words.
    case calls
    case reason(FinishReason)
  }

  private static func appendChoices(
    _ choices: JSONNode, to json: inout JSONBuilder, _ finish: (JSONNode, Int) -> Finish
  ) {
    json.array { json in
      for (place, choice) in choices.elements.enumerated() {
        json.object { append(choice, finish(choice, place), to: &$0) }
      }
    }
  }

  private static func append(_ choice: JSONNode, _ finish: Finish, to json: inout JSONBuilder) {
    var isSaid = false
    for (name, value) in choice.members {
      json.key(text: name)
      guard name.equals("finish_reason") else {
        json.raw(value.fragment)
        continue
      }
      isSaid = true
      switch finish {
      case .asItIs: json.raw(value.fragment)
      case .notYet: json.null()
      case .calls where value.equals("tool_calls") || value.equals("function_call"):
        json.raw(value.fragment)
      case .calls: json.string(literal: FinishReason.toolCalls.openAI(.usual))
      case .reason(let reason): json.string(literal: reason.openAI(.usual))
      }
    }
    if case .reason(let reason) = finish, !isSaid {
      json.member("finish_reason", literal: reason.openAI(.usual))
    }
  }

  private static func appendUsage(_ node: JSONNode, to json: inout JSONBuilder) {
    let usage = OpenAIChatResponseReader.usage(node) ?? Usage()
    json.object { json in
      for (name, value) in node.members {
        json.key(text: name)
        if name.equals("completion_tokens") {
          json.integer(usage.outputTokens)
        } else {
          json.raw(value.fragment)
        }
      }
      guard usage.cacheReadTokens > 0, node["prompt_tokens_details"] == nil else { return }
      json.object("prompt_tokens_details") {
        $0.member("cached_tokens", integer: Int64(clamping: usage.cacheReadTokens))
      }
    }
  }
}
