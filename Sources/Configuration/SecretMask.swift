// SPDX-License-Identifier: MIT

/// Hides what may be a secret in a line of YAML (JSON is YAML), since messages end up in logs: one
/// asterisk for each character, so that columns stay. References to the environment are no secrets.
///
/// It goes by the text of one line: for values in messages, for comments, and for files that are
/// not YAML. Of others `SecretPlaces` knows what is a secret.
struct SecretMask {
  private(set) var characters: [Unicode.Scalar]
  private var index = 0
  /// Within braces or brackets of this line.
  private var isInFlow = false

  init(_ characters: [Unicode.Scalar]) { self.characters = characters }

  /// A value that is no secret by its name, as messages show it.
  static func applied(to text: String) -> String {
    var mask = SecretMask(Array(text.unicodeScalars))
    mask.hideByNames()
    mask.hideURLs(in: 0..<mask.characters.count)
    return mask.text
  }

  var text: String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: characters)
    return String(view)
  }

  // MARK: Places

  /// Hides a whole value but for its quotes.
  mutating func hide(_ range: Range<Int>) {
    var range = range.clamped(to: 0..<characters.count)
    guard let first = range.first, let last = range.last else { return }
    let isQuoted = characters[first] == "\"" || characters[first] == "'"
    if isQuoted {
      range = first + 1..<(last > first && characters[last] == characters[first] ? last : last + 1)
    }
    index = range.lowerBound
    while index < range.upperBound {
      if skipVariable() { continue }
      hideOne()
    }
  }

  /// Hides a comment, which may be what the value was before.
  mutating func hideComment(from start: Int) {
    var place = max(start, 1)
    while place < characters.count {
      if characters[place] == "#", characters[place - 1].properties.isWhitespace {
        return hide(place + 1..<characters.count)
      }
      place += 1
    }
  }

  /// For lines of which it is not known where texts begin and end: behind the first key of a
  /// secret, or anywhere, hides all but what holds YAML together and words with a colon.
  mutating func hideRest(isBelowSecret: Bool) {
    (index, isInFlow) = (0, false)
    if !isBelowSecret {
      while let name = nextKey(), !SecretNames.isSecret(name) {}
    }
    while index < characters.count {
      if skipVariable() || skipKey() { continue }
      if "-[]{},:\"'".unicodeScalars.contains(characters[index]) { index += 1 } else { hideOne() }
    }
  }

  /// `name:`, or a text to hide.
  private mutating func skipKey() -> Bool {
    guard isOfName(index), characters[index] != "-" else { return false }
    let start = index
    var end = start
    while end < characters.count, isOfName(end) { end += 1 }
    var colon = end
    while colon < characters.count, "\"' ".unicodeScalars.contains(characters[colon]) { colon += 1 }
    let isKey = colon < characters.count && characters[colon] == ":"
    if isKey, SecretNames.isWord(SecretMask(Array(characters[start..<end])).text) {
      index = colon + 1
    } else {
      while index < end { hideOne() }
    }
    return true
  }

  private mutating func hideOne() {
    if !characters[index].properties.isWhitespace { characters[index] = "*" }
    index += 1
  }

  // MARK: URLs

  /// Of each URL in a line what stands before its host, and what follows its path.
  mutating func hideURLs() {
    var start = 0
    while let colon = nextURL(start, characters.count) {
      let end = characters[colon...].firstIndex { "\"' \t".unicodeScalars.contains($0) }
      hideURL(colon + 3..<(end ?? characters.count))
      start = end ?? characters.count
    }
  }

  /// The same where the range is one value, blanks and all.
  mutating func hideURLs(in range: Range<Int>) {
    let range = range.clamped(to: 0..<characters.count)
    guard let colon = nextURL(range.lowerBound, range.upperBound) else { return }
    hideURL(colon + 3..<range.upperBound)
  }

  private func nextURL(_ start: Int, _ end: Int) -> Int? {
    var place = start
    while place + 3 <= end {
      if characters[place] == ":", characters[place + 1] == "/", characters[place + 2] == "/" {
        return place
      }
      place += 1
    }
    return nil
  }

  private mutating func hideURL(_ range: Range<Int>) {
    var host = range.lowerBound
    // A password may have a slash in it.
    if let at = characters[range].lastIndex(of: "@") {
      hide(range.lowerBound..<at)
      host = at
    }
    let rest = host..<range.upperBound
    if let query = characters[rest].firstIndex(where: { $0 == "?" || $0 == "#" }) {
      hide(query + 1..<range.upperBound)
    }
  }

  // MARK: Names

  /// Hides the value of each key that `SecretNames` knows.
  mutating func hideByNames() {
    (index, isInFlow) = (0, false)
    while let name = nextKey() {
      if SecretNames.isSecret(name) { hideValue(isBelowHeaders: name == SecretNames.headers) }
    }
  }

  /// The keys of the line, the last one last. A colon within a text is none.
  static func keys(in line: [Unicode.Scalar]) -> [String] {
    var mask = SecretMask(line)
    var names: [String] = []
    while let name = mask.nextKey() {
      let next = mask.index < line.count ? line[mask.index] : " "
      let isQuoted = mask.index >= 2 && "\"'".unicodeScalars.contains(line[mask.index - 2])
      if isQuoted || next.properties.isWhitespace { names.append(name) }
    }
    return names
  }

  /// The next `name:`, with or without quotes; leaves the index behind the colon.
  private mutating func nextKey() -> String? {
    while index < characters.count {
      guard isOfName(index) else {
        if characters[index] == "{" || characters[index] == "[" { isInFlow = true }
        index += 1
        continue
      }
      let start = index
      while index < characters.count, isOfName(index) { index += 1 }
      let end = index
      if index < characters.count, characters[index] == "\"" || characters[index] == "'" {
        index += 1
      }
      var colon = index
      while colon < characters.count, characters[colon].properties.isWhitespace { colon += 1 }
      if colon < characters.count, characters[colon] == ":" {
        index = colon + 1
        return SecretMask(Array(characters[start..<end])).text
      }
    }
    return nil
  }

  private func isOfName(_ place: Int) -> Bool {
    let character = characters[place]
    return character.properties.isAlphabetic || character.properties.numericType != nil
      || character == "_" || character == "-"
  }

  private mutating func skipBlanks() {
    while index < characters.count, characters[index].properties.isWhitespace { index += 1 }
  }

  private mutating func hideValue(isBelowHeaders: Bool) {
    skipBlanks()
    guard index < characters.count else { return }
    switch characters[index] {
    case "{":
      isInFlow = true
      // What is in a mapping has keys of its own, of which those of `headers` may be any.
      guard isBelowHeaders else { return }
      index += 1
      while index < characters.count, characters[index] != "}", nextKey() != nil {
        hideValue(isBelowHeaders: true)
        skipBlanks()
      }
    case "[":
      isInFlow = true
      hideList(isBelowHeaders: isBelowHeaders)
    default: hideScalar()
    }
  }

  private mutating func hideList(isBelowHeaders: Bool) {
    index += 1
    while index < characters.count, characters[index] != "]" {
      switch characters[index] {
      case "{" where isBelowHeaders: hideValue(isBelowHeaders: true)
      case "{", "}": return
      case ",": index += 1
      case _ where characters[index].properties.isWhitespace: index += 1
      case "[": index += 1
      default: hideScalar()
      }
    }
  }

  /// One quoted or plain text. Within braces a plain one ends at what divides them.
  private mutating func hideScalar() {
    let quote = characters[index]
    let isQuoted = quote == "\"" || quote == "'"
    if isQuoted { index += 1 }
    while index < characters.count {
      let character = characters[index]
      if isQuoted {
        if character == quote {
          // Two of them are one within.
          guard quote == "'", index + 1 < characters.count, characters[index + 1] == quote else {
            break
          }
          characters[index] = "*"
          index += 1
        } else if quote == "\"", character == "\\", index + 1 < characters.count {
          characters[index] = "*"
          index += 1
        }
      } else if isInFlow, ",}]".unicodeScalars.contains(character) {
        break
      }
      if skipVariable() { continue }
      hideOne()
    }
    if isQuoted, index < characters.count { index += 1 }
  }

  /// `${NAME}` and `${NAME:-`; a default may be a secret.
  private mutating func skipVariable() -> Bool {
    guard characters[index] == "$", index + 1 < characters.count, characters[index + 1] == "{"
    else { return false }
    var end = index + 2
    while end < characters.count, isOfName(end), characters[end] != "-" { end += 1 }
    guard end < characters.count, characters[end] == "}" || characters[end] == ":" else {
      return false
    }
    index = end + 1
    return true
  }
}
