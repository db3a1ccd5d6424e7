// SPDX-License-Identifier: MIT

extension CedarJSON {
  /// The value as JSON text, without spaces.
  public var text: String {
    var result = ""
    write(to: &result, indent: nil, level: 0)
    return result
  }

  /// The value as JSON text, two spaces a level, ending without a line break.
  public var prettyText: String {
    var result = ""
    write(to: &result, indent: 2, level: 0)
    return result
  }

  private func write(to result: inout String, indent: Int?, level: Int) {
    switch self {
    case .null: result += "null"
    case .bool(let value): result += value ? "true" : "false"
    case .integer(let value): result += String(value)
    case .number(let value): result += value
    case .string(let value): Self.write(value, to: &result)
    case .array(let values):
      Self.list("[", "]", values, &result, indent, level) { value, result in
        value.write(to: &result, indent: indent, level: level + 1)
      }
    case .object(let members):
      Self.list("{", "}", members, &result, indent, level) { member, result in
        Self.write(member.key, to: &result)
        result += indent == nil ? ":" : ": "
        member.value.write(to: &result, indent: indent, level: level + 1)
      }
    }
  }

  private static func list<Element>(
    _ open: String, _ close: String, _ elements: [Element], _ result: inout String,
    _ indent: Int?, _ level: Int, _ body: (Element, inout String) -> Void
  ) {
    result += open
    for (position, element) in elements.enumerated() {
      if position > 0 { result += "," }
      if let indent {
        result += "\n" + String(repeating: " ", count: indent * (level + 1))
      }
      body(element, &result)
    }
    if let indent, !elements.isEmpty {
      result += "\n" + String(repeating: " ", count: indent * level)
    }
    result += close
  }

  private static func write(_ text: String, to result: inout String) {
    result += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if scalar.value < 0x20 {
          let digits = String(scalar.value, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    result += "\""
  }
}
