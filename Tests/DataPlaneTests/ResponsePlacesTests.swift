// SPDX-License-Identifier: MIT

import Accounts
import Testing

@testable import DataPlane

@Suite("Places of responses")
struct ResponsePlacesTests {
  private let place = ResponsePlace(model: "m", gateway: "g", account: 1)
  private let owner = KeyDigest(hexadecimal: String(repeating: "a", count: 64))!
  private let other = KeyDigest(hexadecimal: String(repeating: "b", count: 64))!

  @Test("are found by their own key alone, and for a time")
  func owners() {
    var places = ResponsePlaces(countMaximum: 10, lifetimeMilliseconds: 100)
    places.keep("r", at: place, owner: owner, nowMilliseconds: 0)
    #expect(places.find("r", owner: owner, nowMilliseconds: 99) == .here(place))
    #expect(places.find("r", owner: other, nowMilliseconds: 99) == .foreign)
    #expect(places.find("r", owner: owner, nowMilliseconds: 100) == .unknown)
    #expect(places.find("s", owner: owner, nowMilliseconds: 0) == .unknown)
  }

  @Test("are bounded: the oldest go, what is kept anew stays")
  func bounds() {
    var places = ResponsePlaces(countMaximum: 3, lifetimeMilliseconds: 1_000_000)
    for number in 0..<5_000 {
      places.keep("again", at: place, owner: owner, nowMilliseconds: 0)
      places.keep("r\(number)", at: place, owner: owner, nowMilliseconds: 0)
      #expect(places.count <= 3)
    }
    #expect(places.find("again", owner: owner, nowMilliseconds: 0) == .here(place))
    #expect(places.find("r4999", owner: owner, nowMilliseconds: 0) == .here(place))
    #expect(places.find("r4000", owner: owner, nowMilliseconds: 0) == .unknown)
    places.keep(
      String(repeating: "x", count: 257), at: place, owner: owner, nowMilliseconds: 0)
    #expect(places.count <= 3)
  }
}
