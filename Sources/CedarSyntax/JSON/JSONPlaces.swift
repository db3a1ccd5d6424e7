// SPDX-License-Identifier: MIT

/// Where the values of a JSON text stand, by JSON pointer (RFC 6901). Of several values under one
/// pointer the first counts, as it does for the readers.
package struct JSONPlaces {
  private var spans: [String: SourceSpan] = [:]
  private let bytes: [UInt8]
  private let file: UInt16
  private let levels: Int
  private var position = 0

  /// - Parameters:
  ///   - source: a text that `CedarJSON` accepts; of another the places are wrong.
  ///   - levels: how deep values are noted; 0 is the whole text alone.
  package init(_ source: String, file: UInt16, levels: Int = .max) {
    bytes = Array(source.utf8)
    self.file = file
    self.levels = levels
    // Nesting is bounded by `CedarLimits.jsonDepthMax`; beyond that nothing is read.
    value("", 0)
  }

  /// The place of a value, or of the nearest one around it that is there.
  package func span(_ pointer: String) -> SourceSpan {
    var pointer = Substring(pointer)
    while true {
      if let span = spans[String(pointer)] { return span }
      guard let slash = pointer.lastIndex(of: "/") else {
        return SourceSpan(start: 0, end: 0, file: file)
      }
      pointer = pointer[..<slash]
    }
  }

  // MARK: reading

  private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipBlank() {
    while let byte, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
  }

  private mutating func value(_ pointer: String, _ depth: Int) {
    guard depth <= CedarLimits.jsonDepthMax else { return }
    skipBlank()
    let start = position
    switch byte {
    case UInt8(ascii: "{"): object(pointer, depth)
    case UInt8(ascii: "["): array(pointer, depth)
    case UInt8(ascii: "\""): skipString()
    default:
      while let byte, !Self.ends.contains(byte) { position += 1 }
    }
    guard depth <= levels, spans[pointer] == nil else { return }
    // In a text that breaks off, positions can lie behind its end.
    let end = min(position, bytes.count)
    spans[pointer] = SourceSpan(start: min(start, end), end: end, file: file)
  }

  private static let ends = Set(", \t\r\n]}".utf8)

  private mutating func object(_ pointer: String, _ depth: Int) {
    position += 1
    skipBlank()
    while byte == UInt8(ascii: "\"") {
      let start = position
      skipString()
      var inner = ""
      if depth < levels {
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        inner = JSONPath(at: pointer)[(try? CedarJSON(parsing: text))?.string ?? ""].text
      }
      skipBlank()
      position += 1  // the colon
      value(inner, depth + 1)
      guard goesOn() else { return }
    }
    position += 1
  }

  private mutating func array(_ pointer: String, _ depth: Int) {
    position += 1
    skipBlank()
    var index = 0
    while let byte, byte != UInt8(ascii: "]") {
      value(depth < levels ? "\(pointer)/\(index)" : "", depth + 1)
      index += 1
      guard goesOn() else { return }
    }
    position += 1
  }

  /// Passes a comma, or the closing bracket, behind which nothing goes on.
  private mutating func goesOn() -> Bool {
    skipBlank()
    let isComma = byte == UInt8(ascii: ",")
    position += 1
    skipBlank()
    return isComma
  }

  private mutating func skipString() {
    position += 1
    while let byte, byte != UInt8(ascii: "\"") { position += byte == UInt8(ascii: "\\") ? 2 : 1 }
    position = min(position + 1, bytes.count)
  }
}
