// SPDX-License-Identifier: MIT

/// One file as the rules see it.
struct SourceFile {
  enum Language {
    case swift, c, python, javaScript, shell, other

    /// Lengths are limited in languages that people write by hand here.
    var hasLengthLimits: Bool {
      switch self {
      case .swift, .c, .python, .javaScript: true
      case .shell, .other: false
      }
    }
  }

  let path: String
  let bytes: [UInt8]
  let language: Language

  init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
    language = SourceFile.language(of: path)
  }

  init(path: String, text: String) { self.init(path: path, bytes: Array(text.utf8)) }

  /// The lines without their line feeds. A last line without a line feed counts.
  var lines: [ArraySlice<UInt8>] {
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  /// Data that other programs wrote, or that must stay byte for byte: no rule about text applies.
  var isData: Bool {
    let parts = path.split(separator: "/")
    return parts.contains("Fixtures") || parts.contains("Generated") || parts.contains("Corpus")
      || bytes.contains(0)
  }

  private static func language(of path: String) -> Language {
    switch path.split(separator: ".").last {
    case "swift": .swift
    case "c", "h": .c
    case "py": .python
    case "js", "ts", "tsx": .javaScript
    case "sh": .shell
    default: .other
    }
  }
}
