// SPDX-License-Identifier: MIT

import ModelCatalog
import TestSupport

@testable import Routing

/// A model server with a known capacity behind a limit, event by event: it works on so many
/// requests at a time, and the others wait there, first come, first served. Clients want more than
/// they get.
struct SimulatedServer {
  enum Answers {
    /// Whole answers of 50 to 500 tokens.
    case whole(secondsPerToken: Double)
    /// Streams: the first event, then the rest.
    case streams(firstSeconds: Double, restSeconds: Double)
  }

  var answers: Answers
  var capacity: Int
  /// All answers take so many times as long.
  var slowness = 1.0
  /// Requests beyond these are refused at once.
  var refusesAbove = Int.max
  /// Requests that clients would like to have in flight.
  var demand = 2_000

  private(set) var limit: GradientLimit
  private(set) var completed = 0
  private(set) var refused = 0
  private(set) var nanoseconds: UInt64 = 1
  private(set) var inFlight = 0

  private struct Request {
    var sent: UInt64
    var first: Double
    var rest: Double
    var tokens: Int64
  }

  private enum Step {
    case first
    case done
    case refused
  }

  private var random: SeededGenerator
  private var running = 0
  private var waiting: [Request] = []
  private var waitingStart = 0
  /// What happens, the latest first.
  private var agenda: [(time: UInt64, step: Step, request: Request)] = []

  init(
    _ answers: Answers, capacity: Int, seed: UInt64, _ settings: AdaptiveLimit = AdaptiveLimit(),
    maximum: Int64 = 1_000
  ) {
    self.answers = answers
    self.capacity = capacity
    limit = GradientLimit(settings, maximum: maximum)
    random = SeededGenerator(seed: seed)
  }

  /// Answers in a second when all of the capacity is used.
  var throughputMaximum: Double {
    let seconds: Double
    switch answers {
    case .whole(let perToken): seconds = perToken * (275 + 20)
    case .streams(let first, let rest): seconds = first + rest
    }
    return Double(capacity) / (seconds * slowness)
  }

  /// - Parameter observe: called with the limit in force after each event.
  mutating func run(seconds: Double, _ observe: (Int64) -> Void = { _ in }) {
    let end = nanoseconds + UInt64(seconds * 1e9)
    admit()
    while let next = agenda.last, next.time <= end {
      agenda.removeLast()
      nanoseconds = next.time
      handle(next.step, next.request)
      admit()
      observe(limit.inForce)
    }
    nanoseconds = end
  }

  private mutating func handle(_ step: Step, _ request: Request) {
    let microseconds = Int64((nanoseconds - request.sent) / 1_000)
    func take(_ sample: LoadSample) {
      limit.learn(sample, sent: request.sent, now: nanoseconds, inFlight: Int64(inFlight))
    }
    switch step {
    case .first: take(.answered(.firstEvent(microseconds: microseconds)))
    case .refused:
      refused += 1
      take(.refused)
      inFlight -= 1
    case .done:
      completed += 1
      if case .whole = answers {
        take(.answered(.whole(microseconds: microseconds, tokens: request.tokens)))
      }
      inFlight -= 1
      running -= 1
      startWaiting()
    }
  }

  private mutating func admit() {
    while inFlight < min(Int(limit.inForce), demand) {
      inFlight += 1
      let request = makeRequest()
      if inFlight > refusesAbove {
        schedule(.refused, after: 0.005, request)
      } else {
        waiting.append(request)
        startWaiting()
      }
    }
  }

  private mutating func makeRequest() -> Request {
    let noise = Double.random(in: 0.8...1.2, using: &random) * slowness
    switch answers {
    case .whole(let perToken):
      let tokens = Int64.random(in: 50...500, using: &random)
      return Request(
        sent: nanoseconds, first: 0, rest: perToken * Double(tokens + 20) * noise, tokens: tokens)
    case .streams(let first, let rest):
      return Request(sent: nanoseconds, first: first * noise, rest: rest * noise, tokens: 0)
    }
  }

  private mutating func startWaiting() {
    while running < capacity, waitingStart < waiting.count {
      let request = waiting[waitingStart]
      waitingStart += 1
      running += 1
      if case .streams = answers { schedule(.first, after: request.first, request) }
      schedule(.done, after: request.first + request.rest, request)
    }
    if waitingStart > 1_000 {
      waiting.removeFirst(waitingStart)
      waitingStart = 0
    }
  }

  private mutating func schedule(_ step: Step, after seconds: Double, _ request: Request) {
    let time = nanoseconds + UInt64(seconds * 1e9) + 1
    var low = 0
    var high = agenda.count
    while low < high {
      let middle = (low + high) / 2
      if agenda[middle].time > time { low = middle + 1 } else { high = middle }
    }
    agenda.insert((time, step, request), at: low)
  }
}
