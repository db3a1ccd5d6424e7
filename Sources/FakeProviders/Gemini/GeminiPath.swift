// SPDX-License-Identifier: MIT

/// A path of the Gemini API or of Vertex: `/v1beta/models/{m}:{method}`,
/// `/v1/projects/{p}/locations/{l}/publishers/{publisher}/models/{m}:{method}`.
struct GeminiPath: Equatable {
  var isVertex: Bool
  /// `google` or `anthropic`.
  var publisher = "google"
  /// Empty for the list of models.
  var model = ""
  /// After the colon; empty for the model itself.
  var method = ""

  init?(_ path: String) {
    let steps = path.split(separator: "/").map { Script.percentDecoded($0) }
    guard let version = steps.first, version.hasPrefix("v1"),
      let models = steps.lastIndex(of: "models")
    else { return nil }
    if let place = steps.lastIndex(of: "publishers") {
      isVertex = true
      guard place + 2 == models else { return nil }
      publisher = steps[place + 1]
    } else {
      isVertex = false
      if models != 1 { return nil }
    }
    let last = steps[(models + 1)...].joined(separator: "/")
    guard let colon = last.lastIndex(of: ":") else {
      model = last
      return
    }
    model = String(last[..<colon])
    method = String(last[last.index(after: colon)...])
  }
}
