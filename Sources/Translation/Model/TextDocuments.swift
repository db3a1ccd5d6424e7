// SPDX-License-Identifier: MIT

internal import JSON

extension Media {
  /// The text of a document that is text by its media type; nil for others, and where it is not
  /// UTF-8.
  var documentText: JSONText? {
    guard case .base64(let data) = source, let type = plainMediaType, Self.isText(type),
      let bytes = Base64.decode(data.plainBytes),
      let text = String(validating: bytes, as: UTF8.self)
    else { return nil }
    return JSONText(text)
  }

  /// In lower case, without parameters.
  fileprivate var plainMediaType: String? {
    mediaType.map { type in
      String(type.plain.lowercased().prefix { $0 != ";" }).filter { $0 != " " }
    }
  }

  private static let textTypes: Set<String> = [
    "application/json", "application/xml", "application/x-ndjson", "application/yaml",
    "application/x-yaml", "application/javascript", "application/x-javascript",
  ]

  private static func isText(_ type: String) -> Bool {
    type.hasPrefix("text/") || textTypes.contains(type) || type.hasSuffix("+json")
      || type.hasSuffix("+xml")
  }
}

extension ChatRequest {
  /// Says documents that are text as text, behind their names.
  ///
  /// - Parameter isTaken: media types of those that stay.
  /// - Returns: whether there were any.
  mutating func spellOutDocuments(but isTaken: (String) -> Bool) -> Bool {
    var isChanged = false
    for index in messages.indices {
      for place in messages[index].blocks.indices {
        if messages[index].blocks[place].spellOutDocument(isTaken) { isChanged = true }
      }
    }
    return isChanged
  }
}

extension Block {
  fileprivate mutating func spellOutDocument(_ isTaken: (String) -> Bool) -> Bool {
    switch content {
    case .file(let media):
      guard !isTaken(media.plainMediaType ?? ""), var text = media.documentText else {
        return false
      }
      if let name = media.name, !name.isBlank {
        text = JSONText(escaped: name.escaped + JSONText(":\n\n").escaped + text.escaped)
      }
      content = .text(text)
      return true
    case .toolResult(var result):
      var isChanged = false
      for index in result.blocks.indices
      where result.blocks[index].spellOutDocument(isTaken) {
        isChanged = true
      }
      if isChanged { content = .toolResult(result) }
      return isChanged
    default: return false
    }
  }
}
