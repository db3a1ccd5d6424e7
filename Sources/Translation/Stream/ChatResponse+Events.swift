// SPDX-License-Identifier: MIT

internal import JSON

extension ChatResponse {
  /// The answer as the events of a stream: for a client that asked for one where the provider has
  /// answered at once.
  public var events: [StreamEvent] {
    var events: [StreamEvent] = [
      .start(id: id.isEmpty ? nil : id, model: model.isEmpty ? nil : model)
    ]
    for (index, choice) in choices.enumerated() {
      var callCount = 0
      for block in choice.blocks { block.append(choice: index, &callCount, to: &events) }
      if let value = choice.logProbabilities {
        events.append(.logProbabilities(choice: index, value))
      }
      events.append(
        .finish(
          choice: index, choice.finish, native: choice.nativeFinish,
          stopSequence: choice.stopSequence))
    }
    if let usage { events.append(.usage(usage)) }
    events.append(.end)
    return events
  }
}

extension Block {
  fileprivate func append(choice: Int, _ callCount: inout Int, to events: inout [StreamEvent]) {
    switch content {
    case .text(let text): events.append(.text(choice: choice, text))
    case .refusal(let text): events.append(.refusal(choice: choice, text))
    case .reasoning(let thought):
      if let data = thought.encrypted {
        events.append(.encryptedReasoning(choice: choice, data))
        return
      }
      if !thought.text.isEmpty { events.append(.reasoning(choice: choice, thought.text)) }
      if let signature = thought.signature {
        events.append(.reasoningSignature(choice: choice, signature))
      }
    case .toolCall(let call):
      events.append(
        .toolCallStart(
          choice: choice, index: callCount, id: call.id, name: call.name,
          signature: call.signature))
      if !call.arguments.isEmpty {
        events.append(.toolCallArguments(choice: choice, index: callCount, call.arguments))
      }
      callCount += 1
    case .image, .audio, .file, .toolResult: break
    }
  }
}
