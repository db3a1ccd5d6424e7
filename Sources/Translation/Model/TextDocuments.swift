// SPDX-License-Identifier: MIT

internal import JSON

extension Media {
  /// The text of a document that is text by its media type; nil for others, and where it is not
  /// UTF-8.
  var documentText: JSONText? {
    guard case .base64(let data) = source, let type = mediaType?.plain.lowercased()
    else { return nil }
    let isText =
      type.hasPrefix("text/") || type == "application/json" || type == "application/xml"
      || type == "application/x-ndjson" || type == "application/yaml"
    guard isText, let bytes = Base64.decode(data.plainBytes),
      let text = String(validating: bytes, as: UTF8.self)
    else { return nil }
    return JSONText(text)
  }
}

extension ChatRequest {
  /// Says documents that are text as text, behind their names.
  ///
  /// - Returns: whether there were any.
  mutating func spellOutDocuments() -> Bool {
    var isChanged = false
    for index in messages.indices {
      for place in messages[index].blocks.indices {
        if messages[index].blocks[place].spellOutDocument() { isChanged = true }
      }
    }
    return isChanged
  }
}

extension Block {
  fileprivate mutating func spellOutDocument() -> Bool {
    switch content {
    case .file(let media):
      guard var text = media.documentText else { return false }
      if let name = media.name, !name.isBlank {
        text = JSONText(escaped: name.escaped + JSONText(":\n\n").escaped + text.escaped)
      }
      content = .text(text)
      return true
    case .toolResult(var result):
      var isChanged = false
      for index in result.blocks.indices where result.blocks[index].spellOutDocument() {
        isChanged = true
      }
      if isChanged { content = .toolResult(result) }
      return isChanged
    default: return false
    }
  }
}
