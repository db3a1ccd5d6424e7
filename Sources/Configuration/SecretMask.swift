// SPDX-License-Identifier: MIT

/// Hides what may be a secret in a line of YAML (JSON is YAML), since messages end up in logs: one
/// asterisk for each character, so that columns stay. References to the environment are no secrets.
struct SecretMask {
  /// Ends of the keys whose values are hidden, in lower case.
  private static let secretNames = [
    "key", "keys", "secret", "token", "access_key_id", "password", "authorization",
  ]
  /// A duration, which would end like one of them.
  private static let harmlessNames = ["first_token"]

  private var characters: [Character]
  private var index = 0

  static func applied(to line: String) -> String {
    var mask = SecretMask(characters: Array(line))
    while let name = mask.nextKey() {
      let ending = Self.secretNames.contains { name.hasSuffix($0) }
      if ending, !Self.harmlessNames.contains(name) { mask.hideValue() }
    }
    mask.hideUsers()
    return String(mask.characters)
  }

  /// What stands before the host of a URL.
  private mutating func hideUsers() {
    var start = 0
    while start + 3 <= characters.count {
      guard characters[start..<start + 3] == [":", "/", "/"] else {
        start += 1
        continue
      }
      start += 3
      let end = characters[start...].firstIndex { "/?#\"' ".contains($0) } ?? characters.count
      guard let at = characters[start..<end].lastIndex(of: "@") else { continue }
      for place in start..<at { characters[place] = "*" }
    }
  }

  /// The next `name:`, with or without quotes, in lower case; leaves the index behind the colon.
  private mutating func nextKey() -> String? {
    while index < characters.count {
      guard isOfName(index) else {
        index += 1
        continue
      }
      let start = index
      while index < characters.count, isOfName(index) { index += 1 }
      let name = String(characters[start..<index]).lowercased()
      if index < characters.count, characters[index] == "\"" || characters[index] == "'" {
        index += 1
      }
      var colon = index
      while colon < characters.count, characters[colon].isWhitespace { colon += 1 }
      if colon < characters.count, characters[colon] == ":" {
        index = colon + 1
        return name
      }
    }
    return nil
  }

  private func isOfName(_ place: Int) -> Bool {
    let character = characters[place]
    return character.isLetter || character.isNumber || character == "_" || character == "-"
  }

  private mutating func hideValue() {
    while index < characters.count, characters[index].isWhitespace { index += 1 }
    guard index < characters.count else { return }
    switch characters[index] {
    // What is in a mapping has keys of its own.
    case "{": return
    case "[":
      index += 1
      while index < characters.count, characters[index] != "]" {
        if characters[index] == "{" || characters[index] == "}" { return }
        hideScalar(isInFlow: true)
        while index < characters.count, characters[index] == "," || characters[index].isWhitespace {
          index += 1
        }
      }
    default:
      let isInFlow = characters[..<index].contains { $0 == "{" || $0 == "[" }
      hideScalar(isInFlow: isInFlow)
    }
  }

  /// One quoted or plain text. Within braces a plain one ends at what divides them.
  private mutating func hideScalar(isInFlow: Bool) {
    let quote = characters[index]
    let isQuoted = quote == "\"" || quote == "'"
    if isQuoted { index += 1 }
    while index < characters.count {
      let character = characters[index]
      if isQuoted ? character == quote : isInFlow && [",", "}", "]"].contains(character) { break }
      if skipVariable() { continue }
      if isQuoted, quote == "\"", character == "\\", index + 1 < characters.count {
        characters[index] = "*"
        index += 1
      }
      if !characters[index].isWhitespace { characters[index] = "*" }
      index += 1
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
