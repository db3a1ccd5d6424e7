// SPDX-License-Identifier: MIT

/// What is counted where tokens are not.
@frozen
public enum BillingUnit: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case none
  case image
  /// Of a text that is spoken.
  case character
  /// Of audio; counted in milliseconds.
  case minute
  /// A ranking of documents.
  case search
}

/// What a model costs by other units than tokens, in picodollars for each.
@frozen
public struct UnitPrices: BitwiseCopyable, Hashable, Sendable {
  public var image: Int64
  public var character: Int64
  public var minute: Int64
  public var search: Int64

  public init(image: Int64 = 0, character: Int64 = 0, minute: Int64 = 0, search: Int64 = 0) {
    self.image = image
    self.character = character
    self.minute = minute
    self.search = search
  }

  public static let none = UnitPrices()

  public subscript(unit: BillingUnit) -> Int64 {
    switch unit {
    case .none: 0
    case .image: image
    case .character: character
    case .minute: minute
    case .search: search
    }
  }

  /// Exact in 128 bits; a part of a picodollar counts as one. Saturates, and what is below zero
  /// costs nothing.
  ///
  /// - Parameter count: of `minute` in milliseconds.
  public func cost(of count: Int64, _ unit: BillingUnit) -> Money {
    let product = Int128(self[unit]) &* Int128(max(count, 0))
    let parts: Int128 = unit == .minute ? 60_000 : 1
    return Money(picodollars: Int64(clamping: (product &+ parts &- 1) / parts))
  }
}
