// SPDX-License-Identifier: MIT

internal import Bytes
internal import DecisionIR
internal import ModelCatalog

extension Router {
  /// Notes every verdict, and offers each allowed candidate that has a deployment to the ranking.
  func rank(_ work: inout Work) {
    work.strategy = strategyInForce(work)
    let models = snapshot.models
    for position in 0..<work.askedCount {
      let verdict = verdicts[position]
      let place = Int(askedPlaces[position])
      work.failureCount &+= Int64(verdict.failureCount)
      results[place].permit = verdict.permit
      results[place].forbid = verdict.forbid
      results[place].priority = verdict.priority
      guard verdict.isAllowed else {
        results[place].outcome = verdict.forbid >= 0 ? .forbidden : .notPermitted
        continue
      }
      let index = asked[position]
      let model = models[Int(index)]
      guard admits(model, &work) else {
        results[place].outcome = .circuitOpen
        continue
      }
      let score = score(model, index, place: place, permit: Int(verdict.permit), work)
      results[place].outcome = .outranked
      results[place].score = score
      let entry = RankEntry(
        tier: work.tier, priority: verdict.priority, score: score, price: model.blendedPrice,
        identity: index, place: UInt16(truncatingIfNeeded: place))
      bestModels.offer(entry, count: &work.rankedCount)
    }
  }

  /// The strategy of the first permit among those of the highest priority that names one; else
  /// the group's; else the configured one.
  private func strategyInForce(_ work: Work) -> RoutingStrategy {
    let fallback = work.groupStrategy ?? snapshot.catalog.defaultStrategy
    guard snapshot.hasStrategies else { return fallback }
    var highest = Int64.min
    var found: RoutingStrategy?
    for position in 0..<work.askedCount where verdicts[position].isAllowed {
      let verdict = verdicts[position]
      if verdict.priority > highest {
        highest = verdict.priority
        found = nil
      }
      if verdict.priority == highest, found == nil, verdict.permit >= 0 {
        found = snapshot.policy(Int(verdict.permit)).obligations.strategy
      }
    }
    return found ?? fallback
  }

  /// Whether any deployment's circuit lets a request through; notes when one will, if none does.
  @inline(__always)
  private func admits(_ model: ModelFacts, _ work: inout Work) -> Bool {
    let deployments = snapshot.deployments
    for position in model.deployments {
      let deployment = deployments[position]
      guard deployment.isSpoken else { continue }
      let circuit = deployment.health.circuit
      if circuit.state == .closed || admitsWhenOpen(circuit, work) { return true }
      work.earliestMilliseconds = min(work.earliestMilliseconds, circuit.milliseconds)
    }
    return false
  }

  @inline(never)
  func admitsWhenOpen(_ circuit: Circuit, _ work: Work) -> Bool {
    circuit.wouldAdmit(nowMilliseconds: work.nowMilliseconds, settings: snapshot.circuitSettings)
  }

  @inline(__always)
  private func score(
    _ model: ModelFacts, _ index: UInt16, place: Int, permit: Int, _ work: Work
  ) -> Int64 {
    switch work.strategy {
    case .order: Int64(place)
    case .cost: model.blendedPrice
    case .latency, .leastBusy, .weighted: liveScore(model, index, permit: permit, work)
    }
  }

  @inline(never)
  private func liveScore(
    _ model: ModelFacts, _ index: UInt16, permit: Int, _ work: Work
  ) -> Int64 {
    let deployments = snapshot.deployments
    switch work.strategy {
    case .order, .cost:
      return 0
    case .latency:
      var best = Int64.max
      for position in model.deployments {
        best = min(best, deployments[position].health.latencyMicroseconds)
      }
      return best
    case .leastBusy:
      var busy: Int64 = 0
      for position in model.deployments {
        busy += deployments[position].health.inFlight
      }
      return busy
    case .weighted:
      var weight: Int64 = permit >= 0 ? snapshot.policy(permit).obligations.weight : -1
      if weight < 0 {
        weight = 0
        for position in model.deployments {
          weight += Int64(deployments[position].weight)
        }
      }
      return WeightedDraw.score(
        random: work.random, item: index, weight: weight)
    }
  }
}
