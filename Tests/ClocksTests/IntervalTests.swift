// SPDX-License-Identifier: MIT

import Clocks
import Testing

@Suite struct IntervalTests {
  @Test func unitsConvert() {
    #expect(Interval.seconds(2).nanoseconds == 2_000_000_000)
    #expect(Interval.milliseconds(1_500).seconds == 1.5)
    #expect(Interval.microseconds(7).nanoseconds == 7_000)
    #expect(Interval.fractionalSeconds(0.25).milliseconds == 250)
    #expect(Interval.nanoseconds(-1_500_000).milliseconds == -1)
  }

  @Test func hugeValuesSaturate() {
    #expect(Interval.seconds(.max) == .forever)
    #expect(Interval.seconds(.min).nanoseconds == .min)
    #expect(Interval.fractionalSeconds(1e300) == .forever)
    #expect(Interval.fractionalSeconds(.nan) == .zero)
    #expect(Interval.forever + .seconds(1) == .forever)
    #expect(Interval(nanoseconds: .min) - .seconds(1) == Interval(nanoseconds: .min))
    #expect(Interval(nanoseconds: .min) * 2 == Interval(nanoseconds: .min))
    #expect(Interval(nanoseconds: .min) * -2 == .forever)
    #expect(Instant(nanoseconds: 5) + .forever == .distantFuture)
    #expect(Instant.distantPast - .seconds(1) == .distantPast)
    #expect(Instant.distantFuture - Instant.distantPast == .forever)
  }

  @Test func instantsOrder() {
    let earlier = Instant(nanoseconds: 10)
    let later = earlier + .nanoseconds(5)
    #expect(earlier < later)
    #expect(later - earlier == .nanoseconds(5))
    #expect(earlier - later == .nanoseconds(-5))
  }
}
