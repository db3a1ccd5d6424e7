// SPDX-License-Identifier: MIT

import CedarSyntax

/// A text with its lines, addressed as editors do: lines from 0 and UTF-16 units in them.
struct TextDocument {
  let uri: String
  let path: String
  var version: Int64?
  let file: SourceFile

  init(uri: String, path: String, version: Int64?, text: String) {
    self.uri = uri
    self.path = path
    self.version = version
    file = SourceFile(name: path, text: text)
  }

  var text: String { file.text }
  var isSchema: Bool { path.hasSuffix(".cedarschema") }
  var isPolicy: Bool { path.hasSuffix(".cedar") }

  // MARK: positions

  func position(_ offset: Int) -> CedarJSON {
    let line = file.position(of: offset).line - 1
    let start = Int(file.lineStarts[line])
    let units = slice(start, min(offset, text.utf8.count)).utf16.count
    return .members(("line", .integer(Int64(line))), ("character", .integer(Int64(units))))
  }

  func range(_ span: SourceSpan) -> CedarJSON {
    .members(("start", position(Int(span.start))), ("end", position(Int(span.end))))
  }

  /// The byte offset of a position; what lies behind a line or the text is brought back to its end.
  func offset(_ position: CedarJSON?) -> Int? {
    guard let line = position?["line"]?.integer, let character = position?["character"]?.integer,
      line >= 0, character >= 0
    else { return nil }
    guard line < file.lineStarts.count else { return text.utf8.count }
    let start = Int(file.lineStarts[Int(line)])
    let content = file.line(Int(line) + 1)
    let wanted = min(Int(character), content.utf16.count)
    let index = content.utf16.index(content.startIndex, offsetBy: wanted)
    return start + content.utf8.distance(from: content.startIndex, to: index)
  }

  func slice(_ start: Int, _ end: Int) -> String {
    file.text(of: SourceSpan(start: start, end: end))
  }

  /// The `//` lines right above a place: what a declaration says of itself.
  func comment(above offset: Int) -> String {
    var lines: [String] = []
    var number = file.position(of: offset).line - 1
    while number >= 1 {
      let line = file.line(number).drop(while: \.isWhitespace)
      guard line.hasPrefix("//") else { break }
      lines.insert(String(line.dropFirst(2).drop(while: { $0 == "/" || $0 == " " })), at: 0)
      number -= 1
    }
    return lines.joined(separator: "\n")
  }
}
