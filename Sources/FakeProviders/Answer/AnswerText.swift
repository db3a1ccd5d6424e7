// SPDX-License-Identifier: MIT

/// The words of an answer, derived from the request alone: same input, same answer.
enum AnswerText {
  /// Longest part of the caller's words that an answer repeats.
  static let echoCharactersMaximum = 400

  /// An assistant-like answer to `prompt`. `variant` picks the wording.
  static func reply(to prompt: String, model: String, variant: UInt64) -> String {
    let name = model.isEmpty ? "a model" : model
    let echo = shortened(prompt)
    if echo.isEmpty {
      return "You sent no words for me to answer. I am \(name), played by the scripted provider."
    }
    return switch variant % 4 {
    case 0: "You said: \"\(echo)\" This is \(name), played by the scripted provider."
    case 1: "The scripted provider, answering as \(name), has read: \"\(echo)\""
    case 2: "Here is \(name), by way of the scripted provider. Your message was: \"\(echo)\""
    default: "\"\(echo)\" is what reached \(name). The scripted provider answers in its place."
    }
  }

  /// A continuation for `/v1/completions`.
  static func continuation(of prompt: String, model: String, variant: UInt64) -> String {
    " " + reply(to: prompt, model: model, variant: variant)
  }

  /// A text of exactly `count` tokens, for load and length tests.
  static func filler(tokens count: Int, variant: UInt64) -> String {
    let words = ["steady", "river", "of", "small", "words", "runs", "from", "here", "to", "there"]
    var random = StableRandom(seed: variant)
    var text = ""
    for index in 0..<count {
      if index > 0 { text += " " }
      text += words[Int(random.next() % UInt64(words.count))]
    }
    return text
  }

  static func shortened(_ text: String) -> String {
    let part = text.prefix(echoCharactersMaximum)
    return part.endIndex == text.endIndex ? text : part + "…"
  }

  /// `text` up to the first of `stops`; all of it when none occurs.
  static func cut(_ text: String, atFirstOf stops: [String]) -> String {
    var first: String.Index?
    for stop in stops {
      if let found = firstIndex(of: stop, in: text), found < first ?? text.endIndex {
        first = found
      }
    }
    return first.map { String(text[..<$0]) } ?? text
  }

  /// Where `needle` begins in `text`, compared byte by byte.
  private static func firstIndex(of needle: String, in text: String) -> String.Index? {
    let pattern = Array(needle.utf8)
    guard let head = pattern.first else { return nil }
    let bytes = text.utf8
    var start = bytes.startIndex
    while let candidate = bytes[start...].firstIndex(of: head) {
      if bytes[candidate...].starts(with: pattern) { return candidate }
      start = bytes.index(after: candidate)
    }
    return nil
  }
}
