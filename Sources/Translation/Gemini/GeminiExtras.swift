// SPDX-License-Identifier: MIT

internal import JSON

/// Parameters of Gemini's own that clients send along: those of Gemini's clients, which bear their
/// path as their name, and those that Google's and LiteLLM's OpenAI-compatible servers take.
struct GeminiExtras {
  /// Members of the request: `safetySettings`, `cachedContent`, `labels`.
  private(set) var root: [OtherParameter] = []
  /// Members of `generationConfig`.
  private(set) var generation: [OtherParameter] = []
  /// Members of `toolConfig`.
  private(set) var toolConfiguration: [OtherParameter] = []
  /// Tools that are no functions, such as `googleSearch`.
  private(set) var tools: [OtherParameter] = []
  /// In place of what the request's `reasoning` becomes.
  private(set) var thinking: JSONFragment?

  /// What is not taken stays in `request.others`.
  init(takingFrom request: inout ChatRequest) {
    var rest: [OtherParameter] = []
    for other in request.others where !take(other, isNative: request.family == .gemini) {
      rest.append(other)
    }
    request.others = rest
  }

  private mutating func take(_ other: OtherParameter, isNative: Bool) -> Bool {
    let name = other.name.plain
    if isNative {
      let parts = name.split(separator: ".", maxSplits: 1)
      guard parts.count == 2 else {
        root.append(other)
        return true
      }
      let member = OtherParameter(name: JSONText(String(parts[1])), value: other.value)
      switch parts[0] {
      case "generationConfig": generation.append(member)
      case "toolConfig": toolConfiguration.append(member)
      case "tools": tools.append(member)
      default: return false
      }
      return true
    }
    switch name {
    case "safety_settings", "safetySettings": root.append(named("safetySettings", other.value))
    case "cached_content", "cachedContent": root.append(named("cachedContent", other.value))
    case "extra_body":
      guard let google = other.value.parsed["google"] else { return false }
      takeGoogle(google)
    case "google": takeGoogle(other.value.parsed)
    default: return false
    }
    return true
  }

  /// "OpenAI compatibility", Gemini API documentation.
  private mutating func takeGoogle(_ node: JSONNode) {
    if let value = node["safety_settings"] {
      root.append(named("safetySettings", value.fragment))
    }
    if let value = node["cached_content"] { root.append(named("cachedContent", value.fragment)) }
    thinking = node["thinking_config"]?.fragment
  }

  private func named(_ name: JSONText, _ value: JSONFragment) -> OtherParameter {
    OtherParameter(name: name, value: value)
  }
}
