// SPDX-License-Identifier: MIT

import CedarSyntax
import TestSupport

/// Draws a schema with everything that a request can meet in one, entities, and policies whose
/// scopes tell these apart.
struct RequestWorld {
  var random: SeededGenerator

  static let types = [
    "User", "Team", "plain_type", "Doc", "Org::Box", "Org::Inner::Thing", "Color", "Org::Level",
  ]
  static let choices = [
    "Color": ["red", "green", "dark \"blue\""], "Org::Level": ["é", "", "1"],
  ]
  static let ids = ["a", "b", "c d", "é", "\u{1F600}", "", "quo\"te", "back\\slash", "line\nfeed"]
  static let attributes = [
    "n", "name", "tools", "flag", "é", "with space", "in", "type", "id", "fn", "__entity", "budget",
    "at", "ip",
  ]
  static let actions = ["read", "write", "look up", "all"]

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &random)
  }

  private mutating func some<Item>(_ items: [Item], _ range: ClosedRange<Int>) -> [Item] {
    Array(items.shuffled(using: &random).prefix(number(range)))
  }

  // MARK: schema

  mutating func schema() -> String {
    var text = """
      entity User in [Team] = { age: Long };
      entity Team, Doc, plain_type;
      entity Color enum ["red", "green", "dark \\"blue\\""];
      namespace Org {
        entity Box;
        entity Level enum ["é", "", "1"];
        action "act";
      }
      namespace Org::Inner { entity Thing; }
      type Shared = \(record(depth: 2));
      action all;

      """
    for action in Self.actions where action != "all" {
      text += "action \(CedarText.quoted(action)) in [all] appliesTo {\n"
      text += "  principal: [\(some(Self.types, 1...3).joined(separator: ", "))],\n"
      text += "  resource: [\(some(Self.types, 1...3).joined(separator: ", "))],\n"
      text += "  context: \(context())\n};\n"
    }
    return text
  }

  private mutating func context() -> String {
    if random.chance(4) { return wideRecord() }
    return random.chance(20) ? "Shared" : record(depth: 3)
  }

  /// About as many attributes as the tables of a schema hold, or more.
  private mutating func wideRecord() -> String {
    let isOptional = random.chance(50) ? "?" : ""
    let attributes = (0..<number(63...66)).map { "wide\($0)\(isOptional): Long" }
    return "{ " + attributes.joined(separator: ", ") + " }"
  }

  private mutating func record(depth: Int) -> String {
    let attributes = some(Self.attributes, 0...8).map { name in
      "\(CedarText.quoted(name))\(random.chance(40) ? "?" : ""): \(type(depth: depth - 1))"
    }
    return "{ " + attributes.joined(separator: ", ") + " }"
  }

  private mutating func type(depth: Int) -> String {
    switch number(depth > 0 ? 0...11 : 0...8) {
    case 0: "Bool"
    case 1: "Long"
    case 2: "String"
    case 3: "decimal"
    case 4: "ipaddr"
    case 5: "datetime"
    case 6: "duration"
    case 7: random.pick(Self.types)
    case 8: random.chance(20) ? "Action" : random.pick(Self.types)
    case 9, 10: "Set<\(type(depth: depth - 1))>"
    default: record(depth: depth)
    }
  }

  // MARK: data

  /// Entities of some of the types: others, and some ids, the store does not know.
  mutating func entities() -> String {
    let users = some(Self.ids, 0...5).map { id in
      "{\"uid\": \(uid("User", id)), \"attrs\": {\"age\": 5}, \"parents\": "
        + "[\(random.chance(50) ? uid("Team", "a") : "")]}"
    }
    let others = some(["Doc", "Org::Box", "plain_type", "Team"], 0...3).map { type in
      "{\"uid\": \(uid(type, "a")), \"attrs\": {}, \"parents\": []}"
    }
    return "[" + (users + others).joined(separator: ", ") + "]"
  }

  private func uid(_ type: String, _ id: String) -> String {
    CedarJSON.members(("type", .string(type)), ("id", .string(id))).text
  }

  // MARK: policies

  mutating func policies() -> String {
    (0..<number(1...8)).map { _ in
      """
      \(random.chance(30) ? "forbid" : "permit") (
        principal\(scope()), action\(actionScope()), resource\(scope())
      )\(condition());
      """
    }.joined(separator: "\n")
  }

  private mutating func entity() -> String {
    let type = random.pick(Self.types)
    return "\(type)::\(CedarText.quoted(random.pick(Self.choices[type] ?? Self.ids)))"
  }

  private mutating func scope() -> String {
    switch number(0...7) {
    case 0: " == \(entity())"
    case 1: " in \(entity())"
    case 2: " in Team::\"a\""
    case 3: " is \(random.pick(Self.types))"
    case 4: " is User in Team::\"a\""
    default: ""
    }
  }

  private mutating func actionScope() -> String {
    switch number(0...4) {
    case 0: " == Action::\(CedarText.quoted(random.pick(Self.actions)))"
    case 1: " in Action::\"all\""
    case 2: " in [Action::\"read\", Action::\"write\"]"
    default: ""
    }
  }

  private mutating func condition() -> String {
    let attribute = "context[\(CedarText.quoted(random.pick(Self.attributes)))]"
    return switch number(0...5) {
    case 0: " when { \(attribute) == \(entity()) }"
    case 1: " when { \(attribute) > 3 }"
    case 2: " unless { \(attribute).contains(\"a\") }"
    case 3: " when { \(attribute) == principal }"
    default: ""
    }
  }

  /// A record of every attribute of the context, read one by one.
  static var slotsExpression: String {
    let members = attributes.enumerated().map { place, name in
      let quoted = CedarText.quoted(name)
      return "\"x\(place)\": if context has \(quoted) then [context[\(quoted)]] else []"
    }
    return "{" + members.joined(separator: ", ") + ", \"p\": principal, \"r\": resource}"
  }

  /// All that a request holds.
  static let wholeExpression = "[principal, action, resource, context]"
}
