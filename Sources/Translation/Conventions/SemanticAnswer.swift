// SPDX-License-Identifier: MIT

internal import JSON

/// What was answered, in the form of OpenTelemetry's semantic conventions for generative AI
/// (gen-ai-output-messages.json), from the events of a stream or of a whole answer. What comes
/// when the limit is reached is left out.
public struct SemanticAnswer: Sendable {
  private enum Part: Sendable {
    case text([UInt8])
    case reasoning([UInt8])
    case call(index: Int, ToolCall)
  }

  private struct Choice: Sendable {
    var parts: [Part] = []
    var finish: FinishReason?
  }

  /// More answers than any API gives.
  private static let choicesMaximum = 128
  /// Of a part's names, braces and quotes, or of a message's.
  private static let frameBytes = 80

  private let bytesMaximum: Int
  private var byteCount = 0
  /// Something did not fit: nothing is taken from there on, so that no text has a gap.
  private var isFull = false
  private var choices: [Choice] = []

  /// - Parameter bytesMaximum: of `messages`.
  public init(bytesMaximum: Int) { self.bytesMaximum = bytesMaximum }

  public mutating func note(_ event: StreamEvent) {
    switch event {
    case .text(let choice, let text), .refusal(let choice, let text):
      add(text, to: choice) {
        .text($0)
      } isOpen: {
        if case .text(let before) = $0 { before } else { nil }
      }
    case .reasoning(let choice, let text):
      add(text, to: choice) {
        .reasoning($0)
      } isOpen: {
        if case .reasoning(let before) = $0 { before } else { nil }
      }
    case .toolCallStart(let choice, let index, let id, let name, _):
      guard begin(choice), take(Self.frameBytes + id.escaped.count + name.escaped.count) else {
        return
      }
      let call = ToolCall(id: id, name: name, arguments: .empty)
      choices[choice].parts.append(.call(index: index, call))
    case .toolCallArguments(let choice, let index, let text): add(text, to: choice, call: index)
    case .finish(let choice, let reason, _, _):
      if begin(choice) { choices[choice].finish = reason }
    case .start, .reasoningSignature, .encryptedReasoning, .logProbabilities, .usage, .failure,
      .end:
      break
    }
  }

  /// `gen_ai.output.messages`; nil where there was nothing.
  public var messages: [UInt8]? {
    guard !choices.isEmpty else { return nil }
    var json = JSONBuilder()
    json.array { json in
      for choice in choices {
        json.object { json in
          json.member("role", literal: "assistant")
          json.array("parts") { json in
            for part in choice.parts { Self.append(part, to: &json) }
          }
          if let finish = choice.finish {
            json.member("finish_reason", literal: finish.semanticName)
          }
        }
      }
    }
    return json.finish()
  }

  private static func append(_ part: Part, to json: inout JSONBuilder) {
    switch part {
    case .text(let text): SemanticContent.appendText(JSONText(escaped: text[...]), to: &json)
    case .reasoning(let text):
      SemanticContent.appendReasoning(JSONText(escaped: text[...]), to: &json)
    case .call(_, let call): SemanticContent.append(call, to: &json)
    }
  }

  // MARK: Within the limit

  private mutating func take(_ count: Int) -> Bool {
    isFull = isFull || byteCount + count > bytesMaximum
    guard !isFull else { return false }
    byteCount += count
    return true
  }

  private mutating func begin(_ choice: Int) -> Bool {
    guard choice >= 0, choice < Self.choicesMaximum else { return false }
    while choices.count <= choice {
      guard take(Self.frameBytes) else { return false }
      choices.append(Choice())
    }
    return true
  }

  private mutating func add(
    _ text: JSONText, to choice: Int, _ make: ([UInt8]) -> Part, isOpen: (Part) -> [UInt8]?
  ) {
    guard begin(choice) else { return }
    let last = choices[choice].parts.count - 1
    if last >= 0, var before = isOpen(choices[choice].parts[last]) {
      guard take(text.escaped.count) else { return }
      // Taken out first, so that appending does not copy.
      choices[choice].parts[last] = .text([])
      before += text.escaped
      choices[choice].parts[last] = make(before)
    } else if take(Self.frameBytes + text.escaped.count) {
      choices[choice].parts.append(make(Array(text.escaped)))
    }
  }

  private mutating func add(_ text: JSONText, to choice: Int, call index: Int) {
    guard begin(choice), take(text.escaped.count) else { return }
    for place in choices[choice].parts.indices {
      guard case .call(index, var call) = choices[choice].parts[place] else { continue }
      choices[choice].parts[place] = .text([])
      call.arguments.escaped += text.escaped
      choices[choice].parts[place] = .call(index: index, call)
    }
  }
}

extension FinishReason {
  /// The word of `finish_reason` in messages.
  var semanticName: StaticString {
    switch self {
    case .stop: "stop"
    case .length: "length"
    case .toolCalls: "tool_call"
    case .contentFilter: "content_filter"
    }
  }
}
