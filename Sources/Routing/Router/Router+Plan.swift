// SPDX-License-Identifier: MIT

internal import Bytes
internal import DecisionIR
internal import ModelCatalog

extension Router {
  /// Adds the models of the `@fallback` group of the permit that decides for the first in rank,
  /// behind all others. Their own fallbacks are not followed.
  func addFallbackGroup(
    _ request: RouteRequest, _ principal: PreparedPrincipal?, _ work: inout Work
  ) {
    guard let permit = leadingPermit(work),
      let index = snapshot.policy(permit).obligations.fallback
    else { return }
    let strategy = work.strategy
    let affinity = work.affinity
    let first = work.candidateCount
    work.tier = 1
    let group = snapshot.catalog.group(index)
    for position in group.members {
      let model = snapshot.catalog.groupMember(position)
      if !isCandidate(model, before: first) { add(model, &work) }
    }
    guard work.candidateCount > first else { return }
    work.isExpanded = true
    work.isOpen = false
    work.groupStrategy = group.strategy
    setAffinity(group.affinity, &work)
    work.askedCount = 0
    filter(request, from: first, &work)
    if work.askedCount > 0 {
      decide(request, principal, &work)
      rank(&work)
    }
    work.strategy = strategy
    work.affinity = affinity
  }

  /// The permit of the first in rank; when no allowed candidate is healthy, the permit of the
  /// allowed one with the highest priority.
  private func leadingPermit(_ work: Work) -> Int? {
    if work.rankedCount > 0 {
      return Int(results[Int(bestModels[0].place)].permit)
    }
    var leader: CandidateResult?
    for place in 0..<work.candidateCount where results[place].outcome == .circuitOpen {
      if leader.map({ results[place].priority > $0.priority }) ?? true { leader = results[place] }
    }
    return leader.map { Int($0.permit) }
  }

  private func isCandidate(_ model: ModelIndex, before end: Int) -> Bool {
    for place in 0..<end where results[place].model == model { return true }
    return false
  }

  /// Writes the plan: the deployments of the ranked models in order, or why there are none.
  func finish(_ work: inout Work, _ plan: inout RoutePlan) {
    plan.candidateCount = work.candidateCount
    plan.failureCount = work.failureCount
    plan.strategy = work.strategy
    plan.estimatedCost = work.estimatedCost
    plan.dependsOnAffinity = work.dependsOnAffinity
    guard work.rankedCount > 0 else {
      plan.outcome = failure(work)
      if plan.outcome == .unavailable {
        plan.retryAfterMilliseconds = max(work.earliestMilliseconds - work.nowMilliseconds, 1)
      }
      return
    }
    plan.outcome = .routed
    if work.isAffinityAmongModels {
      plan.affinity = work.affinity.kind
      plan.isAffinityAmongModels = true
      plan.isAffinityMoved = isMovedAmongModels(work)
    }
    for rank in 0..<work.rankedCount {
      let place = Int(bestModels[rank].place)
      results[place].rank = Int16(truncatingIfNeeded: rank)
      if rank == 0 {
        results[place].outcome = .chosen
        let permit = results[place].permit
        plan.policy = permit
        if permit >= 0 { plan.obligations = snapshot.policy(Int(permit)).obligations }
      } else if plan.attemptCount < RoutePlan.attemptsMaximum {
        results[place].outcome = .fallback
      } else {
        continue
      }
      addDeployments(results[place].model, results[place].permit, work, &plan)
    }
  }

  /// The deployments of one ranked model that let a request through, in an order drawn by weight:
  /// for each request, or for each key that keeps requests together.
  @inline(__always)
  private func addDeployments(
    _ index: ModelIndex, _ permit: Int32, _ work: Work, _ plan: inout RoutePlan
  ) {
    let model = snapshot.models[Int(index.rawValue)]
    if model.deploymentCount == 1 {
      // Ranked, so this one was found to let a request through.
      let only = DeploymentIndex(rawValue: model.firstDeployment)
      plan.append(RouteAttempt(deployment: only, model: index, policy: permit))
    } else {
      drawDeployments(model, index, permit, work, &plan)
    }
  }

  @inline(never)
  private func drawDeployments(
    _ model: ModelFacts, _ index: ModelIndex, _ permit: Int32, _ work: Work,
    _ plan: inout RoutePlan
  ) {
    var count = 0
    let key = work.affinity.hash
    // Of those that let no request through, the one that the key would rather have.
    var passedOver = Int64.max
    for position in model.deployments {
      let deployment = snapshot.deployments[position]
      guard deployment.spoken.rawValue & work.capability.rawValue != 0 else { continue }
      let isAdmitted = deployment.health.wouldAdmit(
        nowMilliseconds: work.nowMilliseconds, settings: snapshot.circuitSettings)
      guard isAdmitted || key != 0 else { continue }
      let identity = UInt16(truncatingIfNeeded: position)
      let weight = Int64(deployment.weight)
      let score =
        key == 0
        ? WeightedDraw.score(random: ~work.random, item: identity, weight: weight)
        : WeightedDraw.score(key: key, item: deployment.affinityHash, weight: weight)
      if isAdmitted {
        bestDeployments.offer(RankEntry(score: score, identity: identity), count: &count)
      } else {
        passedOver = min(passedOver, score)
      }
    }
    if key != 0, plan.attemptCount == 0, count > 0 {
      plan.affinity = work.affinity.kind
      if passedOver < bestDeployments[0].score { plan.isAffinityMoved = true }
    }
    for rank in 0..<count where plan.attemptCount < RoutePlan.attemptsMaximum {
      let deployment = DeploymentIndex(rawValue: bestDeployments[rank].identity)
      plan.append(RouteAttempt(deployment: deployment, model: index, policy: permit))
    }
  }

  /// Why nothing was ranked: the reason of the candidate that came furthest.
  private func failure(_ work: Work) -> RouteOutcome {
    var furthest = RouteOutcome.notServed
    for place in 0..<work.candidateCount {
      let outcome: RouteOutcome
      switch results[place].outcome {
      case .circuitOpen: return .unavailable
      case .forbidden, .notPermitted: outcome = .denied
      case .keyMayNot: outcome = .keyMayNot
      case .unpriced: outcome = .unpriced
      case .incapable, .tooSmall: outcome = .incapable
      case .notServed, .chosen, .fallback, .outranked: outcome = .notServed
      }
      if Self.distance(outcome) > Self.distance(furthest) { furthest = outcome }
    }
    return furthest
  }

  private static func distance(_ outcome: RouteOutcome) -> Int {
    switch outcome {
    case .denied: 4
    case .incapable: 3
    case .unpriced: 2
    case .keyMayNot: 1
    case .routed, .unknownModel, .notServed, .unavailable: 0
    }
  }
}
