// SPDX-License-Identifier: MIT

internal import JSON

/// What Gemini's models can do, by their names ("Thinking" and "Models", Gemini API documentation).
enum GeminiModels {
  static func traits(of name: String) -> ModelTraits {
    var traits = ModelTraits()
    traits.takesSystemInstruction = !hasNoSystemInstruction(name)
    guard let version = Version(name) else { return traits }
    // The picture and speech models of the generation that thinks by budget do not think.
    let isPlain = name.contains("-image") || name.contains("-tts")
    traits.thinksByLevel = version.major >= 3
    traits.thinks =
      (version.major >= 3 && !(isPlain && version.minor == 0))
      || (version.major == 2 && version.minor == 5 && !isPlain)
    return traits
  }

  /// Gemma's models before the fourth refuse a system instruction.
  private static func hasNoSystemInstruction(_ name: String) -> Bool {
    let base = baseName(name)
    return ["gemma-1", "gemma-2", "gemma-3"].contains { base.hasPrefix($0) }
  }

  /// Without the folder that a resource name has.
  static func baseName(_ name: String) -> Substring {
    name.lastIndex(of: "/").map { name[name.index(after: $0)...] } ?? name[...]
  }

  /// Of `gemini-2.5-flash`; names such as `gemini-flash-latest` stand for the newest model.
  struct Version {
    var major: Int
    var minor: Int

    init?(_ name: String) {
      let parts = baseName(name).split(separator: "-")
      guard parts.first == "gemini", parts.count > 1 else { return nil }
      if parts.last == "latest", parts[1].first?.isNumber == false {
        self.init(major: 3, minor: 1)
        return
      }
      let numbers = parts[1].split(separator: ".")
      guard let first = numbers.first.flatMap({ Int($0) }) else { return nil }
      self.init(major: first, minor: numbers.count > 1 ? Int(numbers[1]) ?? 0 : 0)
    }

    init(major: Int, minor: Int) {
      self.major = major
      self.minor = minor
    }
  }

  // MARK: Thinking

  enum Level: String {
    case minimal = "MINIMAL"
    case low = "LOW"
    case medium = "MEDIUM"
    case high = "HIGH"
  }

  /// The model's level for an effort, and whether it is what was asked for. Thinking cannot be
  /// switched off; Pro models, and Flash since 3.7, have no minimal level.
  static func level(
    for effort: Reasoning.Effort, of name: String
  ) -> (level: Level, isExact: Bool) {
    let version = Version(name) ?? Version(major: 3, minor: 1)
    let isPro = name.contains("-pro")
    let hasMinimal = !isPro && version.major == 3 && version.minor < 7
    let hasMedium = !isPro || version.major > 3 || version.minor > 0
    switch effort {
    case .none: return (hasMinimal ? .minimal : .low, false)
    case .minimal: return hasMinimal ? (.minimal, true) : (.low, false)
    case .low: return (.low, true)
    case .medium: return hasMedium ? (.medium, true) : (.high, false)
    case .high: return (.high, true)
    case .xhigh, .max: return (.high, false)
    }
  }

  /// The model's number of tokens of thought that is nearest to `wanted`; 0 for none.
  static func budget(_ wanted: Int64, of name: String) -> Int64 {
    if name.contains("-pro") { return min(max(wanted, 128), 32_768) }
    guard wanted > 0 else { return 0 }
    return min(max(wanted, name.contains("-lite") ? 512 : 1), 24_576)
  }
}
