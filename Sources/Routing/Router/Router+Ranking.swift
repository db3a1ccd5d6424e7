// SPDX-License-Identifier: MIT

internal import Bytes
internal import DecisionIR
internal import ModelCatalog

extension Router {
  /// Notes every verdict, and offers each allowed candidate that has a deployment to the ranking.
  func rank(_ work: inout Work) {
    let (inForce, isOfPolicy) = strategyInForce(
      work.askedCount, groupStrategy: work.groupStrategy)
    work.strategy = inForce
    let affinity = modelAffinity(inForce, isOfPolicy: isOfPolicy, &work)
    let models = snapshot.models
    // Read once: what is not inlined must not be handed the whole of `work` for each candidate.
    let strategy = work.strategy
    let random = work.random
    for position in 0..<work.askedCount {
      let verdict = verdicts[position]
      let place = Int(askedPlaces[position])
      let index = asked[position]
      work.failureCount &+= Int64(verdict.failureCount)
      // Put together in registers and written once.
      var result = CandidateResult(
        model: ModelIndex(rawValue: index), outcome: .outranked, isFallbackGroup: work.tier > 0,
        rank: -1, permit: verdict.permit, forbid: verdict.forbid, priority: verdict.priority,
        score: 0)
      guard verdict.isAllowed else {
        result.outcome = verdict.forbid >= 0 ? .forbidden : .notPermitted
        results[place] = result
        continue
      }
      let model = models[Int(index)]
      guard admits(model, &work) else {
        result.outcome = .circuitOpen
        results[place] = result
        continue
      }
      let score =
        if affinity != 0 {
          affinityScore(model, permit: Int(verdict.permit), hash: affinity)
        } else {
          switch strategy {
          case .order: Int64(place)
          case .cost: model.blendedPrice
          case .latency, .leastBusy, .weighted:
            liveScore(model, index, permit: Int(verdict.permit), strategy, random)
          }
        }
      result.score = score
      results[place] = result
      let entry = RankEntry(
        tier: work.tier, priority: verdict.priority, score: score, price: model.blendedPrice,
        identity: index, place: UInt16(truncatingIfNeeded: place))
      bestModels.offer(entry, count: &work.rankedCount)
    }
  }

  /// The strategy of the first permit among those of the highest priority that names one; else
  /// the group's; else the configured one.
  private func strategyInForce(
    _ count: Int, groupStrategy: RoutingStrategy?
  ) -> (strategy: RoutingStrategy, isOfPolicy: Bool) {
    let fallback = groupStrategy ?? snapshot.catalog.defaultStrategy
    guard snapshot.hasStrategies else { return (fallback, false) }
    var highest = Int64.min
    var found: RoutingStrategy?
    var permit: Int32 = -1
    for position in 0..<count {
      let verdict = verdicts[position]
      // Most candidates have one permit in common, which need not be asked again.
      guard verdict.isAllowed, verdict.permit != permit else { continue }
      permit = verdict.permit
      if verdict.priority > highest {
        highest = verdict.priority
        found = nil
      }
      if verdict.priority == highest, found == nil, permit >= 0 {
        found = snapshot.policy(Int(permit)).obligations.strategy
      }
    }
    return (found ?? fallback, found != nil)
  }

  /// Whether any deployment's circuit lets a request through; notes when one will, if none does.
  @inline(__always)
  private func admits(_ model: ModelFacts, _ work: inout Work) -> Bool {
    let deployments = snapshot.deployments
    for position in model.deployments {
      let deployment = deployments[position]
      guard deployment.spoken.rawValue & work.capability.rawValue != 0 else { continue }
      let circuit = deployment.health.circuit
      if circuit.state == .closed || admitsWhenOpen(deployment.health, work.nowMilliseconds) {
        return true
      }
      work.earliestMilliseconds = min(work.earliestMilliseconds, circuit.milliseconds)
    }
    return false
  }

  @inline(never)
  private func admitsWhenOpen(_ health: HealthReference, _ nowMilliseconds: Int64) -> Bool {
    health.wouldAdmit(nowMilliseconds: nowMilliseconds, settings: snapshot.circuitSettings)
  }

  @inline(never)
  private func liveScore(
    _ model: ModelFacts, _ index: UInt16, permit: Int, _ strategy: RoutingStrategy,
    _ random: UInt64
  ) -> Int64 {
    let deployments = snapshot.deployments
    switch strategy {
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
      return WeightedDraw.score(
        random: random, item: index, weight: weight(of: model, permit: permit))
    }
  }
}
