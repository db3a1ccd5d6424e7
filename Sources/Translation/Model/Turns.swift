// SPDX-License-Identifier: MIT

internal import JSON

/// A conversation for APIs whose turns alternate strictly between user and assistant, beginning
/// with the user's, and that reject texts without a visible character.
struct Turns {
  /// The system messages before the first turn.
  private(set) var system: [Block] = []
  /// No two that follow each other have one role, but for system messages where the model takes
  /// them. Results of tools stand first in their turn, one for each call of the turn before it.
  private(set) var turns: [Message] = []

  /// - Throws: `invalidRequest` where there is nothing to answer, and for results that answer no
  ///   call; `unsupportedParameter` where the conversation ends with an assistant's message and the
  ///   model cannot go on with it.
  init(
    of request: ChatRequest, for traits: ModelTraits, losses: inout LossReport
  ) throws(TranslationError) {
    let messages = request.messages.map { Message($0.role, $0.blocks.filter { !$0.isBlankText }) }
      .filter { !$0.blocks.isEmpty }
    let first = messages.firstIndex { $0.role != .system } ?? messages.endIndex
    system = messages[..<first].flatMap(\.blocks)
    for (index, message) in messages.enumerated().dropFirst(first) {
      guard message.role == .system else {
        append(message)
        continue
      }
      let next = messages[index...].first { $0.role != .system }?.role
      // Models that take them want them after a user's turn, with the answer next.
      if traits.takesLaterSystemMessages, turns.last?.role != .assistant, next != .user {
        append(message)
      } else {
        losses.approximated(
          Parameter.laterSystemMessages.rawValue, "marked as such in the user's turn")
        append(Message(.user, message.blocks.map(\.markedAsSystem)))
      }
    }
    guard !turns.isEmpty || !system.isEmpty else {
      throw .invalid("messages", "has no message with content")
    }
    if turns.first?.role != .user {
      losses.approximated("messages", "begins with a user's turn: '\(Self.opening)'")
      turns.insert(Message(.user, [Block(.text(JSONText(Self.opening)))]), at: 0)
    }
    for index in turns.indices { turns[index].blocks.moveResultsToFront() }
    turns = try ToolPairing.paired(turns, losses: &losses)
    try endWell(traits)
  }

  /// What the user says where the assistant speaks first, or nobody but the system.
  private static let opening = "Begin."

  private mutating func append(_ message: Message) {
    guard let last = turns.last, last.role == message.role else { return turns.append(message) }
    turns[turns.count - 1].blocks += message.blocks
  }

  private mutating func endWell(_ traits: ModelTraits) throws(TranslationError) {
    guard let last = turns.last, last.role == .assistant else { return }
    guard traits.takesPrefill else {
      throw RequestCheck.refusal("messages", "the model cannot continue an assistant's message")
    }
    guard let block = last.blocks.last, case .text(let text) = block.content else { return }
    turns[turns.count - 1].blocks[last.blocks.count - 1].content = .text(text.trimmedAtEnd)
  }
}

extension Block {
  /// A text or refusal of nothing but white space.
  var isBlankText: Bool {
    switch content {
    case .text(let text), .refusal(let text): text.isBlank
    default: false
    }
  }

  /// A system message's block, for a user's turn.
  fileprivate var markedAsSystem: Block {
    guard case .text(let text) = content else { return self }
    var block = self
    block.content = .text(
      JSONText(
        escaped: JSONText("<system>").escaped + text.escaped + JSONText("</system>").escaped))
    return block
  }
}

extension [Block] {
  fileprivate mutating func moveResultsToFront() {
    let isResult: (Block) -> Bool = { block in
      if case .toolResult = block.content { true } else { false }
    }
    guard contains(where: isResult) else { return }
    self = filter(isResult) + filter { !isResult($0) }
  }
}

extension JSONText {
  /// Whether there is no character but spaces, tabs and line ends.
  var isBlank: Bool { trimmedAtEnd.isEmpty }

  /// Without spaces, tabs and line ends at the end.
  var trimmedAtEnd: JSONText {
    var rest = escaped
    while let last = rest.last {
      if last == 0x20 {
        rest.removeLast()
      } else if last == 0x6e || last == 0x74 || last == 0x72, rest.endsWithEscape {
        rest.removeLast(2)
      } else {
        break
      }
    }
    return JSONText(escaped: rest)
  }
}

extension ArraySlice<UInt8> {
  /// Whether the last byte is that of an escape: an odd number of backslashes stands before it.
  fileprivate var endsWithEscape: Bool {
    var count = 0
    for byte in dropLast().reversed() {
      guard byte == 0x5c else { break }
      count += 1
    }
    return count % 2 == 1
  }
}
