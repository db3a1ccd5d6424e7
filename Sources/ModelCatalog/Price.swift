// SPDX-License-Identifier: MIT

/// An amount of money in picodollars (10⁻¹² USD), so that tokens × price is exact.
/// The largest amount is about 9.2 million USD; sums saturate there instead of overflowing.
@frozen
public struct Money: BitwiseCopyable, Hashable, Comparable, Sendable {
  public let picodollars: Int64
  @inlinable public init(picodollars: Int64) { self.picodollars = picodollars }

  public static let zero = Money(picodollars: 0)
  public static let maximum = Money(picodollars: .max)

  @inlinable public static func < (left: Self, right: Self) -> Bool {
    left.picodollars < right.picodollars
  }

  /// The sum, saturating at `maximum`.
  @inlinable public static func + (left: Self, right: Self) -> Money {
    let (sum, overflow) = left.picodollars.addingReportingOverflow(right.picodollars)
    return overflow
      ? (right.picodollars > 0 ? .maximum : Money(picodollars: .min))
      : Money(picodollars: sum)
  }

  /// In units of 10⁻⁴ USD, as Cedar's decimal holds it, rounded up so that a cost is never
  /// understated to a policy.
  @inlinable public var cedarDecimal: Int64 {
    let (quotient, remainder) = picodollars.quotientAndRemainder(dividingBy: 100_000_000)
    return remainder > 0 ? quotient + 1 : quotient
  }
}

/// A price in USD per million tokens, held as picodollars per token: 0.15 USD per million is
/// 150,000. Exact to six fraction digits of a dollar per million.
@frozen
public struct Price: BitwiseCopyable, Hashable, Comparable, Sendable {
  public let picodollarsPerToken: Int64
  @inlinable public init(picodollarsPerToken: Int64) {
    self.picodollarsPerToken = picodollarsPerToken
  }

  public static let zero = Price(picodollarsPerToken: 0)

  /// The largest accepted price: 100,000 USD per million tokens. The bound keeps the cost of a
  /// billion tokens inside `Money`'s saturation and catches prices written in the wrong unit.
  public static let maximum = Price(picodollarsPerToken: 100_000_000_000)

  @inlinable public static func < (left: Self, right: Self) -> Bool {
    left.picodollarsPerToken < right.picodollarsPerToken
  }

  /// Parses a decimal number of USD per million tokens: digits, at most six after the point.
  /// Nil when the text is anything else or above `maximum`.
  public init?(dollarsPerMillionTokens text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), !parts[0].isEmpty, parts[0].utf8.count <= 6,
      parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let whole = Int64(parts[0])
    else { return nil }
    var fraction: Int64 = 0
    if parts.count == 2 {
      let digits = parts[1]
      guard (1...6).contains(digits.utf8.count) else { return nil }
      let padded = digits + String(repeating: "0", count: 6 - digits.utf8.count)
      fraction = Int64(padded) ?? 0
    }
    let value = whole * 1_000_000 + fraction
    guard value <= Price.maximum.picodollarsPerToken else { return nil }
    self.init(picodollarsPerToken: value)
  }

  /// USD per million tokens in units of 10⁻⁴ USD, as Cedar's decimal holds it, rounded up.
  @inlinable public var cedarDecimal: Int64 { (picodollarsPerToken + 99) / 100 }

  /// The cost of `tokens`, saturating. Negative counts cost nothing.
  @inlinable public func cost(tokens: Int64) -> Money {
    let (product, overflow) = picodollarsPerToken.multipliedReportingOverflow(by: max(tokens, 0))
    return overflow ? .maximum : Money(picodollars: product)
  }
}

/// What a model costs. The parts that a vendor does not price separately equal `input`/`output`.
@frozen
public struct ModelPrices: BitwiseCopyable, Hashable, Sendable {
  public var input: Price
  public var output: Price
  public var cacheRead: Price
  public var cacheWrite: Price
  /// Above this many input tokens the long-context prices hold; 0 when there is one tier.
  public var longContextThresholdTokens: Int64
  public var longContextInput: Price
  public var longContextOutput: Price

  public init(
    input: Price, output: Price, cacheRead: Price? = nil, cacheWrite: Price? = nil,
    longContextThresholdTokens: Int64 = 0, longContextInput: Price? = nil,
    longContextOutput: Price? = nil
  ) {
    self.input = input
    self.output = output
    self.cacheRead = cacheRead ?? input
    self.cacheWrite = cacheWrite ?? input
    self.longContextThresholdTokens = longContextThresholdTokens
    self.longContextInput = longContextInput ?? input
    self.longContextOutput = longContextOutput ?? output
  }

  /// The most that a call with these bounds can cost: the dearest way in, at the tier that
  /// `inputTokens` may reach.
  @inlinable public func maximumCost(inputTokens: Int64, outputTokens: Int64) -> Money {
    let long = longContextThresholdTokens > 0 && inputTokens > longContextThresholdTokens
    let dearestInput = max(long ? max(input, longContextInput) : input, cacheWrite)
    let dearestOutput = long ? max(output, longContextOutput) : output
    return dearestInput.cost(tokens: inputTokens) + dearestOutput.cost(tokens: outputTokens)
  }

  /// The price by which models are ranked: one part output to three parts input, as chat traffic
  /// has it, in picodollars for those four tokens.
  @inlinable public var blended: Int64 {
    input.picodollarsPerToken * 3 + output.picodollarsPerToken
  }
}
