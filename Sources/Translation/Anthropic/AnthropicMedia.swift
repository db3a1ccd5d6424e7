// SPDX-License-Identifier: MIT

internal import JSON

/// What kind of data images and documents are.
enum AnthropicMedia {
  /// By its media type, or else by how such files begin; nil for what the API does not take.
  static func imageType(_ type: JSONText?, _ data: JSONText) -> StaticString? {
    switch type?.plain.lowercased() {
    case "image/jpeg", "image/jpg": return "image/jpeg"
    case "image/png": return "image/png"
    case "image/gif": return "image/gif"
    case "image/webp": return "image/webp"
    default: break
    }
    let start = String(decoding: data.escaped.prefix(16), as: UTF8.self)
    if start.hasPrefix("/9j/") || start.hasPrefix("\\/9j") { return "image/jpeg" }
    if start.hasPrefix("iVBORw0KGgo") { return "image/png" }
    if start.hasPrefix("R0lGOD") { return "image/gif" }
    if start.hasPrefix("UklGR") { return "image/webp" }
    return nil
  }

  static func isPDF(_ media: Media) -> Bool {
    switch media.mediaType?.plain.lowercased() {
    case "application/pdf", "application/x-pdf": true
    case nil, "application/octet-stream": startsAsPDF(media)
    default: false
    }
  }

  private static func startsAsPDF(_ media: Media) -> Bool {
    guard case .base64(let data) = media.source else { return false }
    return data.escaped.starts(with: "JVBERi".utf8)
  }
}
