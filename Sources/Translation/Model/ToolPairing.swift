// SPDX-License-Identifier: MIT

internal import JSON

/// Sees to it that the turn after calls of tools holds the result of each, and of none else; such
/// APIs reject anything else. Calls that share an id, as some clients count anew in every turn, get
/// ids of their own.
struct ToolPairing {
  private var used: Set<String> = []
  /// Calls of the assistant's turn before, by the id that the client knows.
  private var pending: [(original: String, id: JSONText)] = []

  /// - Throws: `invalidRequest` for results that answer no call, or one that has its answer.
  static func paired(
    _ turns: [Message], losses: inout LossReport
  ) throws(TranslationError) -> [Message] {
    var pairing = ToolPairing()
    var output: [Message] = []
    for turn in turns {
      switch turn.role {
      case .assistant: output.append(pairing.noteCalls(of: turn))
      case .user: output.append(try pairing.answered(turn, &losses))
      case .system: output.append(turn)
      }
    }
    if !pairing.pending.isEmpty {
      output.append(try pairing.answered(Message(.user, []), &losses))
    }
    return output
  }

  private mutating func noteCalls(of turn: Message) -> Message {
    var turn = turn
    for index in turn.blocks.indices {
      guard case .toolCall(var call) = turn.blocks[index].content else { continue }
      let original = call.id.plain
      var name = original
      var count = 1
      while !used.insert(name).inserted {
        count += 1
        name = "\(original)-\(count)"
      }
      if count > 1 { call.id = JSONText(name) }
      pending.append((original, call.id))
      turn.blocks[index].content = .toolCall(call)
    }
    return turn
  }

  private mutating func answered(
    _ turn: Message, _ losses: inout LossReport
  ) throws(TranslationError) -> Message {
    var turn = turn
    var count = 0
    for index in turn.blocks.indices {
      guard case .toolResult(var result) = turn.blocks[index].content else { continue }
      count = index + 1
      let original = result.id.plain
      guard let call = pending.firstIndex(where: { $0.original == original }) else {
        throw .invalid(
          "messages",
          "has a result for the tool call '\(original)', which the turn before it "
            + "does not make or which has its result")
      }
      result.id = pending.remove(at: call).id
      turn.blocks[index].content = .toolResult(result)
    }
    guard !pending.isEmpty else { return turn }
    losses.approximated("messages", "tool calls without a result get an error as theirs")
    let missing = pending.map { call in
      Block(
        .toolResult(
          ToolResult(
            id: call.id, blocks: [Block(.text("No result was given for this call."))],
            isError: true)))
    }
    pending = []
    turn.blocks.insert(contentsOf: missing, at: count)
    return turn
  }
}
