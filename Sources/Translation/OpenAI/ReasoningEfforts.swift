// SPDX-License-Identifier: MIT

extension Reasoning.Effort {
  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// The next below among the efforts that a model knows, least first. Who asks for thoughts gets
  /// some; who asks for none gets the fewest there are.
  func nearest(among known: [Self]) -> Self {
    guard self != .none else { return known.first ?? self }
    let thinking = known.filter { $0 != .none }
    return thinking.last { $0.rank <= rank } ?? thinking.first ?? self
  }
}

/// The efforts that models know, by their names; others are answered with a 400. Nil for models of
/// which nothing is known, which are told what the client says.
enum ReasoningEfforts {
  /// OpenAI's ("Reasoning", and the models' pages, OpenAI API documentation): after GPT-5 come
  /// `none` (5.1), `xhigh` (5.1-codex-max, 5.2) and `max` (5.6), and `minimal` goes.
  static func ofOpenAI(_ model: String) -> [Reasoning.Effort]? {
    let name = OpenAIModels.baseName(model)
    if name.contains("deep-research") { return [.medium] }
    if OpenAIModels.isNumbered(name) { return [.low, .medium, .high] }
    guard name.hasPrefix("gpt-5"), !name.contains("chat") else { return nil }
    let minor: Int
    switch name.dropFirst(5).first {
    case nil, "-": minor = 0
    case ".":
      guard let number = Int(name.dropFirst(6).prefix { $0.isASCII && $0.isNumber }) else {
        return nil
      }
      minor = number
    default: return nil
    }
    if name.contains("-pro") { return minor == 0 ? [.high] : [.medium, .high, .xhigh] }
    if name.contains("codex") {
      let isExtraHigh = minor >= 2 || name.contains("codex-max")
      return isExtraHigh ? [.low, .medium, .high, .xhigh] : [.low, .medium, .high]
    }
    switch minor {
    case 0: return [.minimal, .low, .medium, .high]
    case 1: return [.none, .low, .medium, .high]
    case 2...5: return [.none, .low, .medium, .high, .xhigh]
    default: return [.none, .low, .medium, .high, .xhigh, .max]
    }
  }

  /// xAI's ("Reasoning", xAI API documentation). From 4.5 on thoughts cannot be switched off.
  static func ofXAI(_ model: String) -> [Reasoning.Effort]? {
    if model.hasPrefix("grok-3-mini") { return [.low, .high] }
    guard model.hasPrefix("grok-4."), !model.contains("non-reasoning") else { return nil }
    switch Int(model.dropFirst(7).prefix { $0.isASCII && $0.isNumber }) {
    case 3?: return [.none, .low, .medium, .high]
    case 5?: return [.low, .medium, .high]
    case 6?, 7?, 8?, 9?: return [.low, .medium, .high, .xhigh]
    default: return nil
    }
  }
}
