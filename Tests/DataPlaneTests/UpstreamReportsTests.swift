// SPDX-License-Identifier: MIT

import Testing

@testable import DataPlane

@Suite struct UpstreamReportsTests {
  @Test func equalOnesAreCountedAndToldOfLater() {
    var reports = UpstreamReports()
    #expect(reports.take(deployment: 1, .reset, nowMilliseconds: 0) == 0)
    for time in 1...3 {
      #expect(reports.take(deployment: 1, .reset, nowMilliseconds: Int64(time)) == nil)
    }
    #expect(reports.take(deployment: 1, .stalled, nowMilliseconds: 4) == 0)
    #expect(reports.take(deployment: 2, .reset, nowMilliseconds: 4) == 0)
    let later = UpstreamReports.intervalMilliseconds
    #expect(reports.take(deployment: 1, .reset, nowMilliseconds: later) == 3)
    #expect(reports.take(deployment: 1, .reset, nowMilliseconds: 2 * later) == 0)
  }

  /// More kinds than are told apart: the lines stay bounded, and those that are known are counted.
  @Test func moreKindsThanAreToldApartDoNotFloodTheLog() {
    var reports = UpstreamReports()
    var told = 0
    for time in 0..<2 {
      for deployment in 0..<5_000
      where reports.take(deployment: deployment, .reset, nowMilliseconds: Int64(time)) != nil {
        told += 1
      }
    }
    #expect(told == UpstreamReports.entriesMaximum)
    let later = UpstreamReports.intervalMilliseconds + UpstreamReports.pauseMilliseconds
    #expect(reports.take(deployment: 4_999, .reset, nowMilliseconds: later) == 0)
    // What is not within the interval any more has made room.
    #expect(reports.take(deployment: 0, .reset, nowMilliseconds: later) == 0)
  }
}
