// SPDX-License-Identifier: MIT

import ModelCatalog
import Testing

@Suite struct TariffTests {
  static func price(_ text: String) -> Price { Price(dollarsPerMillionTokens: text)! }

  /// Claude Sonnet 4.5 as litellm 1.110.2 lists it, with its prices above 200,000 tokens.
  static let sonnet = Tariff(
    standard: BucketPrices(
      input: price("3"), output: price("15"), cacheRead: price("0.3"),
      cacheWriteShort: price("3.75"), cacheWriteHour: price("6")),
    longContextThresholdTokens: 200_000,
    longContext: BucketPrices(
      input: price("6"), output: price("22.5"), cacheRead: price("0.6"),
      cacheWriteShort: price("7.5"), cacheWriteHour: price("12")),
    tiers: [
      .batch: (BucketPrices(input: price("1.5"), output: price("7.5")), nil)
    ])

  static func buckets(_ change: (inout TokenBuckets) -> Void) -> TokenBuckets {
    var buckets = TokenBuckets()
    change(&buckets)
    return buckets
  }

  @Test func eachPartHasItsPrice() {
    let tokens = Self.buckets {
      $0.uncachedInput = 1_000
      $0.cacheRead = 2_000
      $0.cacheWriteShort = 300
      $0.cacheWriteHour = 40
      $0.output = 500
      $0.reasoning = 60
    }
    // 1000×3 + 2000×0.3 + 300×3.75 + 40×6 + 560×15 µ$ = 13,365 µ$
    #expect(Self.sonnet.cost(of: tokens) == Money(picodollars: 13_365_000_000))
  }

  @Test func partsWithoutPriceCostWhatTheirWholeDoes() {
    let tariff = Tariff(standard: BucketPrices(input: Self.price("2"), output: Self.price("8")))
    let tokens = Self.buckets {
      $0.cacheRead = 1
      $0.audioInput = 1
      $0.reasoning = 1
      $0.audioOutput = 1
    }
    #expect(tariff.cost(of: tokens) == Money(picodollars: 20_000_000))
    #expect(tariff.cost(of: tokens, tier: .priority) == tariff.cost(of: tokens))
  }

  @Test func longContextsCostMoreAsAWhole() {
    let short = Self.buckets {
      $0.uncachedInput = 150_000
      $0.cacheRead = 50_000
      $0.output = 1
    }
    var long = short
    long.cacheRead += 1
    #expect(Self.sonnet.cost(of: short).picodollars == 150_000 * 3_000_000 + 15_015_000_000)
    #expect(
      Self.sonnet.cost(of: long).picodollars
        == 150_000 * 6_000_000 + 50_001 * 600_000 + 22_500_000)
  }

  @Test func aTierIsNeverUnderstatedInLongContexts() {
    let tokens = Self.buckets { $0.uncachedInput = 200_001 }
    #expect(Self.sonnet.cost(of: tokens, tier: .batch) == Self.sonnet.cost(of: tokens))
    let short = Self.buckets { $0.uncachedInput = 200_000 }
    #expect(Self.sonnet.cost(of: short, tier: .batch).picodollars == 200_000 * 1_500_000)
  }

  @Test func sumsSaturate() {
    let tokens = Self.buckets {
      $0.uncachedInput = .max
      $0.output = .max
      $0.reasoning = -5
    }
    let dear = Tariff(standard: BucketPrices(input: .maximum, output: .maximum))
    #expect(dear.cost(of: tokens) == .maximum)
    #expect(tokens.totalInput == .max)
    #expect(Self.buckets { $0.output = -1 }.totalOutput == -1)
    #expect(dear.cost(of: Self.buckets { $0.output = -1 }) == .zero)
  }

  @Test func partsDoNotOverlap() {
    let tokens = TokenBuckets(
      input: 100, cacheRead: 30, cacheWrite: 20, cacheWriteHour: 5, audioInput: 10, output: 50,
      reasoning: 20, audioOutput: 5)
    #expect(
      tokens
        == Self.buckets {
          $0.uncachedInput = 40
          $0.cacheRead = 30
          $0.cacheWriteShort = 15
          $0.cacheWriteHour = 5
          $0.audioInput = 10
          $0.output = 25
          $0.reasoning = 20
          $0.audioOutput = 5
        })
    #expect(tokens.totalInput == 100 && tokens.totalOutput == 50)
  }

  /// Whatever a provider claims, no token is paid twice and none is lost.
  @Test(
    arguments: [
      [10, 20, 30, 40, 50, 60, 70, 80], [0, 1, 1, 1, 1, 0, 1, 1], [5, -3, -4, -5, -6, 5, -7, -8],
      [.max, .max, .max, .max, .max, .max, .max, .max], [-5, 3, 0, 0, 0, -5, 3, 0],
      [.max, .min, .min, .min, .min, .max, .min, .min],
    ] as [[Int64]])
  func claimsAreCutToTheirTotal(claim: [Int64]) {
    let tokens = TokenBuckets(
      input: claim[0], cacheRead: claim[1], cacheWrite: claim[2], cacheWriteHour: claim[3],
      audioInput: claim[4], output: claim[5], reasoning: claim[6], audioOutput: claim[7])
    #expect(tokens.totalInput == max(claim[0], 0))
    #expect(tokens.totalOutput == max(claim[5], 0))
    for part in [
      tokens.uncachedInput, tokens.cacheRead, tokens.cacheWriteShort, tokens.cacheWriteHour,
      tokens.audioInput, tokens.output, tokens.reasoning, tokens.audioOutput,
    ] {
      #expect(part >= 0)
    }
  }

  @Test func routingsPricesMakeATariff() {
    let prices = ModelPrices(
      input: Self.price("1.25"), output: Self.price("10"), cacheRead: Self.price("0.125"),
      longContextThresholdTokens: 200, longContextInput: Self.price("2.5"),
      longContextOutput: Self.price("15"))
    let tariff = Tariff(prices)
    #expect(tariff.standard.cacheRead == Self.price("0.125"))
    #expect(tariff.longContext.input == Self.price("2.5"))
    #expect(tariff.longContextThresholdTokens == 200)
    #expect(Tariff.free.cost(of: Self.buckets { $0.output = 1_000 }) == .zero)
  }
}
