// SPDX-License-Identifier: MIT

/// Rules that look at lines of text.
enum TextRules {
  static let lineCountMaximum = 500
  static let columnCountMaximum = 100

  static func check(_ file: SourceFile) -> [Finding] {
    if file.isData { return [] }
    let lines = file.lines
    return licence(file, lines) + lengths(file, lines) + whitespace(file, lines)
      + leftovers(file, lines)
  }

  /// The licence line comes first, or second after a line that must be first.
  private static func licence(_ file: SourceFile, _ lines: [ArraySlice<UInt8>]) -> [Finding] {
    let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
    let kinds = [
      "swift", "c", "h", "py", "js", "ts", "tsx", "sh", "cedar", "cedarschema", "ebnf", "yaml",
      "yml", "modulemap",
    ]
    let hasKind = name.contains(".") && kinds.contains(String(name.split(separator: ".").last!))
    guard hasKind || name == "Makefile" || name.hasPrefix("Dockerfile") else { return [] }
    // A module map is three lines whose shim header carries the licence.
    if name == "module.modulemap" { return [] }
    let head = lines.prefix(2).map { String(decoding: $0, as: UTF8.self) }
    if head.contains(where: { $0.contains("SPDX-License-Identifier: MIT") }) { return [] }
    return [
      Finding(
        path: file.path, line: 1, rule: "licence",
        message: "the first line must be the comment `SPDX-License-Identifier: MIT`")
    ]
  }

  private static func lengths(_ file: SourceFile, _ lines: [ArraySlice<UInt8>]) -> [Finding] {
    guard file.language.hasLengthLimits else { return [] }
    var findings: [Finding] = []
    if lines.count > lineCountMaximum {
      findings.append(
        Finding(
          path: file.path, line: 0, rule: "file-length",
          message: "\(lines.count) lines; split it by topic, at most \(lineCountMaximum)"))
    }
    for (number, line) in lines.enumerated() {
      // Continuation bytes of UTF-8 take no column.
      let columns = line.count { $0 & 0xC0 != 0x80 }
      if columns > columnCountMaximum {
        findings.append(
          Finding(
            path: file.path, line: number + 1, rule: "line-length",
            message: "\(columns) columns, at most \(columnCountMaximum)"))
      }
    }
    return findings
  }

  private static func whitespace(_ file: SourceFile, _ lines: [ArraySlice<UInt8>]) -> [Finding] {
    var findings: [Finding] = []
    func add(_ line: Int, _ message: String) {
      findings.append(
        Finding(path: file.path, line: line, rule: "whitespace", message: message))
    }
    for (number, line) in lines.enumerated() {
      guard let last = line.last else { continue }
      if last == UInt8(ascii: "\r") {
        add(number + 1, "carriage return at the end of the line")
      } else if last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") {
        add(number + 1, "blank at the end of the line")
      }
      if file.language == .swift && line.contains(UInt8(ascii: "\t")) {
        add(number + 1, "tab; indent by two spaces")
      }
    }
    if let last = file.bytes.last, last != UInt8(ascii: "\n") {
      add(lines.count, "no line feed at the end of the file")
    }
    return findings
  }

  private static func leftovers(_ file: SourceFile, _ lines: [ArraySlice<UInt8>]) -> [Finding] {
    var findings: [Finding] = []
    for (number, line) in lines.enumerated() {
      for banned in BannedText.all where banned.matches(line) {
        findings.append(
          Finding(
            path: file.path, line: number + 1, rule: banned.rule, message: banned.message))
      }
    }
    return findings
  }
}
