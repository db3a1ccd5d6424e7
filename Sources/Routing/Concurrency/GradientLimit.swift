// SPDX-License-Identifier: MIT

internal import ModelCatalog

/// A limit of concurrency that follows the provider's latency, as a pure state machine after
/// Gradient2 of Netflix' concurrency-limits. A provider within its capacity answers as fast as
/// ever; beyond it requests wait there, and latency grows. The limit grows by the square root of
/// itself while answers are within the tolerance of the usual, shrinks with their ratio beyond it,
/// and at once when the provider refuses a request. It comes to rest where both are equal: with the
/// standard tolerance at one and a half times the capacity, and a little more.
///
/// Three things are otherwise than there:
/// - A step is made once an answer's time, and by answers to requests that were sent since the last
///   one: answers of models take so long that a limit would else be far away before its effect
///   shows.
/// - What is usual is not a mean over time, which creeps up with the load that the limit itself
///   lets through. It is learnt while less than half of the limit is used, and of answers that are
///   faster.
/// - A provider that has become slower for good is told from one that is overloaded by the limit's
///   own way down: half the requests make an overloaded provider faster. Where they do not, what it
///   does now is the usual.
struct GradientLimit: BitwiseCopyable {
  static let windowNanosecondsMinimum: UInt64 = 1_000_000_000
  static let windowNanosecondsMaximum: UInt64 = 60_000_000_000
  /// A window has so many answers, or as many as the limit if that is less, but three.
  static let samplesMaximum: Int64 = 10
  static let samplesMinimum: Int64 = 3
  static let gradientMinimum = 0.5
  /// The share of a new estimate in the next limit.
  static let smoothing = 0.5
  static let refusalFactor = 0.9
  /// The share of what was seen in what is usual.
  static let learning = 0.1
  /// After so many good windows the steps up double with each further one.
  static let goodWindowsBeforeHaste = 4
  /// It stays so many below what was refused before it is tried again.
  static let goodWindowsBelowRefusal = 10
  /// How much faster the provider is under half the load, if it was overloaded.
  static let improvement = 1.25
  /// Under the smallest limit that cannot be seen; so it is taken as said after so many windows.
  static let windowsAtMinimum = 5

  private(set) var settings: AdaptiveLimit
  private(set) var maximum: Int64
  /// Between steps.
  private(set) var limit: Double
  /// Microseconds for a unit of each kind; 0 for not known.
  private(set) var usual = InlineArray<3, Double>(repeating: 0)
  private var window = LoadWindow()
  /// Nothing has been seen of a limit yet: it grows by half.
  private var isStarting = true
  private var goodWindows = 0
  /// The limit from which it is on its way down and the pace there; 0 where it is not.
  private var declineLimit = 0.0
  private var declinePace = 0.0
  private var minimumWindows = 0
  /// What was in flight when the provider refused a request last; 0 when that was long ago.
  private var refusalLimit = 0.0

  init(_ settings: AdaptiveLimit, maximum: Int64) {
    self.settings = settings
    self.maximum = max(maximum, 1)
    limit = Double(min(settings.initial, self.maximum))
  }

  /// The limit in force.
  var inForce: Int64 { max(Int64(limit), 1) }

  mutating func adopt(_ settings: AdaptiveLimit, maximum: Int64) {
    self.settings = settings
    self.maximum = max(maximum, 1)
    limit = bounded(limit)
  }

  /// Takes in what came of a request.
  ///
  /// - Parameters:
  ///   - sent: when the request was sent, in nanoseconds.
  ///   - now: on the same clock.
  ///   - inFlight: places taken at the moment, its own included.
  mutating func learn(_ sample: LoadSample, sent: UInt64, now: UInt64, inFlight: Int64) {
    guard sent >= window.startNanoseconds else { return }
    window.inFlightMaximum = max(window.inFlightMaximum, inFlight)
    switch sample {
    case .refused: shrinkAfterRefusal(now, inFlight)
    case .answered(let pace):
      if window.endNanoseconds == 0 {
        window.endNanoseconds = now &+ Self.windowNanosecondsMinimum
      }
      window.add(pace, usual: usual[Int(pace.kind.rawValue)])
      let wanted = min(max(inForce, Self.samplesMinimum), Self.samplesMaximum)
      if window.count >= wanted, now >= window.endNanoseconds { close(now) }
    }
  }

