// SPDX-License-Identifier: MIT

internal import ControlPlane

extension Script {
  private static let opening = "[[script:"
  private static let closing = "]]"
  private static let depthMaximum = 32
  /// Where the wires have their conversations or inputs.
  private static let promptNames = ["messages", "contents", "input", "prompt"]

  /// `script:…` from `[[script:…]]` in the last message of a request, whatever its wire.
  static func promptScript(_ body: JSONValue) -> String? {
    for name in promptNames {
      guard let prompt = body[name] else { continue }
      if let found = lastScript(prompt.arrayValue?.last ?? prompt, depth: 0) { return found }
    }
    return nil
  }

  private static func lastScript(_ value: JSONValue, depth: Int) -> String? {
    guard depth < depthMaximum else { return nil }
    switch value {
    case .string(let text):
      return scriptRange(text).map { String(text[$0].dropFirst(2).dropLast(2)) }
    case .array(let elements):
      for element in elements.reversed() {
        if let found = lastScript(element, depth: depth + 1) { return found }
      }
    case .object(let members):
      for member in members.reversed() {
        if let found = lastScript(member.value, depth: depth + 1) { return found }
      }
    case .null, .boolean, .integer, .number, .digits: break
    }
    return nil
  }

  /// `text` without the script in it: an answer does not repeat it.
  static func withoutPromptScript(_ text: String) -> String {
    // Most texts have no bracket at all, and some are long.
    guard text.utf8.contains(UInt8(ascii: "[")) else { return text }
    guard let range = scriptRange(text) else { return text }
    var rest = text
    rest.removeSubrange(range)
    return String(rest.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }

  private static func scriptRange(_ text: String) -> Range<String.Index>? {
    guard let start = firstRange(of: opening, in: text[...]),
      let end = firstRange(of: closing, in: text[start.upperBound...])
    else { return nil }
    return start.lowerBound..<end.upperBound
  }

  private static func firstRange(
    of needle: String, in text: Substring
  ) -> Range<String.Index>? {
    var rest = text
    while let start = rest.firstIndex(of: needle[needle.startIndex]) {
      if rest[start...].hasPrefix(needle) {
        return start..<rest.index(start, offsetBy: needle.count)
      }
      rest = rest[rest.index(after: start)...]
    }
    return nil
  }
}
