// SPDX-License-Identifier: MIT

internal import JSON

/// Media as Gemini's parts have them.
enum GeminiMedia {
  /// Appends `inlineData` or `fileData` to an open part.
  ///
  /// - Throws: `unsupportedParameter` for another provider's file.
  static func append(
    _ media: Media, fallbackType: StaticString, to json: inout JSONBuilder
  ) throws(TranslationError) {
    switch media.source {
    case .base64(let data):
      json.object("inlineData") {
        $0.member("mimeType", media.mediaType ?? sniffed(data) ?? JSONText("\(fallbackType)"))
        $0.member("data", data)
      }
    case .url(let url):
      append(url: url, type: media.mediaType ?? type(ofURL: url.plain), to: &json)
    case .file(let id):
      let name = id.plain
      guard ["files/", "https://", "gs://"].contains(where: { name.hasPrefix($0) }) else {
        throw RequestCheck.refusal(
          Parameter.fileID.rawValue, "'\(name)' is no file of Google's")
      }
      let address = name.hasPrefix("files/") ? JSONText(filesAddress + name) : id
      append(url: address, type: media.mediaType, to: &json)
    }
  }

  private static let filesAddress = "https://generativelanguage.googleapis.com/v1beta/"

  private static func append(url: JSONText, type: JSONText?, to json: inout JSONBuilder) {
    json.object("fileData") {
      $0.member("mimeType", type)
      $0.member("fileUri", url)
    }
  }

  /// By the first bytes of the data.
  private static func sniffed(_ data: JSONText) -> JSONText? {
    let starts: [(String, JSONText)] = [
      ("iVBOR", "image/png"), ("/9j/", "image/jpeg"), ("R0lGOD", "image/gif"),
      ("UklGR", "image/webp"), ("JVBERi", "application/pdf"),
    ]
    return starts.first { data.escaped.starts(with: $0.0.utf8) }?.1
  }

  /// By the ending of its path.
  static func type(ofURL url: String) -> JSONText? {
    let path = url.prefix { $0 != "?" && $0 != "#" }
    guard let dot = path.lastIndex(of: ".") else { return nil }
    return switch path[path.index(after: dot)...].lowercased() {
    case "png": "image/png"
    case "jpg", "jpeg": "image/jpeg"
    case "gif": "image/gif"
    case "webp": "image/webp"
    case "heic": "image/heic"
    case "heif": "image/heif"
    case "pdf": "application/pdf"
    case "txt": "text/plain"
    case "html": "text/html"
    case "csv": "text/csv"
    case "md": "text/markdown"
    case "mp3": "audio/mp3"
    case "wav": "audio/wav"
    case "mp4": "video/mp4"
    case "mov": "video/quicktime"
    case "webm": "video/webm"
    default: nil
    }
  }
}
