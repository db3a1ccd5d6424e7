// SPDX-License-Identifier: MIT

/// A YAML text turned into a tree, or a report of why it is none.
enum Document {
  static let bytesMaximum = 8 * 1024 * 1024

  static func parse(_ text: String, file: SourceFile, reading: Reading, name: String) -> Field? {
    guard text.utf8.count <= bytesMaximum else {
      reading.report("the file is larger than \(bytesMaximum) bytes", at: nil, in: file)
      return nil
    }
    do throws(YAMLError) {
      // Some editors begin a file with a byte order mark (YAML 1.2.2 section 5.2 allows it).
      let content =
        text.unicodeScalars.first == "\u{feff}"
        ? String(text.unicodeScalars.dropFirst()) : text
      var composer = NodeComposer(try YAMLEvents(content))
      guard let node = try composer.compose() else {
        reading.report("the file is empty", at: nil, in: file)
        return nil
      }
      var file = file
      file.secrets = SecretPlaces(node)
      return Field(node: node, file: file, reading: reading, name: name)
    } catch {
      reading.report(
        error.message, help: help(for: error, in: file), at: error.place, in: file)
      return nil
    }
  }

  /// What libyaml's words do not tell: the two mistakes that are made most.
  private static func help(for error: YAMLError, in file: SourceFile) -> String {
    guard error.message.hasPrefix("not YAML"), let place = error.place else { return "" }
    let line = file.line(place.line)
    let indentation = line.prefix { $0 == " " || $0 == "\t" }
    if indentation.contains("\t") { return "indent by spaces: YAML allows no tabs there" }
    // A brace ends a plain text within braces, so `{key: ${NAME}}` is none.
    let before = line.prefix(place.column)
    if before.contains("${"), before.contains("{") || before.contains("[") {
      return "within `{…}` and `[…]` variables are quoted: `\"${NAME}\"`"
    }
    return ""
  }
}
