// SPDX-License-Identifier: MIT

/// What is known of Claude by a model's name, whoever serves it: `claude-opus-4-8`,
/// `claude-3-7-sonnet-20250219`, `claude-sonnet-4-5@20250929`, `us.anthropic.claude-haiku-4-5`.
/// (Anthropic's documentation: "Models overview" and the models' migration guides.)
public enum AnthropicModels {
  /// Names without `claude` belong to other makers' models behind the same API: they are taken to
  /// do what most do.
  public static func traits(of model: String) -> ModelTraits {
    var traits = ModelTraits()
    guard let claude = Claude(model) else {
      traits.thinks = true
      return traits
    }
    let version = claude.version
    traits.thinks = version >= Version(3, 7)
    traits.thinksAdaptively = version >= Version(4, 6)
    traits.takesThinkingBudget = version <= Version(4, 6)
    traits.takesExtraHighEffort = version >= Version(4, 7)
    traits.takesSampling = version < Version(4, 7)
    traits.takesTemperatureWithTopP = version < Version(4, 1)
    traits.takesPrefill = version < Version(4, 6)
    traits.takesJSONSchema = version >= Version(4, 5)
    traits.thinkingOff = claude.thinkingOff
    traits.takesForcedToolUse =
      version < (claude.family.isAlwaysThinking ? Version(5, 1) : Version(5, 5))
    switch claude.family {
    case .opus, .unknown: traits.takesLaterSystemMessages = version >= Version(4, 8)
    case .sonnet, .haiku: traits.takesLaterSystemMessages = version >= Version(5, 5)
    case .fable, .mythos: traits.takesLaterSystemMessages = version >= Version(5, 0)
    }
    return traits
  }

  struct Version: Comparable {
    var major: Int
    var minor: Int

    init(_ major: Int, _ minor: Int) {
      self.major = major
      self.minor = minor
    }

    static func < (left: Version, right: Version) -> Bool {
      (left.major, left.minor) < (right.major, right.minor)
    }
  }

  enum Family: String {
    case opus
    case sonnet
    case haiku
    case fable
    case mythos
    case unknown

    var isAlwaysThinking: Bool { self == .fable || self == .mythos }
  }

  struct Claude {
    var family = Family.unknown
    /// Where a name has no number it means whatever is newest: the strictest rules hold.
    var version = Version(5, 5)

    /// Nil for a name that is not Claude's.
    init?(_ model: String) {
      let words = model.lowercased().split { !$0.isLetter && !$0.isNumber }
      guard let start = words.firstIndex(of: "claude") else { return nil }
      var numbers: [Int] = []
      for word in words[(start + 1)...] {
        if let known = Family(rawValue: String(word)) {
          family = known
        } else if word.count <= 2, let number = Int(word), numbers.count < 2 {
          numbers.append(number)
        } else if let first = word.first, first == "v", let number = Int(word.dropFirst()),
          numbers.isEmpty
        {
          // `claude-v2:1`; behind another number it is the version of a release at Bedrock.
          numbers.append(number)
        } else if !numbers.isEmpty {
          break
        }
      }
      if let major = numbers.first {
        version = Version(major, numbers.count > 1 ? numbers[1] : 0)
      } else if words.contains("instant") {
        version = Version(1, 2)
      } else if words.contains("preview") {
        version = Version(5, 0)
      }
    }

    var thinkingOff: ModelTraits.ThinkingOff {
      if family.isAlwaysThinking { return .never }
      if version < Version(5, 0) { return .leftOut }
      if version < Version(5, 5) { return .disabled }
      return family == .sonnet ? .betweenTools : .never
    }
  }
}
