// SPDX-License-Identifier: MIT

import ModelCatalog
import Testing

@Suite("Price and Money")
struct PriceTests {
  @Test(
    "parses dollars per million tokens exactly",
    arguments: [
      ("0.15", 150_000), ("2.5", 2_500_000), ("75", 75_000_000), ("0", 0),
      ("0.000001", 1), ("0.0375", 37_500), ("100000", 100_000_000_000),
    ] as [(String, Int64)])
  func parses(text: String, picodollars: Int64) {
    #expect(Price(dollarsPerMillionTokens: text)?.picodollarsPerToken == picodollars)
  }

  @Test(
    "refuses anything that is not a plain decimal in range",
    arguments: ["", "-1", "1e3", ".5", "5.", "1.2.3", "0.0000001", "100000.000001", "1,5", "٣"])
  func refuses(text: String) {
    #expect(Price(dollarsPerMillionTokens: text) == nil)
  }

  @Test("cost is tokens × price, without rounding")
  func cost() {
    let price = Price(picodollarsPerToken: 150_000)
    #expect(price.cost(tokens: 1_000_000) == Money(picodollars: 150_000_000_000))
    #expect(price.cost(tokens: 3) == Money(picodollars: 450_000))
    #expect(price.cost(tokens: -3) == .zero)
    #expect(price.cost(tokens: .max) == .maximum)
  }

  @Test("decimals for policies are rounded up")
  func decimals() {
    #expect(Money(picodollars: 1).cedarDecimal == 1)
    #expect(Money(picodollars: 100_000_000).cedarDecimal == 1)
    #expect(Money(picodollars: 100_000_001).cedarDecimal == 2)
    #expect(Money.zero.cedarDecimal == 0)
    #expect(Price(picodollarsPerToken: 2_500_000).cedarDecimal == 25_000)
    #expect(Price(picodollarsPerToken: 1).cedarDecimal == 1)
  }

  @Test("sums saturate")
  func saturation() {
    #expect(Money.maximum + Money(picodollars: 1) == .maximum)
    #expect(Money(picodollars: 2) + Money(picodollars: 3) == Money(picodollars: 5))
  }

  @Test("the bound takes the dearest way in and the tier that the input may reach")
  func worstCase() {
    let prices = ModelPrices(
      input: Price(picodollarsPerToken: 100), output: Price(picodollarsPerToken: 1_000),
      cacheRead: Price(picodollarsPerToken: 10), cacheWrite: Price(picodollarsPerToken: 125),
      longContextThresholdTokens: 200, longContextInput: Price(picodollarsPerToken: 300),
      longContextOutput: Price(picodollarsPerToken: 2_000))
    #expect(prices.maximumCost(inputTokens: 200, outputTokens: 10).picodollars == 35_000)
    #expect(prices.maximumCost(inputTokens: 201, outputTokens: 10).picodollars == 80_300)
    #expect(prices.maximumCost(inputTokens: .max, outputTokens: .max) == .maximum)
  }
}
