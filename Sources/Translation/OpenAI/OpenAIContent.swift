// SPDX-License-Identifier: MIT

internal import JSON

/// The content of an answer's message: a text, or the parts that Mistral's models answer with when
/// they think (Mistral documentation, "Reasoning"): `{"type": "thinking", "thinking": [{"type":
/// "text", …}]}` and `{"type": "text", …}`.
enum OpenAIContent {
  struct Part {
    var isThought: Bool
    var text: JSONText
  }

  /// Without what is empty, and without parts that are no text.
  static func parts(_ node: JSONNode?) -> [Part] {
    if let text = node?.text { return text.isEmpty ? [] : [Part(isThought: false, text: text)] }
    var parts: [Part] = []
    for element in node?.elements ?? JSONElements.none {
      if let thought = element["thinking"] {
        let texts =
          thought.text.map { [$0] } ?? thought.elements.compactMap { $0["text"]?.text }
        parts += texts.map { Part(isThought: true, text: $0) }
      } else if let text = element["text"]?.text ?? element.text {
        parts.append(Part(isThought: false, text: text))
      }
    }
    return parts.filter { !$0.text.isEmpty }
  }
}
