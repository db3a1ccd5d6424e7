// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Translation

struct TurnsTests {
  private func turns(
    _ messages: [Message], _ change: (inout ModelTraits) -> Void = { _ in }
  ) throws -> (system: [String], turns: [String], losses: LossReport) {
    var request = ChatRequest()
    request.messages = messages
    var traits = ModelTraits()
    change(&traits)
    var losses = LossReport()
    let turns = try Turns(of: request, for: traits, losses: &losses)
    return (
      turns.system.map(Self.describe),
      turns.turns.map { "\($0.role): " + $0.blocks.map(Self.describe).joined(separator: "|") },
      losses
    )
  }

  private static func describe(_ block: Block) -> String {
    switch block.content {
    case .text(let text): text.plain
    case .toolCall(let call): "call \(call.id.plain)"
    case .toolResult(let result): "result \(result.id.plain)"
    default: "other"
    }
  }

  private func text(_ role: Role, _ text: JSONText) -> Message {
    Message(role, [Block(.text(text))])
  }

  private func result(_ id: JSONText) -> Message {
    Message(.user, [Block(.toolResult(ToolResult(id: id, blocks: [])))])
  }

  @Test func sameRolesMergeAndBlankTextsVanish() throws {
    let found = try turns([
      text(.system, "S1"), text(.system, " \n"), text(.system, "S2"), text(.user, "a"),
      text(.user, "b"), text(.assistant, ""), text(.user, "c"),
    ])
    #expect(found.system == ["S1", "S2"])
    #expect(found.turns == ["user: a|b|c"])
    #expect(found.losses.losses.isEmpty)
  }

  @Test func resultsStandFirst() throws {
    let found = try turns([
      text(.user, "q"), calls("1", "2"), text(.user, "note"), result("1"), result("2"),
      text(.user, "more"),
    ])
    #expect(
      found.turns == ["user: q", "assistant: call 1|call 2", "user: result 1|result 2|note|more"])
    #expect(found.losses.losses.isEmpty)
  }

  private func calls(_ ids: JSONText...) -> Message {
    Message(
      .assistant, ids.map { Block(.toolCall(ToolCall(id: $0, name: "f", arguments: "{}"))) })
  }

  @Test func callsWithoutResultGetAnError() throws {
    let found = try turns([
      text(.user, "q"), calls("1", "2"), result("2"), text(.user, "on"), calls("3"),
    ])
    #expect(
      found.turns == [
        "user: q", "assistant: call 1|call 2", "user: result 2|result 1|on", "assistant: call 3",
        "user: result 3",
      ])
    #expect(found.losses.losses.map(\.parameter) == ["messages"])
  }

  @Test func callsThatShareAnIdAreToldApart() throws {
    let found = try turns([
      text(.user, "q"), calls("c", "c"), result("c"), result("c"), calls("c"), result("c"),
    ])
    #expect(
      found.turns == [
        "user: q", "assistant: call c|call c-2", "user: result c|result c-2",
        "assistant: call c-3", "user: result c-3",
      ])
  }

  @Test func aResultWithoutItsCallIsRefused() {
    #expect(throws: TranslationError.self) { try turns([text(.user, "q"), result("1")]) }
    #expect(throws: TranslationError.self) {
      try turns([text(.user, "q"), calls("1"), result("1"), result("1")])
    }
  }

  @Test func laterSystemMessagesStayOnlyWhereTheyMayStand() throws {
    let found = try turns([
      text(.user, "a"), text(.system, "S"), text(.assistant, "b"), text(.system, "T"),
      text(.user, "c"), text(.system, "U"), text(.user, "d"), text(.system, "V"),
    ]) { $0.takesLaterSystemMessages = true }
    #expect(
      found.turns == [
        "user: a", "system: S", "assistant: b",
        "user: <system>T</system>|c|<system>U</system>|d", "system: V",
      ])
  }

  @Test func laterSystemMessagesAreMarkedWhereTheyAre() throws {
    let messages = [text(.user, "a"), text(.assistant, "b"), text(.system, "s"), text(.user, "c")]
    let folded = try turns(messages)
    #expect(folded.turns == ["user: a", "assistant: b", "user: <system>s</system>|c"])
    #expect(folded.losses.losses.map(\.parameter) == ["system message after the first turn"])
  }

  @Test func theUserBegins() throws {
    let found = try turns([text(.assistant, "Hello"), text(.user, "a")])
    #expect(found.turns == ["user: Begin.", "assistant: Hello", "user: a"])
    let alone = try turns([text(.system, "S")])
    #expect(alone.system == ["S"] && alone.turns == ["user: Begin."])
    #expect(throws: TranslationError.self) { try turns([text(.user, " ")]) }
    #expect(found.losses.losses.map(\.parameter) == ["messages"])
  }

  @Test func whatIsToBeContinuedLosesItsLastSpaces() throws {
    let messages = [text(.user, "a"), text(.assistant, "The answer is: \n\t ")]
    #expect(try turns(messages).turns.last == "assistant: The answer is:")
    #expect(throws: TranslationError.self) { try turns(messages) { $0.takesPrefill = false } }
  }

  @Test func trimmingKnowsEscapes() {
    #expect(JSONText(escaped: Array(#"a\\n"#.utf8)[...]).trimmedAtEnd.plain == #"a\n"#)
    #expect(JSONText(escaped: Array(#"a\\\n"#.utf8)[...]).trimmedAtEnd.plain == #"a\"#)
    #expect(JSONText(" \n\r\t").isBlank)
    #expect(!JSONText("n").isBlank)
  }

  @Test func identifiersFitAndStayApart() {
    let fitting = ToolIdentifiers()
    #expect(fitting.identifier("call_a-1") == "call_a-1")
    let long = fitting.identifier(JSONText(String(repeating: "x", count: 65))).plain
    let other = fitting.identifier(JSONText(String(repeating: "x", count: 66))).plain
    #expect(long.count == 64 && other.count == 64 && long != other)
    #expect(fitting.identifier("a.b") != fitting.identifier("a:b"))
    #expect(fitting.identifier("a.b") == fitting.identifier("a.b"))
    #expect(fitting.identifier("").plain.hasPrefix("_"))
    #expect(ToolIdentifiers(punctuation: "_.:-").identifier("a.b:c") == "a.b:c")
  }

  @Test func argumentsAreAnObjectOrAnErrorThatNamesTheCall() throws {
    func call(_ arguments: JSONText) -> ToolCall {
      ToolCall(id: "c1", name: "f", arguments: arguments)
    }
    #expect(try call("").argumentsObject() == JSONFragment(literal: "{}"))
    #expect(
      try call(#"{"n":1e400,"k":0.10}"#).argumentsObject()
        == JSONFragment(literal: #"{"n":1e400,"k":0.10}"#))
    for bad: JSONText in ["{", "[1]", "null", "{} {}"] {
      let error = #expect(throws: TranslationError.self) { try call(bad).argumentsObject() }
      #expect(error?.kind == .invalidRequest)
      #expect(error?.message.contains("c1") == true)
    }
  }
}
