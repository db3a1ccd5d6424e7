// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import TestSupport

/// Draws the JSON text of requests that a schema allows, in all the forms that a value can have,
/// and with mistakes in some.
struct RequestDrawer {
  let schema: Schema
  var random: SeededGenerator
  /// Chance of a mistake at each place, in percent.
  let mistakes: Int
  /// Mistakes in the request drawn last. A few are none: a value may be right by chance.
  private(set) var mistakeCount = 0
  /// Whether it has a form that is rare enough for the general reader.
  private(set) var isRare = false
  /// Attributes of a context that the decoder takes by tables.
  private static let contextTabledMaximum = 64

  init(_ schema: Schema, seed: UInt64, mistakes: Int) {
    self.schema = schema
    self.mistakes = mistakes
    random = SeededGenerator(seed: seed)
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &random)
  }

  /// Whether to make a mistake here.
  private mutating func errs() -> Bool {
    guard random.chance(mistakes) else { return false }
    mistakeCount += 1
    return true
  }

  // MARK: requests

  mutating func request() -> String {
    mistakeCount = 0
    isRare = false
    let usable = schema.sortedActions.filter { !$0.principals.isEmpty }
    let action = errs() ? random.pick(schema.sortedActions) : random.pick(usable)
    let named = errs() ? entity("Action", id: "unheard") : entity(action.uid)
    var members = [
      ("principal", top(random.pick(action.principals.map(\.description) + missing(action)))),
      ("action", random.chance(50) ? named : top(action.uid)),
      ("resource", top(random.pick(action.resources.map(\.description) + missing(action)))),
    ]
    // The tables of a schema hold no such context.
    if action.context.attributes.count > Self.contextTabledMaximum { isRare = true }
    let needsNothing = action.context.attributes.values.allSatisfy { !$0.isRequired }
    let isLeftOut = needsNothing ? random.chance(30) : errs()
    if !isLeftOut {
      members.append(("context", errs() ? stray() : record(action.context)))
    } else if random.chance(30) {
      members.append(("context", "null"))
    }
    if random.chance(20) { members.append(("id", random.pick(["7", "\"x\"", "null", "true"]))) }
    if errs() { members.append(("more", "{\"principal\": [1, \"]\", {}]}")) }
    if errs() { members.remove(at: number(0...members.count - 1)) }
    if random.chance(40) { members.shuffle(using: &random) }
    var text = object(members)
    if errs() { text += random.pick(["x", "}", " ", "\u{0}", ",", "{}"]) }
    if errs() { text = String(text.dropLast(number(1...3))) }
    return text
  }

  private func missing(_ action: Schema.Action) -> [String] {
    action.principals.isEmpty ? ["User"] : []
  }

  private mutating func blank() -> String {
    random.chance(80) ? "" : random.pick([" ", "\n ", "\t", "\r\n"])
  }

  private mutating func object(_ members: [(String, String)]) -> String {
    var members = members
    if errs(), let first = members.first { members.append(first) }
    let parts = members.map { key, value in
      blank() + string(key) + blank() + ":" + blank() + value + blank()
    }
    return "{" + parts.joined(separator: ",") + (parts.isEmpty ? blank() : "") + "}"
  }

  // MARK: values

  private mutating func record(_ type: RecordType) -> String {
    var members: [(String, String)] = []
    for name in type.names {
      guard let attribute = type[name], attribute.isRequired ? !errs() : random.chance(60)
      else { continue }
      members.append((name, value(attribute.type)))
    }
    if errs() { members.append((random.pick(RequestWorld.attributes + ["unheard"]), stray())) }
    if random.chance(30) { members.shuffle(using: &random) }
    return object(members)
  }

  private mutating func value(_ type: CedarType) -> String {
    if errs() { return stray() }
    switch type {
    case .boolean: return random.pick(["true", "false"])
    case .long:
      if errs() { return random.pick(["9223372036854775808", "-0", "1.0", "01", "1e2", "-"]) }
      return random.pick(["0", "-1", "4", "77", "9223372036854775807", "-9223372036854775808"])
    case .string:
      return string(random.pick(RequestWorld.ids + ["a longer text, of 30 bytes or so"]))
    case .entity(let names): return escaped(errs() ? otherType() : random.pick(names).description)
    case .set(let element):
      guard let element else { return "[]" }
      let items = (0..<number(0...3)).map { _ in value(element) }
      return "[" + blank() + items.joined(separator: blank() + "," + blank()) + blank() + "]"
    case .record(let record): return self.record(record)
    case .extension(let kind): return extensionValue(kind)
    }
  }

  /// Any value.
  private mutating func stray() -> String {
    let strays = [
      "null", "1", "\"a\"", "[]", "{}", "true", "[1, \"a\"]", "{\"a\": {\"b\": [2]}}", "1.5",
      #"{"__entity": {"type": "User", "id": "a"}}"#, #"{"__extn": {"fn": "ip", "arg": "::1"}}"#,
      #"{"type": "Color", "id": "red"}"#, #"{"fn": "decimal", "arg": "1.5"}"#,
      #"{"__expr": "1"}"#, "\"10.0.0.1\"", "\"2024-01-01\"", "\"1.25\"", "\"\u{1}\"", "{\"a\": 1,}",
      #"{"__entity": {"__entity": {"type": "User", "id": "a"}}}"#, #"{"__entity": 5}"#,
      #"{"fn": "isIpv4", "args": ["1.1.1.1"]}"#, #"{"__extn": {"fn": "ip", "arg": "1"}}"#,
      #"{"__extn": {"fn": "ip", "args": ["::1"]}, "x": 1}"#, #"{"type": "User"}"#, "\"\\ud800\"",
      "\"\\u12\"", "\"\\q\"", String(repeating: "[", count: 20) + String(repeating: "]", count: 20),
    ]
    return random.pick(strays)
  }

  private mutating func extensionValue(_ kind: CedarType.ExtensionKind) -> String {
    let texts: [CedarType.ExtensionKind: [String]] = [
      .ipaddr: ["10.0.0.1", "10.0.0.0/8", "::1", "ff00::/8", "1:2:3:4:5:6:7:8"],
      .decimal: ["1.5", "-0.0001", "922337203685477.5807"],
      .datetime: ["2024-01-01", "2024-02-29T01:02:03.004Z", "1969-12-31T23:59:59-0130"],
      .duration: ["1d2h3m4s5ms", "-90m", "0ms"],
    ]
    let kind = errs() ? random.pick(CedarType.ExtensionKind.allCases) : kind
    let text = string(random.pick(errs() ? ["1", "x", "1.23456", ""] : texts[kind] ?? []))
    var names = [("fn", string(kind == .ipaddr ? "ip" : kind.rawValue)), ("arg", text)]
    if random.chance(20) { names.reverse() }
    switch number(0...2) {
    case 0: return text
    case 1: return object(names)
    default: return object([("__extn", object(names))])
    }
  }

  // MARK: entities

  private mutating func otherType() -> String {
    random.pick(RequestWorld.types + ["Unheard", "user", "in", "Org::", "No-Name", "Action", ""])
  }

  private mutating func id(of type: String) -> String {
    if type == "Action" { return random.pick(RequestWorld.actions) }
    guard let choices = RequestWorld.choices[type], !errs() else {
      return random.pick(RequestWorld.ids)
    }
    return random.pick(choices)
  }

  private mutating func entity(_ type: String, id: String) -> String {
    var members = [("type", string(type)), ("id", string(id))]
    if random.chance(20) { members.reverse() }
    if errs() { members.append(("more", "1")) }
    return object(members)
  }

  private mutating func entity(_ uid: EntityUID) -> String {
    entity(uid.type.description, id: uid.id)
  }

  private mutating func escaped(_ type: String) -> String {
    let inner = entity(type, id: id(of: type))
    return random.chance(50) ? inner : object([("__entity", inner)])
  }

  /// An entity as principal, action or resource.
  private mutating func top(_ type: String) -> String {
    let type = errs() ? otherType() : type
    guard random.chance(40) else { return escaped(type) }
    return source(type, id(of: type))
  }

  private mutating func top(_ uid: EntityUID) -> String { source(uid.type.description, uid.id) }

  private mutating func source(_ type: String, _ id: String) -> String {
    let quoted = CedarText.quoted(id)
    // Escapes inside of source text are for the parser.
    if quoted.utf8.contains(UInt8(ascii: "\\")) { isRare = true }
    return string("\(type)\(errs() ? ":" : "::")\(quoted)")
  }

  // MARK: strings

  private mutating func string(_ text: String) -> String {
    var result = "\""
    let escapes = random.chance(20) ? 30 : 0
    for scalar in text.unicodeScalars {
      if random.chance(escapes) {
        result += coded(scalar)
      } else {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "/": result += random.pick(["/", "\\/"])
        default: result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }

  private mutating func coded(_ scalar: Unicode.Scalar) -> String {
    String(scalar).utf16.map { unit in
      let digits = String(unit, radix: 16, uppercase: random.chance(50))
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()
  }
}
