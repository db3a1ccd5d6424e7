// SPDX-License-Identifier: MIT

/// A value of the language that owns its content: what compilers and readers of data hold before it
/// is laid out as `Value`s.
public enum Datum: Sendable, Hashable {
  case bool(Bool)
  case long(Int64)
  case string(Text)
  case entity(EntityName)
  case set(Set<Datum>)
  case record([Text: Datum])
  /// Times 10^4.
  case decimal(Int64)
  case ip(IPRange)
  /// Milliseconds since 1970-01-01T00:00:00Z.
  case datetime(Int64)
  /// Milliseconds.
  case duration(Int64)

  /// A string.
  public static func text(_ string: String) -> Datum { .string(Text(string)) }

  /// A set of strings.
  public static func texts(_ strings: [String]) -> Datum {
    .set(Set(strings.map { .string(Text($0)) }))
  }

  /// The text as a literal of the language, quotes included.
  public static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\0": result += "\\0"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension Datum: CustomStringConvertible {
  /// The value as source text; sets and records in a fixed order.
  public var description: String {
    switch self {
    case .bool(let flag): flag ? "true" : "false"
    case .long(let number): String(number)
    case .string(let text): Datum.quoted(text.string)
    case .entity(let name): name.description
    case .set(let elements):
      "[" + elements.map(\.description).sorted().joined(separator: ", ") + "]"
    case .record(let fields):
      "{"
        + fields.map { "\(Datum.quoted($0.key.string)): \($0.value)" }.sorted()
        .joined(separator: ", ") + "}"
    case .decimal(let scaled): "decimal(\"\(DecimalText.text(scaled))\")"
    case .ip(let range): "ip(\"\(range)\")"
    case .datetime(let milliseconds): "datetime(\"\(DatetimeText.text(milliseconds))\")"
    case .duration(let milliseconds): "duration(\"\(milliseconds)ms\")"
    }
  }
}
