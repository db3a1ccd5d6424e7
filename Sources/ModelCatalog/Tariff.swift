// SPDX-License-Identifier: MIT

/// How soon a provider serves a request, and for what price: OpenAI's `service_tier` and its like.
@frozen
public enum ServiceTier: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case standard
  /// Within a day.
  case batch
  /// When there is room.
  case flex
  case priority
}

/// A price for each part of `TokenBuckets`.
@frozen
public struct BucketPrices: BitwiseCopyable, Hashable, Sendable {
  public var input: Price
  public var cacheRead: Price
  public var cacheWriteShort: Price
  public var cacheWriteHour: Price
  public var audioInput: Price
  public var output: Price
  public var reasoning: Price
  public var audioOutput: Price

  /// Parts without a price of their own cost what their whole does; an hour in the cache as much
  /// as five minutes.
  public init(
    input: Price, output: Price, cacheRead: Price? = nil, cacheWriteShort: Price? = nil,
    cacheWriteHour: Price? = nil, audioInput: Price? = nil, reasoning: Price? = nil,
    audioOutput: Price? = nil
  ) {
    self.input = input
    self.output = output
    self.cacheRead = cacheRead ?? input
    self.cacheWriteShort = cacheWriteShort ?? input
    self.cacheWriteHour = cacheWriteHour ?? cacheWriteShort ?? input
    self.audioInput = audioInput ?? input
    self.reasoning = reasoning ?? output
    self.audioOutput = audioOutput ?? output
  }

  public static let zero = BucketPrices(input: .zero, output: .zero)

  /// Tokens times prices: exact in 128 bits, and saturating where it leaves `Money`. Parts below
  /// zero cost nothing.
  @inlinable
  public func cost(of tokens: TokenBuckets) -> Money {
    var sum = Self.product(input, tokens.uncachedInput)
    sum &+= Self.product(output, tokens.output)
    let parts =
      tokens.cacheRead | tokens.cacheWriteShort | tokens.cacheWriteHour | tokens.audioInput
      | tokens.reasoning | tokens.audioOutput
    // Most requests have none of them.
    if parts != 0 { sum &+= costOfParts(tokens) }
    // Eight products of two positive numbers of 63 bits do not reach 2¹²⁹; of prices up to 2³⁷,
    // as they are, not even 2¹⁰³.
    return Money(picodollars: Int64(clamping: sum))
  }

  @usableFromInline
  func costOfParts(_ tokens: TokenBuckets) -> Int128 {
    var sum = Self.product(cacheRead, tokens.cacheRead)
    sum &+= Self.product(cacheWriteShort, tokens.cacheWriteShort)
    sum &+= Self.product(cacheWriteHour, tokens.cacheWriteHour)
    sum &+= Self.product(audioInput, tokens.audioInput)
    sum &+= Self.product(reasoning, tokens.reasoning)
    return sum &+ Self.product(audioOutput, tokens.audioOutput)
  }

  @inlinable @inline(__always)
  static func product(_ price: Price, _ tokens: Int64) -> Int128 {
    Int128(price.picodollarsPerToken) &* Int128(max(tokens, 0))
  }
}

/// All that a model costs: prices by tier, each with those of long contexts.
@frozen
public struct Tariff: BitwiseCopyable, Hashable, Sendable {
  /// Above this many input tokens all tokens of a request, out as well as in, have the prices of
  /// long contexts; 0 where there are none.
  public var longContextThresholdTokens: Int64
  public var standard: BucketPrices
  public var longContext: BucketPrices
  public var batch: BucketPrices
  public var batchLongContext: BucketPrices
  public var flex: BucketPrices
  public var flexLongContext: BucketPrices
  public var priority: BucketPrices
  public var priorityLongContext: BucketPrices

  /// A tier that has no prices of its own has the standard ones. One whose long contexts have none
  /// has the dearer of its own and the standard ones, so that no cost is understated.
  public init(
    standard: BucketPrices, longContextThresholdTokens: Int64 = 0,
    longContext: BucketPrices? = nil,
    tiers: [ServiceTier: (short: BucketPrices, long: BucketPrices?)] = [:]
  ) {
    self.standard = standard
    self.longContextThresholdTokens = longContext == nil ? 0 : longContextThresholdTokens
    let long = longContext ?? standard
    self.longContext = long
    func prices(_ tier: ServiceTier) -> (BucketPrices, BucketPrices) {
      guard let own = tiers[tier] else { return (standard, long) }
      return (own.short, own.long ?? own.short.dearer(long))
    }
    (batch, batchLongContext) = prices(.batch)
    (flex, flexLongContext) = prices(.flex)
    (priority, priorityLongContext) = prices(.priority)
  }

  /// The cost of one attempt. Inlined, so that not all of the tariff is copied to be asked.
  @inlinable @inline(__always)
  public func cost(of tokens: TokenBuckets, tier: ServiceTier = .standard) -> Money {
    let isLong =
      longContextThresholdTokens > 0 && tokens.totalInput > longContextThresholdTokens
    switch tier {
    case .standard: return (isLong ? longContext : standard).cost(of: tokens)
    case .batch: return (isLong ? batchLongContext : batch).cost(of: tokens)
    case .flex: return (isLong ? flexLongContext : flex).cost(of: tokens)
    case .priority: return (isLong ? priorityLongContext : priority).cost(of: tokens)
    }
  }
}

extension BucketPrices {
  /// The dearer of two for each part.
  fileprivate func dearer(_ other: BucketPrices) -> BucketPrices {
    var result = self
    result.input = max(input, other.input)
    result.cacheRead = max(cacheRead, other.cacheRead)
    result.cacheWriteShort = max(cacheWriteShort, other.cacheWriteShort)
    result.cacheWriteHour = max(cacheWriteHour, other.cacheWriteHour)
    result.audioInput = max(audioInput, other.audioInput)
    result.output = max(output, other.output)
    result.reasoning = max(reasoning, other.reasoning)
    result.audioOutput = max(audioOutput, other.audioOutput)
    return result
  }
}

extension Tariff {
  /// From the prices that routing ranks by.
  public init(_ prices: ModelPrices) {
    let standard = BucketPrices(
      input: prices.input, output: prices.output, cacheRead: prices.cacheRead,
      cacheWriteShort: prices.cacheWrite)
    guard prices.longContextThresholdTokens > 0 else {
      self.init(standard: standard)
      return
    }
    let long = BucketPrices(
      input: prices.longContextInput, output: prices.longContextOutput,
      cacheRead: prices.cacheRead, cacheWriteShort: prices.cacheWrite)
    self.init(
      standard: standard, longContextThresholdTokens: prices.longContextThresholdTokens,
      longContext: long)
  }

  public static let free = Tariff(standard: .zero)
}
