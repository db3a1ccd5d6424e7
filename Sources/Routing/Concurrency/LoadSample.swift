// SPDX-License-Identifier: MIT

/// What an attempt tells about how busy its provider is.
public enum LoadSample: BitwiseCopyable, Hashable, Sendable {
  /// The provider answered, and how fast.
  case answered(AnswerPace)
  /// It refused the request as one too many, or did not begin to answer in time.
  case refused
}

/// How long an answer took, in a measure that does not depend on how long the answer is. Paces of
/// one kind are compared with each other only.
@frozen
public struct AnswerPace: BitwiseCopyable, Hashable, Sendable {
  @frozen
  public enum Kind: UInt8, BitwiseCopyable, Sendable {
    /// The time to a stream's first event with data. (Its head may come before the provider has
    /// begun to work.)
    case firstEvent
    /// The time of a whole answer by its tokens.
    case tokens
    /// The time of an answer that has no tokens.
    case whole
  }

  static let kindCount = 3
  /// What an answer takes before its first token, in tokens: for short answers it counts.
  static let firstTokenUnits: Int64 = 32

  public let kind: Kind
  public let microseconds: Int64
  let units: Int64

  public static func firstEvent(microseconds: Int64) -> AnswerPace {
    AnswerPace(kind: .firstEvent, microseconds: microseconds, units: 1)
  }

  /// - Parameter tokens: out; 0 where there are none.
  public static func whole(microseconds: Int64, tokens: Int64) -> AnswerPace {
    guard tokens > 0 else { return AnswerPace(kind: .whole, microseconds: microseconds, units: 1) }
    return AnswerPace(
      kind: .tokens, microseconds: microseconds,
      units: min(tokens, 1 << 32) + Self.firstTokenUnits)
  }

  private init(kind: Kind, microseconds: Int64, units: Int64) {
    self.kind = kind
    self.microseconds = min(max(microseconds, 1), 1 << 40)
    self.units = units
  }
}
