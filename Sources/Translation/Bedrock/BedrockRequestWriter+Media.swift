// SPDX-License-Identifier: MIT

internal import JSON

extension BedrockRequestWriter {
  mutating func writeImage(_ media: Media) throws(TranslationError) {
    guard let format = Self.imageFormat(media) else {
      throw RequestCheck.refusal(
        "image", "Converse takes png, jpeg, gif and webp, not '\(media.mediaType?.plain ?? "")'")
    }
    json.key("image")
    json.beginObject()
    json.member("format", literal: format)
    try writeSource(media, Parameter.imageURL.rawValue)
    json.endObject()
  }

  mutating func writeAudio(_ media: Media) throws(TranslationError) {
    guard let format = Self.audioFormat(media.mediaType?.plain ?? "") else {
      throw RequestCheck.refusal(
        "audio", "Converse does not take '\(media.mediaType?.plain ?? "")'")
    }
    json.key("audio")
    json.beginObject()
    json.member("format", literal: format)
    try writeSource(media, Parameter.audio.rawValue)
    json.endObject()
  }

  mutating func writeDocument(_ media: Media) throws(TranslationError) {
    guard let format = Self.documentFormat(media) else {
      throw RequestCheck.refusal(
        "file", "Converse does not take documents of '\(media.mediaType?.plain ?? "no type")'")
    }
    json.key("document")
    json.beginObject()
    json.member("format", literal: format)
    json.member("name", string: documentName(media.name?.plain ?? ""))
    try writeSource(media, Parameter.fileURL.rawValue)
    json.endObject()
  }

  private mutating func writeSource(
    _ media: Media, _ parameter: String
  ) throws(TranslationError) {
    switch media.source {
    case .base64(let data): json.object("source") { $0.member("bytes", data) }
    case .url(let address):
      guard address.plain.hasPrefix("s3://") else {
        throw RequestCheck.refusal(parameter, "Converse takes data or an s3:// address")
      }
      json.object("source") { json in
        json.object("s3Location") { $0.member("uri", address) }
      }
    case .file:
      throw RequestCheck.refusal(parameter, "Converse has no file store")
    }
  }

  // MARK: Formats

  private static func imageFormat(_ media: Media) -> StaticString? {
    switch media.mediaType?.plain.lowercased() {
    case "image/png": return "png"
    case "image/jpeg", "image/jpg": return "jpeg"
    case "image/gif": return "gif"
    case "image/webp": return "webp"
    case nil, "": break
    default: return nil
    }
    // The first bytes of each format, as they are written in base64.
    switch media.source {
    case .base64(let data):
      let start = String(decoding: data.plainBytes.prefix(12), as: UTF8.self)
      if start.hasPrefix("iVBORw0KGgo") { return "png" }
      if start.hasPrefix("/9j/") { return "jpeg" }
      if start.hasPrefix("R0lGOD") { return "gif" }
      return start.hasPrefix("UklGR") ? "webp" : nil
    case .url(let address):
      switch fileExtension(address.plain) {
      case "png": return "png"
      case "jpeg", "jpg": return "jpeg"
      case "gif": return "gif"
      case "webp": return "webp"
      default: return nil
      }
    case .file: return nil
    }
  }

  private static func audioFormat(_ mediaType: String) -> StaticString? {
    guard mediaType.lowercased().hasPrefix("audio/") else { return nil }
    switch mediaType.lowercased().dropFirst(6) {
    case "wav", "x-wav", "wave": return "wav"
    case "mp3": return "mp3"
    case "mpeg": return "mpeg"
    case "flac": return "flac"
    case "ogg": return "ogg"
    case "opus": return "opus"
    case "aac": return "aac"
    case "webm": return "webm"
    case "mp4": return "mp4"
    case "m4a", "x-m4a": return "m4a"
    case "pcm", "pcm16", "l16": return "pcm"
    default: return nil
    }
  }

  private static func documentFormat(_ media: Media) -> StaticString? {
    switch media.mediaType?.plain.lowercased() {
    case "application/pdf": return "pdf"
    case "text/csv": return "csv"
    case "application/msword": return "doc"
    case "application/vnd.openxmlformats-officedocument.wordprocessingml.document": return "docx"
    case "application/vnd.ms-excel": return "xls"
    case "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": return "xlsx"
    case "text/html": return "html"
    case "text/markdown": return "md"
    case "text/plain": return "txt"
    default: break
    }
    var name = media.name?.plain ?? ""
    if case .url(let address) = media.source, name.isEmpty { name = address.plain }
    let known: [(String, StaticString)] = [
      ("pdf", "pdf"), ("csv", "csv"), ("doc", "doc"), ("docx", "docx"), ("xls", "xls"),
      ("xlsx", "xlsx"), ("html", "html"), ("htm", "html"), ("txt", "txt"), ("md", "md"),
    ]
    let ending = fileExtension(name)
    return known.first { $0.0 == ending }?.1
  }

  /// What stands after the last dot, in small letters.
  private static func fileExtension(_ name: String) -> String {
    guard let dot = name.lastIndex(of: ".") else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }

  // MARK: Names

  private static let nameLengthMaximum = 200

  /// A name of letters, digits, single spaces, hyphens and brackets, without the ending; no two
  /// documents of a request may have one.
  private mutating func documentName(_ name: String) -> String {
    var bare = name[...]
    if let dot = bare.lastIndex(of: "."), dot != bare.startIndex { bare = bare[..<dot] }
    var kept = ""
    for character in bare.utf8 {
      let isKept: Bool =
        switch character {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "-()[]".utf8.contains(character)
        }
      if isKept {
        kept.unicodeScalars.append(Unicode.Scalar(character))
      } else if !kept.isEmpty, !kept.hasSuffix(" ") {
        kept += " "
      }
    }
    while kept.hasSuffix(" ") { kept.removeLast() }
    let base = kept.isEmpty ? "document" : String(kept.prefix(Self.nameLengthMaximum - 8))
    var unique = base
    var count = 1
    while !documentNames.insert(unique).inserted {
      count += 1
      unique = "\(base) (\(count))"
    }
    return unique
  }
}
