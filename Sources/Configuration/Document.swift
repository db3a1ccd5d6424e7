// SPDX-License-Identifier: MIT

internal import Yams

/// A YAML text turned into a tree, or a report of why it is none.
enum Document {
  static let bytesMaximum = 8 * 1024 * 1024
  /// Levels of lists and mappings; the parser below descends once per level.
  static let depthMaximum = 64

  static func parse(_ text: String, file: SourceFile, reading: Reading, name: String) -> Field? {
    guard text.utf8.count <= bytesMaximum else {
      reading.report("the file is larger than \(bytesMaximum) bytes", at: nil, in: file)
      return nil
    }
    if let line = tooDeepLine(file) {
      reading.report(
        "lists and mappings are nested too deep", at: Place(line: line, column: 1), in: file)
      return nil
    }
    do {
      guard let node = try Yams.compose(yaml: text) else {
        reading.report("the file is empty", at: nil, in: file)
        return nil
      }
      return Field(node: node, file: file, reading: reading, name: name)
    } catch let error as YamlError {
      report(error, file: file, reading: reading)
    } catch {
      reading.report("the file is not YAML", at: nil, in: file)
    }
    return nil
  }

  /// The first line whose indentation, list marks and open brackets could nest deeper than the
  /// parser's recursion should go. Brackets in texts count too: a bound, not a parse.
  private static func tooDeepLine(_ file: SourceFile) -> Int? {
    var open = 0
    for (index, line) in file.lines.enumerated() {
      var indentation = 0
      var isLeading = true
      for byte in line.utf8 {
        switch byte {
        case UInt8(ascii: "["), UInt8(ascii: "{"):
          open += 1
          isLeading = false
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
          open = max(open - 1, 0)
          isLeading = false
        case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "?"):
          indentation += isLeading ? 1 : 0
        default:
          isLeading = false
        }
        if open > depthMaximum { return index + 1 }
      }
      if indentation > depthMaximum * 4 { return index + 1 }
    }
    return nil
  }

  private static func report(_ error: YamlError, file: SourceFile, reading: Reading) {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let detail = context.map { " \($0.text)" } ?? ""
      reading.report("not YAML: \(problem)\(detail)", at: mark.place, in: file)
    case .duplicatedKeysInMapping(let duplicates, let context):
      for key in duplicates.sorted() {
        reading.report(
          "key `\(key)` is given twice in the mapping that begins here", at: context.mark.place,
          in: file)
      }
    case .reader(let problem, _, _, _):
      reading.report("not YAML: \(problem)", at: nil, in: file)
    default:
      reading.report("not YAML", at: nil, in: file)
    }
  }
}
