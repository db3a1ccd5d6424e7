// SPDX-License-Identifier: MIT

/// What was seen of a provider under one limit: of requests that were sent since that limit was
/// set, so that each step of the limit sees what the one before has brought about.
struct LoadWindow: BitwiseCopyable {
  /// On the clock of the attempts. Requests sent before it do not count.
  var startNanoseconds: UInt64 = 0
  /// It is not closed before; 0 where nothing has been seen.
  var endNanoseconds: UInt64 = 0
  var count: Int64 = 0
  /// The most places taken at a time.
  var inFlightMaximum: Int64 = 0
  private var microseconds: Int64 = 0
  private var counts = InlineArray<3, Int64>(repeating: 0)
  private var sums = InlineArray<3, Int64>(repeating: 0)
  private var units = InlineArray<3, Int64>(repeating: 0)

  /// One answer counts for no more than this many times the usual.
  static let outlierFactor = 8.0

  mutating func add(_ pace: AnswerPace, usual: Double) {
    let kind = Int(pace.kind.rawValue)
    var taken = pace.microseconds
    if usual > 0 {
      // Compared before it is made whole: of a provider that reports any number of tokens the
      // product can be more than fits.
      let most = usual * Double(pace.units) * Self.outlierFactor
      if most < Double(taken) { taken = Int64(most) + 1 }
    }
    count &+= 1
    microseconds = min(microseconds &+ taken, 1 << 60)
    counts[kind] &+= 1
    sums[kind] = min(sums[kind] &+ taken, 1 << 60)
    units[kind] = min(units[kind] &+ pace.units, 1 << 60)
  }

  /// How many answers of a kind there were.
  func count(_ kind: Int) -> Int64 { counts[kind] }

  /// Microseconds for a unit of this kind; 0 where there was none.
  func mean(_ kind: Int) -> Double {
    units[kind] == 0 ? 0 : Double(sums[kind]) / Double(units[kind])
  }

  var meanMicroseconds: Double { count == 0 ? 0 : Double(microseconds) / Double(count) }
}