  private func bounded(_ value: Double) -> Double {
    let least = Double(min(settings.minimum, maximum))
    return min(max(value, least), Double(maximum))
  }

  /// One step down for what was sent under one limit, however many of it were refused.
  private mutating func shrinkAfterRefusal(_ now: UInt64, _ inFlight: Int64) {
    isStarting = false
    goodWindows = 0
    refusalLimit = min(limit, Double(max(inFlight, 1)))
    limit = bounded(refusalLimit * Self.refusalFactor)
    beginWindow(now)
  }

  private mutating func beginWindow(_ now: UInt64) {
    let mean = window.meanMicroseconds
    let length = UInt64(min(mean * 2_000, Double(Self.windowNanosecondsMaximum)))
    window = LoadWindow()
    window.startNanoseconds = now
    window.endNanoseconds = now &+ max(length, Self.windowNanosecondsMinimum)
  }

  private mutating func close(_ now: UInt64) {
    let pace = pace()
    let gradient = Double(settings.toleranceThousandths) / 1_000 * pace
    let isPressed = Double(window.inFlightMaximum) >= limit / 2
    if gradient < 1 {
      shrink(max(gradient, Self.gradientMinimum), pace)
    } else {
      declineLimit = 0
      learn(isPressed: isPressed)
      // Half of the places were not needed: nothing is known about more.
      if isPressed { grow() }
    }
    beginWindow(now)
  }

  /// How fast the provider was, as a share of the usual: 0.5 is twice as slow.
  private mutating func pace() -> Double {
    var sum = 0.0
    for kind in 0..<AnswerPace.kindCount where window.count(kind) > 0 {
      let mean = window.mean(kind)
      if usual[kind] == 0 { usual[kind] = mean }
      sum += usual[kind] / mean * Double(window.count(kind))
    }
    return sum / Double(window.count)
  }

  private mutating func learn(isPressed: Bool) {
    for kind in 0..<AnswerPace.kindCount where window.count(kind) > 0 {
      let change = window.mean(kind) - usual[kind]
      if change < 0 || !isPressed { usual[kind] += change * Self.learning }
    }
  }

  private mutating func grow() {
    goodWindows += 1
    if refusalLimit > 0, goodWindows > Self.goodWindowsBelowRefusal {
      (refusalLimit, goodWindows) = (0, 1)
    }
    var step = limit.squareRoot() * Self.smoothing
    if isStarting {
      step = max(limit / 2, 1)
    } else {
      for _ in 0..<min(max(goodWindows - Self.goodWindowsBeforeHaste, 0), 16) { step *= 2 }
      step = min(step, max(limit / 2, 1))
    }
    let next = limit + step
    limit = bounded(
      refusalLimit > 0 && next >= refusalLimit ? max(limit, refusalLimit - 1) : next)
  }

  private mutating func shrink(_ gradient: Double, _ pace: Double) {
    isStarting = false
    goodWindows = 0
    // From what was in use: what was not cannot have made the provider slow.
    let base = min(limit, bounded(Double(window.inFlightMaximum) * 2))
    if isSlowForGood(base, pace) {
      for kind in 0..<AnswerPace.kindCount where window.count(kind) > 0 {
        usual[kind] = window.mean(kind)
      }
      declineLimit = 0
      return
    }
    let estimate = base * gradient + base.squareRoot()
    limit = bounded(base + (estimate - base) * Self.smoothing)
  }

  /// Whether half the load has not made it faster.
  private mutating func isSlowForGood(_ base: Double, _ pace: Double) -> Bool {
    // Slower than where the way down began: that was another day.
    if declineLimit == 0 || pace < declinePace / Self.improvement {
      (declineLimit, declinePace, minimumWindows) = (base, pace, 0)
      return false
    }
    if base < Double(settings.minimum) + 1 { minimumWindows += 1 }
    guard base <= declineLimit / 2 || minimumWindows >= Self.windowsAtMinimum else { return false }
    if pace >= declinePace * Self.improvement {
      (declineLimit, declinePace, minimumWindows) = (base, pace, 0)
      return false
    }
    return true
  }
}
