// SPDX-License-Identifier: MIT

/// The value of one field of a log line.
public enum LogValue: Sendable, Equatable {
  case string(String)
  case integer(Int64)
  case number(Double)
  case boolean(Bool)

  public static func integer(_ value: some BinaryInteger) -> LogValue {
    .integer(Int64(clamping: value))
  }
}

extension LogValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  public init(stringLiteral value: String) { self = .string(value) }
}

extension LogValue: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int64) { self = .integer(value) }
}

extension LogValue: ExpressibleByBooleanLiteral {
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
}

extension LogValue {
  /// Appends the value as JSON. Numbers that JSON cannot hold become null.
  func appendJSON(to line: inout [UInt8]) {
    switch self {
    case .string(let text): appendJSONString(text, to: &line)
    case .integer(let value): line.append(contentsOf: String(value).utf8)
    case .number(let value):
      line.append(contentsOf: (value.isFinite ? String(value) : "null").utf8)
    case .boolean(let value): line.append(contentsOf: (value ? "true" : "false").utf8)
    }
  }
}

/// Appends a JSON string (RFC 8259, section 7). Control characters are escaped, so that nothing
/// from outside can begin a line of its own or move a terminal's cursor.
func appendJSONString(_ text: String, to line: inout [UInt8]) {
  let hexadecimal = Array("0123456789abcdef".utf8)
  line.append(UInt8(ascii: "\""))
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "\""): line.append(contentsOf: "\\\"".utf8)
    case UInt8(ascii: "\\"): line.append(contentsOf: "\\\\".utf8)
    case UInt8(ascii: "\n"): line.append(contentsOf: "\\n".utf8)
    case UInt8(ascii: "\r"): line.append(contentsOf: "\\r".utf8)
    case UInt8(ascii: "\t"): line.append(contentsOf: "\\t".utf8)
    case 0..<0x20, 0x7F:
      line.append(contentsOf: "\\u00".utf8)
      line.append(hexadecimal[Int(byte >> 4)])
      line.append(hexadecimal[Int(byte & 15)])
    default: line.append(byte)
    }
  }
  line.append(UInt8(ascii: "\""))
}
