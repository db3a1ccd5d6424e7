// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR

extension FuzzTarget {
  /// The decoder of requests ends on every text; what it takes is JSON with the three entities, and
  /// the request can be decided. What it takes by the rules of a schema when it validates, it takes
  /// when it does not. The text lies in memory of exactly its size.
  static let policyRequest = FuzzTarget(
    name: "policy-request",
    dictionary: [
      "{", "}", "[", "]", ":", ",", "\"principal\":", "\"action\":", "\"resource\":",
      "\"context\":", "\"type\":", "\"id\":", "\"User\"",
      "\"Action\"", "\"Color\"", "\"go\"", "\"__entity\":",
      "\"__extn\":", "\"fn\":", "\"arg\":", "\"ip\"", "\"decimal\"", "\"datetime\"",
      "\"duration\"", "\"10.0.0.1/8\"", "\"::1\"", "\"1.5\"", "\"2026-01-01T00:00:00Z\"",
      "\"1d2h\"", "null", "true", "false", "-9223372036854775808", "\"User::\\\"a\\\"\"", "\\u00e9",
      "\\n", "é", "\"n\":", "\"s\":", "\"r\":", "\"c\":", "\"d\":",
    ]
  ) { input in
    guard let store = requestStore else {
      throw FuzzFailure(message: "the program of the target does not load")
    }
    let plain = RequestDecoder(store: store)
    let reading = RequestDecoder(store: store, rules: requestRules, isValidated: false)
    let validating = RequestDecoder(store: store, rules: requestRules)
    _ = try check(input, store, plain)
    let isRead = try check(input, store, reading)
    try require(try !check(input, store, validating) || isRead, "taken only when validated")
  }

  /// Whether a decoder takes the text.
  private static func check(
    _ input: [UInt8], _ store: EntityStore, _ decoder: RequestDecoder
  ) throws -> Bool {
    let evaluator = Evaluator(store: store)
    return try ContiguousArray(input).withUnsafeBytes { text in
      guard let request = unsafe decoder.decode(text) else { return false }
      try require(!evaluator.isAllowed(request), "allowed without a policy")
      try require(evaluator.authorize(request).errors.isEmpty, "an error without a policy")
      guard let json = try? CedarJSON(parsing: String(decoding: input, as: UTF8.self)) else {
        throw FuzzFailure(message: "the decoder took what is not JSON")
      }
      for field in ["principal", "action", "resource"] {
        try require(json[field] != nil, "the decoder took a request without \(field)")
      }
      // What was left in the decoder does not change the next answer.
      try require(unsafe decoder.decode(text) != nil, "taken once and not again")
      return true
    }
  }

  /// A store of two users and a program that reads three attributes of the context.
  private static let requestStore: EntityStore? = {
    let draft = ProgramDraft()
    for name in ["n", "s", "r"] { _ = draft.contextSlot(name) }
    let names = ["a", "b"].map { EntityName(type: "User", id: $0) }
    _ = draft.type("Action")
    _ = draft.entity(names[0])
    guard let program = try? Program(image: draft.image()) else { return nil }
    let action = EntityName(type: "Action", id: "go")
    return try? EntityStore(
      program: program, entities: (names + [action]).map { EntityData($0) })
  }()

  private static let requestRules = RequestRules(
    types: ["User": .any, "Color": .enumerated(["é", ""]), "Action": .actions],
    actions: [
      RequestRules.Action(
        EntityName(type: "Action", id: "go"), principals: ["User"], resources: ["Color", "User"],
        context: [
          DeclaredAttribute("n", .long, isRequired: false),
          DeclaredAttribute("s", .set(.ip), isRequired: false),
          DeclaredAttribute(
            "r",
            .record([
              DeclaredAttribute("c", .entity("Color"), isRequired: true),
              DeclaredAttribute("d", .decimal, isRequired: false),
              DeclaredAttribute("t", .datetime, isRequired: false),
              DeclaredAttribute("w", .duration, isRequired: false),
              DeclaredAttribute("a", .entity("Action"), isRequired: false),
            ]), isRequired: false),
        ])
    ])
}
