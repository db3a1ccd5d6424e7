// SPDX-License-Identifier: MIT

/// A file that was read, and the lines that problems show.
struct SourceFile {
  let path: String
  let lines: [Substring]
  /// Nil as long as the text is not known to be YAML.
  var secrets: SecretPlaces?

  init(path: String, text: String) {
    self.path = path
    lines = Self.lines(of: text)
  }

  /// Lines end where libyaml counts one: behind LF, CR, both together, and Unicode's NEL, LS, PS.
  /// A byte order mark is no part of the first.
  private static func lines(of text: String) -> [Substring] {
    let text = text.unicodeScalars.first == "\u{feff}" ? text.dropFirst() : text[...]
    let bytes = text.utf8
    var lines: [Substring] = []
    var start = bytes.startIndex
    var index = start
    while index < bytes.endIndex {
      let length = breakLength(bytes[index...])
      guard length > 0 else {
        bytes.formIndex(after: &index)
        continue
      }
      lines.append(text[start..<index])
      bytes.formIndex(&index, offsetBy: length)
      start = index
    }
    lines.append(text[start...])
    return lines
  }

  /// Bytes of the line's end that the text begins with; 0 where it does not.
  private static func breakLength(_ text: Substring.UTF8View) -> Int {
    guard let first = text.first else { return 0 }
    switch first {
    case 0x0a: return 1
    case 0x0d: return text.dropFirst().first == 0x0a ? 2 : 1
    case 0xc2: return text.starts(with: [0xc2, 0x85]) ? 2 : 0
    case 0xe2:
      return text.starts(with: [0xe2, 0x80, 0xa8]) || text.starts(with: [0xe2, 0x80, 0xa9]) ? 3 : 0
    default: return 0
    }
  }

  /// The text of a line, counted from 1; empty when there is none.
  func line(_ number: Int) -> Substring {
    guard number >= 1, number <= lines.count else { return "" }
    return lines[number - 1]
  }

  /// The same without its secrets.
  func maskedLine(_ number: Int) -> [Unicode.Scalar] {
    var mask = SecretMask(Array(line(number).unicodeScalars))
    mask.hideByNames()
    guard let secrets else {
      // Where its texts end is anybody's guess.
      mask.hideURLs(in: 0..<mask.characters.count)
      mask.hideRest(isBelowSecret: isBelowSecret(number))
      return mask.characters
    }
    mask.hideURLs()
    let ranges = secrets.secrets(in: number)
    for range in ranges { mask.hide(range) }
    for range in secrets.urls(in: number) { mask.hideURLs(in: range) }
    if let last = ranges.last, last.upperBound < Int.max {
      mask.hideComment(from: last.upperBound)
    }
    return mask.characters
  }

  /// Whether a line stands below a secret's key: below one that it is indented under; and where it
  /// does not begin with a key as they are written here, on the nearest line that has keys.
  private func isBelowSecret(_ number: Int) -> Bool {
    func keys(_ number: Int) -> [String] {
      SecretMask.keys(in: Array(line(number).unicodeScalars))
    }
    func indentation(_ number: Int) -> Int {
      line(number).utf8.prefix { $0 == 0x20 || $0 == 0x09 || $0 == 0x2d }.count
    }
    let start = line(number).drop { " \t-[{\"'".contains($0) }
    let hasKey = keys(number).first.map { SecretNames.isWord($0) && start.hasPrefix($0) } ?? false
    var nearest = hasKey ? indentation(number) : Int.max
    for above in stride(from: number - 1, to: 0, by: -1) where nearest > 0 {
      let names = keys(above)
      guard !names.isEmpty, indentation(above) < nearest else { continue }
      nearest = indentation(above)
      let isSecret = hasKey ? { $0 == SecretNames.headers } : SecretNames.isSecret
      if names.contains(where: isSecret) { return true }
    }
    return false
  }

  /// `name`, taken relative to this file's folder.
  func resolve(_ name: String) -> String {
    if name.hasPrefix("/") { return name }
    guard let slash = path.lastIndex(of: "/") else { return name }
    return path[...slash] + name
  }
}
