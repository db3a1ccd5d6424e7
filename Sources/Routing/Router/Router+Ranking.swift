// SPDX-License-Identifier: MIT

internal import Bytes
internal import DecisionIR
internal import ModelCatalog

extension Router {
  /// Offers every allowed candidate that has a deployment to the ranking.
  func rank(from first: Int, _ work: inout Work) {
    work.strategy = strategyInForce(work)
    for position in 0..<work.askedCount where verdicts[position].isAllowed {
      let place = Int(askedPlaces[position])
      var result = results[place]
      let model = snapshot.catalog.model(result.model)
      guard admits(model, &work) else {
        result.outcome = .circuitOpen
        results[place] = result
        continue
      }
      result.outcome = .outranked
      result.score = score(model, place: place, permit: Int(result.permit), work)
      results[place] = result
      let entry = RankEntry(
        tier: work.tier, priority: result.priority, score: result.score,
        price: model.prices.blended, identity: model.index.rawValue, place: UInt16(place))
      bestModels.offer(entry, count: &work.rankedCount)
    }
  }

  /// The strategy of the first permit among those of the highest priority that names one; else
  /// the group's; else the configured one.
  private func strategyInForce(_ work: Work) -> RoutingStrategy {
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
    return found ?? work.groupStrategy ?? snapshot.catalog.defaultStrategy
  }

  /// Whether any deployment's circuit lets a request through; notes when one will, if none does.
  private func admits(_ model: Model, _ work: inout Work) -> Bool {
    let settings = snapshot.circuitSettings
    for position in model.deployments {
      let index = DeploymentIndex(rawValue: UInt16(position))
      guard snapshot.catalog.deployment(index).wireProtocol.isSpoken else { continue }
      let circuit = snapshot.health(of: index).circuit
      if circuit.wouldAdmit(nowMilliseconds: work.nowMilliseconds, settings: settings) {
        return true
      }
      work.earliestMilliseconds = min(work.earliestMilliseconds, circuit.milliseconds)
    }
    return false
  }

  private func score(_ model: Model, place: Int, permit: Int, _ work: Work) -> Int64 {
    switch work.strategy {
    case .order:
      return Int64(place)
    case .cost:
      return model.prices.blended
    case .latency:
      var best = Int64.max
      for position in model.deployments {
        let health = snapshot.health(of: DeploymentIndex(rawValue: UInt16(position)))
        best = min(best, health.latencyMicroseconds)
      }
      return best
    case .leastBusy:
      var busy: Int64 = 0
      for position in model.deployments {
        busy += snapshot.health(of: DeploymentIndex(rawValue: UInt16(position))).inFlight
      }
      return busy
    case .weighted:
      var weight: Int64 = permit >= 0 ? snapshot.policy(permit).obligations.weight : -1
      if weight < 0 {
        weight = 0
        for position in model.deployments {
          let index = DeploymentIndex(rawValue: UInt16(position))
          weight += Int64(snapshot.catalog.deployment(index).weight)
        }
      }
      return WeightedDraw.score(
        random: work.random, item: model.index.rawValue, weight: weight)
    }
  }
}
