// SPDX-License-Identifier: MIT

import Clocks
import Credentials
import Testing

@Suite struct TokenCacheTests {
  static let failure = FetchFailure("the server answered 503")

  func at(_ seconds: Int64) -> Timestamp { Timestamp(secondsSinceEpoch: 1_700_000_000 + seconds) }

  func fresh(_ life: Int64?) -> TokenCache {
    var cache = TokenCache()
    _ = cache.handle(.start, now: at(0), random: 0)
    _ = cache.handle(.issued(expiresAt: life.map(at)), now: at(0), random: 0)
    return cache
  }

  @Test func theFirstOneIsFetchedOnce() {
    var cache = TokenCache()
    #expect(
      cache.handle(.start, now: at(0), random: 0) == .init(.pending, fetches: true))
    for event in [TokenCache.Event.start, .time, .rejected] {
      #expect(!cache.handle(event, now: at(1), random: 0).fetches)
    }
    #expect(
      cache.handle(.issued(expiresAt: at(3_600)), now: at(1), random: 0)
        == .init(.issued, wakeAt: at(3_300)))
  }

  /// The old one is served until the new one is there.
  @Test func itIsRefreshedBeforeItExpires() {
    var cache = fresh(3_600)
    #expect(cache.handle(.time, now: at(3_299), random: 0) == .init(wakeAt: at(3_300)))
    #expect(
      cache.handle(.time, now: at(3_300), random: 0) == .init(fetches: true, wakeAt: at(3_600)))
    #expect(!cache.handle(.time, now: at(3_301), random: 0).fetches)
    #expect(
      cache.handle(.issued(expiresAt: at(7_200)), now: at(3_302), random: 0).publication == .issued)
  }

  @Test func aShortLifeHasAShortMargin() {
    #expect(fresh(8).state == .fresh(.init(expiresAt: at(8), fetchAt: at(6))))
    #expect(fresh(nil).state == .fresh(.init()))
  }

  @Test func aRefreshThatFailsKeepsTheOldOneUntilItExpires() {
    var cache = fresh(3_600)
    _ = cache.handle(.time, now: at(3_300), random: 0)
    let first = cache.handle(.failed(Self.failure), now: at(3_301), random: 999)
    #expect(first.publication == .unchanged)
    #expect(first.wakeAt.map { $0 > at(3_301) && $0 <= at(3_302) } == true)
    #expect(cache.handle(.time, now: at(3_302), random: 0).fetches)
    // Under way when the old one expires: whoever comes now waits.
    #expect(cache.handle(.time, now: at(3_600), random: 0) == .init(.pending))
    let last = cache.handle(.failed(Self.failure), now: at(3_601), random: 0)
    guard case .failure(Self.failure, let retryAt)? = last.publication else {
      Issue.record("\(last)")
      return
    }
    #expect(last.wakeAt == retryAt)
    // And it recovers.
    #expect(
      cache.handle(.time, now: retryAt, random: 0) == .init(nil, fetches: true))
    #expect(
      cache.handle(.issued(expiresAt: at(9_000)), now: retryAt, random: 0).publication == .issued)
    #expect(cache.failureCount == 0)
  }

  @Test func expiryFoundLateIsExpiry() {
    var cache = fresh(3_600)
    #expect(
      cache.handle(.time, now: at(4_000), random: 0) == .init(.pending, fetches: true))
  }

  @Test func pausesGrowToTheirBound() {
    var cache = TokenCache()
    var pauses: [Int64] = []
    for _ in 0..<40 {
      _ = cache.handle(.time, now: at(1_000_000), random: 0)
      _ = cache.handle(.start, now: at(1_000_000), random: 0)
      guard case .fetching = cache.state else { break }
      let actions = cache.handle(.failed(Self.failure), now: at(0), random: 999)
      pauses.append(actions.wakeAt.map { ($0 - at(0)).nanoseconds / 1_000_000 } ?? -1)
    }
    #expect(pauses.count == 40)
    #expect(pauses.first.map { (500...1_000).contains($0) } == true)
    #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(pauses.last.map { (30_000...60_000).contains($0) } == true)
  }

  @Test func aRefusedOneIsRenewedOnceWhileTheOthersKeepIt() {
    var cache = fresh(3_600)
    #expect(cache.handle(.rejected, now: at(100), random: 0).fetches)
    for _ in 0..<50 { #expect(!cache.handle(.rejected, now: at(100), random: 0).fetches) }
    #expect(
      cache.handle(.failed(Self.failure), now: at(101), random: 0).publication == .unchanged)
    #expect(cache.lastFailure == Self.failure)
  }

  @Test func aReloadDuringAFetchMakesForAnother() {
    var cache = fresh(3_600)
    #expect(cache.handle(.reloaded, now: at(10), random: 0).fetches)
    #expect(!cache.handle(.reloaded, now: at(11), random: 0).fetches)
    let first = cache.handle(.issued(expiresAt: at(3_700)), now: at(12), random: 0)
    #expect(first.publication == .issued && first.fetches)
    #expect(!cache.handle(.issued(expiresAt: at(3_800)), now: at(13), random: 0).fetches)
  }

  @Test func aReloadEndsThePauseAfterAFailure() {
    var cache = TokenCache()
    _ = cache.handle(.start, now: at(0), random: 0)
    _ = cache.handle(.failed(Self.failure), now: at(0), random: 0)
    #expect(!cache.handle(.rejected, now: at(0), random: 0).fetches)
    #expect(
      cache.handle(.reloaded, now: at(0), random: 0) == .init(.pending, fetches: true))
  }

  @Test func oneThatHasExpiredAlreadyIsNone() {
    var cache = TokenCache()
    _ = cache.handle(.start, now: at(0), random: 0)
    let actions = cache.handle(.issued(expiresAt: at(0)), now: at(0), random: 0)
    guard case .failure? = actions.publication else {
      Issue.record("\(actions)")
      return
    }
  }

  @Test func whatComesLateChangesNothing() {
    var cache = fresh(3_600)
    let before = cache.state
    #expect(cache.handle(.issued(expiresAt: at(9)), now: at(1), random: 0) == .init())
    #expect(cache.handle(.failed(Self.failure), now: at(1), random: 0) == .init())
    #expect(cache.state == before)
  }

  /// Whatever happens in whatever order: never two fetches at once, and never silence without one
  /// under way or a time to wake.
  @Test func neverTwoFetchesAndNeverSilence() {
    var random = RandomSource(seed: 7)
    for _ in 0..<300 {
      var cache = TokenCache()
      var now: Int64 = 0
      var isFetching = cache.handle(.start, now: at(0), random: 0).fetches
      var wakeAt: Timestamp?
      for _ in 0..<60 {
        now += Int64(random.next(below: 400))
        let events: [TokenCache.Event] = [
          .time, .rejected, .reloaded, .failed(Self.failure),
          .issued(expiresAt: at(now + Int64(random.next(below: 1_000)))),
        ]
        let event = events[Int(random.next(below: 5))]
        switch event {
        case .issued, .failed:
          guard isFetching else { continue }
          isFetching = false
        default: break
        }
        let actions = cache.handle(event, now: at(now), random: random.next(below: 1_000))
        #expect(!(actions.fetches && isFetching))
        if actions.fetches { isFetching = true }
        wakeAt = actions.wakeAt
        #expect(isFetching || wakeAt != nil)
      }
    }
  }
}
