// SPDX-License-Identifier: MIT

import Clocks
import SimulatedWorld

/// Draws a plan from a seed.
struct PlanMaker {
  private var random: RandomSource
  var plan: Plan
  private var requestCount = 0

  static func make(seed: UInt64) -> Plan {
    var maker = PlanMaker(seed: seed)
    maker.draw()
    maker.random = RandomSource(seed: seed ^ 0x5eed_0003)
    maker.drawOthers()
    maker.drawLimits()
    maker.drawSilence()
    maker.drawStrangers()
    return maker.plan
  }

  private init(seed: UInt64) {
    random = RandomSource(seed: seed)
    plan = Plan(seed: seed)
  }

  mutating func one(in count: UInt32) -> Bool { random.next(below: count) == 0 }
  mutating func number(below count: Int) -> Int {
    Int(random.next(below: UInt32(clamping: max(count, 1))))
  }
  mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[number(below: choices.count)]
  }

  private mutating func draw() {
    plan.settings = SettingsPlan(&random)
    // Drawn apart, so that a seed's other choices stay what they were.
    var other = RandomSource(seed: plan.seed ^ 0xA11E_0000)
    plan.settings.keepAliveMilliseconds = [0, 0, 100, 1_000][Int(other.next(below: 4))]
    plan.machine.postponesReadiness = one(in: 3)
    plan.serverConditions = conditions()
    for index in 0..<(1 + number(below: 4)) { plan.clients.append(client(index)) }
    // A run of four has no fault at all, so that what is good stays good.
    if one(in: 4) { return }
    for _ in 0..<(1 + number(below: 6)) { plan.faults.append(fault()) }
  }

  private mutating func conditions() -> LinkConditions {
    var conditions = LinkConditions()
    conditions.latency = .microseconds(pick([20, 500, 5_000, 80_000]))
    conditions.jitter = .microseconds(pick([1, 300, 30_000]))
    conditions.packetBytes = one(in: 12) ? 7 : pick([64, 1_448, 1_448, 16_384])
    conditions.takesPartialWrites = one(in: 4)
    conditions.givesShortReads = one(in: 4)
    conditions.resetDropsUnread = one(in: 2)
    return conditions
  }

  // MARK: Clients

  mutating func client(_ index: Int) -> ClientPlan {
    var client = ClientPlan(number: index)
    client.isPipelining = one(in: 4)
    client.startMilliseconds = number(below: 400)
    client.conditions = conditions()
    for _ in 0..<(1 + number(below: 4)) {
      client.requests.append(request())
    }
    return client
  }

  private mutating func request() -> RequestPlan {
    var request = RequestPlan(number: requestCount)
    requestCount += 1
    request.api = one(in: 2) ? .chat : pick(ClientAPI.chats)
    request.model = one(in: 3) ? "gpt-a" : pick(SimulatedGateway.models)
    request.isStream = one(in: 2)
    request.asksForUsage = request.isStream && one(in: 2)
    request.hasTools = one(in: 4)
    request.isChunked = one(in: 6)
    request.paddingWords = one(in: 20) ? 2_000 : number(below: 20)
    if one(in: 5) { request.pieceBytes = pick([1, 9, 100]) }
    if request.paddingWords > 100 { request.pieceBytes = 0 }
    request.thinkMilliseconds = pick([0, 0, 3, 500, 12_000])
    return request
  }

  // MARK: Faults

  private mutating func fault() -> Fault {
    let request = number(below: requestCount)
    switch number(below: 20) {
    case 0..<9:
      return .answer(
        request: request, attempt: one(in: 2) ? 1 : 1 + number(below: 3), script: faultyScript())
    case 9, 10:
      return .connect(
        server: number(below: SimulatedGateway.serverCount), ordinal: 1 + number(below: 3),
        pick(Fault.ConnectFault.allCases))
    case 11:
      return .resolve(
        ordinal: 1 + number(below: 4), delayMilliseconds: pick([1, 300, 7_000]), fails: one(in: 2))
    case 12, 13:
      return .leave(
        request: request, bytes: one(in: 3) ? 0 : number(below: pick([20, 400, 3_000])),
        isReset: one(in: 2))
    case 14:
      return .halfSent(request: request, bytes: number(below: 400), leaves: one(in: 2))
    case 15:
      let (bytes, pause) = pick([(10, 5), (10, 60), (200, 10), (200, 1_500), (4_000, 1_500)])
      return .slowReader(
        client: number(below: plan.clients.count), bytes: bytes, pauseMilliseconds: pause)
    case 16: return .smallBuffers(bytes: pick([64, 1_000, 10_000]))
    case 17:
      return .idleClose(
        server: number(below: SimulatedGateway.serverCount), ordinal: 1 + number(below: 2),
        milliseconds: pick([0, 1, 400]), isReset: one(in: 3))
    case 18:
      return one(in: 2)
        ? .pause(atMilliseconds: number(below: 3_000), milliseconds: pick([20, 900, 30_000]))
        : .wallStep(atMilliseconds: number(below: 3_000), seconds: pick([-86_400, 3_600, 1]))
    default: return .terminate(atMilliseconds: number(below: pick([300, 3_000])))
    }
  }

  private mutating func faultyScript() -> String {
    switch number(below: 16) {
    case 0: "status=\(pick([500, 502, 503, 504, 529]))"
    case 1: "status=503,retry_after=\(pick([0, 1, 30]))"
    case 2: "status=429,retry_after=\(pick([0, 1, 2, 60]))"
    case 3: "error=rate_limit"
    case 4: "error=\(pick(["server", "overloaded", "timeout"]))"
    case 5: "error=\(pick(["invalid_request", "context_length", "not_found"]))"
    case 6: "error=\(pick(["authentication", "permission"]))"
    case 7: pick(["html", "error_body", "malformed_head", "header_bytes=70000"])
    case 8: "error_at_chunk=\(number(below: 6))"
    case 9: "malformed_chunk=\(number(below: 6))"
    case 10: pick(["no_done", "no_finish"])
    case 11: pick(["cut", "reset", "stall", "half"])
    case 12: "cut_at=\(number(below: pick([10, 300, 3_000])))"
    case 13: "reset_at=\(number(below: pick([10, 300, 3_000])))"
    case 14: "stall_at=\(number(below: pick([10, 300, 3_000])))"
    default:
      pick([
        "delay_ms=40000", "first_chunk_delay_ms=40000", "chunk_delay_ms=6000",
        "split_bytes=3,split_delay_ms=20",
      ])
    }
  }
}
