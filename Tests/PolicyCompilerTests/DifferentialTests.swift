// SPDX-License-Identifier: MIT

import PolicyDifferential
import Testing

/// A few thousand generated programs. A hundred thousand are checked in release, by the program
/// `differential`, in the stage of `make test` that is named so.
@Suite struct DifferentialTests {
  /// Bound of each test; what was checked by then is printed.
  static let secondsMax = 15.0

  @Test func decisionsReasonsAndErrors() {
    let report = Differential.programs(3_000, seconds: Self.secondsMax)
    print(
      "differential: \(report.ran) programs, \(report.allowed) allowed, \(report.failed) requests "
        + "with errors")
    #expect(report.disagreement == nil)
    #expect(report.ran > 100)
    #expect(report.led > report.ran / 2)
    #expect(report.allowed > report.ran / 10 && report.failed > report.ran / 10)
  }

  @Test func batches() {
    let report = Differential.batches(1_000, seconds: Self.secondsMax)
    print("differential: \(report.ran) batch plans, \(report.verdicts) verdicts")
    #expect(report.disagreement == nil)
    #expect(report.ran > 50)
  }

  @Test func requestsByASchema() {
    let report = Differential.requests(60, seconds: Self.secondsMax)
    print(
      "differential: \(report.requests) requests of \(report.ran) schemas, \(report.valid) "
        + "readings succeed, \(report.taken) of them by the decoder")
    #expect(report.disagreement == nil)
    #expect(report.ran > 20)
    #expect(report.usual > report.requests / 3)
    #expect(report.valid < report.requests * 2 - report.requests / 4)
  }
}
