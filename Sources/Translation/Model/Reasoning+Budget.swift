// SPDX-License-Identifier: MIT

extension Reasoning.Effort {
  /// Tokens of thought for models that are steered by their number; nil for none.
  var budgetTokens: Int64? {
    switch self {
    case .none: nil
    case .minimal: 1_024
    case .low: 2_048
    case .medium: 4_096
    case .high: 8_192
    case .xhigh, .max: 16_384
    }
  }

  /// The effort that comes closest to a number of tokens of thought.
  init(budgetTokens: Int64) {
    switch budgetTokens {
    case ..<1: self = .none
    case ..<1_536: self = .minimal
    case ..<3_072: self = .low
    case ..<6_144: self = .medium
    case ..<12_288: self = .high
    default: self = .xhigh
    }
  }
}
