// SPDX-License-Identifier: MIT

import ModelCatalog
import Testing

/// Prices by other units than tokens.
struct UnitPricesTests {
  private let prices = UnitPrices(
    image: 40_000_000_000, character: 15_000_000, minute: 6_000_000_000, search: 2_000_000_000)

  @Test func eachUnitHasItsPrice() {
    #expect(
      BillingUnit.allCases.map { prices[$0] } == [
        0, 40_000_000_000, 15_000_000, 6_000_000_000, 2_000_000_000,
      ])
    #expect(prices.cost(of: 3, .image).picodollars == 120_000_000_000)
    #expect(prices.cost(of: 12, .character).picodollars == 180_000_000)
    #expect(prices.cost(of: 2, .search).picodollars == 4_000_000_000)
    #expect(prices.cost(of: 1_000, .none) == .zero)
    #expect(BillingUnit.allCases.allSatisfy { UnitPrices.none.cost(of: .max, $0) == .zero })
  }

  @Test func minutesAreCountedInMilliseconds() {
    #expect(prices.cost(of: 60_000, .minute).picodollars == 6_000_000_000)
    #expect(prices.cost(of: 90_000, .minute).picodollars == 9_000_000_000)
    #expect(prices.cost(of: 1, .minute).picodollars == 100_000)
    #expect(prices.cost(of: 0, .minute) == .zero)
  }

  @Test func aPartOfAPicodollarCountsAsOne() {
    let cheap = UnitPrices(minute: 59_999)
    #expect(cheap.cost(of: 1, .minute).picodollars == 1)
    #expect(cheap.cost(of: 60_000, .minute).picodollars == 59_999)
    #expect(cheap.cost(of: 60_001, .minute).picodollars == 60_000)
  }

  @Test func nothingIsEarnedAndNothingOverflows() {
    for unit in BillingUnit.allCases {
      #expect(prices.cost(of: -5, unit) == .zero)
      #expect(prices.cost(of: .min, unit) == .zero)
    }
    let dearest = UnitPrices(image: .max, minute: .max)
    #expect(dearest.cost(of: .max, .image).picodollars == .max)
    #expect(dearest.cost(of: .max, .minute).picodollars == .max)
    #expect(dearest.cost(of: 1, .image).picodollars == .max)
    #expect(dearest.cost(of: 60_000, .minute).picodollars == .max)
  }
}
