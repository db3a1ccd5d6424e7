// SPDX-License-Identifier: MIT

extension DiagnosticCode {
  /// A few words on the kind of finding, as rules in SARIF and the reference page show them.
  public var title: String { Self.titles[number] ?? "a finding of another component" }

  /// All codes that this package's Cedar targets define, in order.
  public static let all: [DiagnosticCode] = titles.keys.sorted().map { DiagnosticCode($0) }

  private static let titles: [UInt16: String] = syntaxTitles.merging(schemaTitles) { $1 }
    .merging(validationTitles) { $1 }.merging(lintTitles) { $1 }
    .merging(compilerTitles) { $1 }.merging(jsonTitles) { $1 }

  private static let syntaxTitles: [UInt16: String] = [
    1: "invalid token", 2: "string never closed", 3: "invalid escape",
    4: "line continuation in a string", 5: "integer too large", 6: "invalid decimal literal",
    7: "source too large", 10: "unexpected token", 11: "unexpected end of the source",
    12: "invalid effect", 13: "invalid condition keyword", 14: "empty condition",
    15: "duplicate annotation", 16: "reserved word as a name", 17: "nested too deep",
    18: "form of the routing dialect in standard Cedar", 19: "further findings left out",
    20: "missing scope variable", 21: "wrong scope variable", 22: "extra element in the scope",
    23: "type behind a colon in the scope", 24: "operator not allowed in the scope",
    25: "operand not allowed in the scope", 26: "action of another type than Action",
    27: "misplaced slot", 28: "unknown slot", 40: "unknown variable", 41: "single equal sign",
    42: "relations do not chain", 43: "too many unary operators", 44: "unsupported operator",
    45: "invalid operand of has", 46: "invalid operand of like", 47: "invalid operand of is",
    48: "index that is no string literal", 49: "invalid record key", 50: "duplicate record key",
    51: "invalid entity literal", 52: "not callable", 53: "unknown function",
    54: "unknown method", 55: "method called as a function", 56: "function called as a method",
    57: "wrong number of arguments", 58: "name without members",
  ]

  private static let schemaTitles: [UInt16: String] = [
    200: "unknown declaration in a schema", 201: "duplicate declaration",
    202: "duplicate attribute", 203: "unknown type", 204: "unknown entity type",
    205: "unknown action", 206: "cycle of common types", 207: "cycle of actions",
    208: "context is no record", 209: "shape is no record", 210: "reserved name in a schema",
    211: "incomplete appliesTo", 212: "declaration shadows another",
    213: "duplicate key in appliesTo", 214: "empty enumeration",
    215: "action attributes are not supported", 216: "type nested too deep",
    217: "duplicate namespace",
  ]

  private static let validationTitles: [UInt16: String] = [
    400: "unknown entity type in a policy", 401: "unknown action in a policy",
    402: "policy applies to nothing", 403: "unexpected type", 404: "types that do not agree",
    405: "unknown attribute", 406: "optional attribute used without a test",
    407: "tag used without a test", 408: "entity type without tags", 409: "empty set literal",
    410: "extension constructor without a literal", 411: "invalid extension literal",
    412: "id outside the enumeration", 413: "condition always false",
    414: "wrong number of arguments", 415: "more entity look-ups than the level allows",
    416: "entity literal looked up",
  ]

  private static let lintTitles: [UInt16: String] = [
    600: "policy without @id", 601: "duplicate policy id", 602: "unknown annotation",
    603: "invalid annotation value", 604: "condition always false", 605: "condition always true",
    606: "decimals compared with an operator", 607: "obligation on a forbid",
    608: "policy always overruled",
  ]

  private static let compilerTitles: [UInt16: String] = [
    700: "invalid priority or weight", 701: "invalid template link", 702: "too large to compile",
    703: "slot that no link can fill",
  ]

  private static let jsonTitles: [UInt16: String] = [
    800: "invalid JSON", 801: "JSON value of another kind", 802: "unknown JSON key",
    803: "duplicate JSON key", 804: "invalid name in JSON", 805: "invalid value in JSON",
    806: "JSON expression nested too deep",
  ]
}
