// SPDX-License-Identifier: MIT

/// What is known of Bedrock's models by their ids: `anthropic.claude-sonnet-4-5-20250929-v1:0`, the
/// same behind a region's prefix (`us.`, `eu.`, `apac.`, `global.`), or as the end of an ARN.
enum BedrockModels {
  /// Models that differ in what they take beyond Converse's own parameters.
  enum Family: Equatable {
    case claude
    case nova(major: Int)
    case mistral
    case cohere
    case llama
    case deepSeek
    case gptOSS
    case qwen
    /// A vendor that is known, without anything special.
    case other
    /// Names that tell nothing, such as an application's inference profile. Treated as the newest
    /// models are.
    case unknown
  }

  static func family(of id: String) -> Family {
    let name = baseName(id)
    guard let dot = name.firstIndex(of: ".") else { return .unknown }
    let model = name[name.index(after: dot)...]
    switch name[..<dot] {
    case "anthropic": return .claude
    case "amazon":
      guard model.hasPrefix("nova") else { return .other }
      return .nova(major: model.hasPrefix("nova-2") || model.hasPrefix("nova-premier-2") ? 2 : 1)
    case "mistral": return .mistral
    case "cohere": return .cohere
    case "meta": return .llama
    case "deepseek": return .deepSeek
    case "openai": return .gptOSS
    case "qwen": return .qwen
    default: return .other
    }
  }

  static func traits(of id: String) -> ModelTraits {
    var traits = ModelTraits()
    switch family(of: id) {
    case .claude: traits = AnthropicModels.traits(of: String(baseName(id)))
    case .nova(let major):
      traits.thinks = major >= 2
      traits.takesJSONSchema = false
    case .mistral:
      let name = baseName(id)
      traits.takesPrefill = false
      traits.takesJSONSchema = ["mistral-large-3", "ministral-3", "magistral", "voxtral"]
        .contains { name.contains($0) }
    case .cohere, .llama:
      traits.takesForcedToolUse = false
      traits.takesPrefill = false
      traits.takesJSONSchema = false
    case .deepSeek:
      let isFirst = baseName(id).contains(".r1")
      traits.takesForcedToolUse = false
      traits.takesPrefill = false
      traits.takesJSONSchema = !isFirst
    case .gptOSS:
      traits.thinks = true
      traits.takesForcedToolUse = false
      traits.takesPrefill = false
    case .qwen:
      traits.takesForcedToolUse = false
      traits.takesPrefill = false
    case .other:
      let name = baseName(id)
      traits.takesForcedToolUse = false
      traits.takesPrefill = false
      traits.takesJSONSchema = ["google.", "minimax.", "moonshot", "nvidia."]
        .contains { name.hasPrefix($0) }
    case .unknown: break
    }
    return traits
  }

  /// The id without ARN and region: `anthropic.claude-3-haiku-20240307-v1:0`.
  static func baseName(_ id: String) -> Substring {
    var name = id[...]
    if name.hasPrefix("arn:") {
      guard let slash = name.firstIndex(of: "/") else { return "" }
      name = name[name.index(after: slash)...]
    }
    let parts = name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
    // A vendor stands before the first dot, or after a region: `us.anthropic.claude`. What follows
    // a vendor may have dots of its own: `mistral.magistral-small-2509`, `openai.gpt-oss-120b-1:0`.
    if parts.count == 3, regions.contains(String(parts[0])) {
      name = name[parts[1].startIndex...]
    }
    return name
  }

  private static let regions: Set<String> = [
    "us", "us-gov", "eu", "apac", "jp", "au", "ca", "sa", "me", "af", "il", "in", "global",
  ]
}
