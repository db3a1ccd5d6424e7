// SPDX-License-Identifier: MIT

internal import Bytes
internal import ModelCatalog

/// By what the candidates at hand are kept together.
struct WorkAffinity: BitwiseCopyable {
  var keys: AffinityKeys = []
  /// Whether their group asks for it: then it comes before the group's strategy.
  var isOfGroup = false
  /// The key that the request has; `none` and 0 when it has none.
  var kind = AffinityKind.none
  var hash: UInt64 = 0
}

/// Affinity by rendezvous (highest random weight; Thaler and Ravishankar, 1998, with the weights of
/// `WeightedDraw`): each key has an order of its own of all deployments. One that is taken away
/// moves the keys that had it first, and no others; when it comes back they return.
extension Router {
  /// The keys in force for a group's members, or for a name that is no group's.
  @inline(__always)
  func setAffinity(_ group: AffinityKeys?, _ work: inout Work) {
    let row = snapshot.affinity
    if row.used.rawValue == 0 { return }
    var affinity = WorkAffinity()
    affinity.keys = group ?? row.keys
    affinity.isOfGroup = group != nil
    if affinity.keys.contains(.session), work.sessionHash != 0 {
      (affinity.kind, affinity.hash) = (.session, work.sessionHash)
    } else if affinity.keys.contains(.prefix), work.prefixHash != 0 {
      (affinity.kind, affinity.hash) = (.prefix, work.prefixHash)
    }
    work.affinity = affinity
  }

  /// The key that orders the models, or 0. What policies rank stays as they rank it. The order of a
  /// list and that of prices are the same for each request: only a group that asks for affinity
  /// gives them up for it.
  @inline(__always)
  func modelAffinity(_ strategy: RoutingStrategy, isOfPolicy: Bool, _ work: inout Work) -> UInt64 {
    guard work.affinity.keys.rawValue != 0 else { return 0 }
    return configuredModelAffinity(strategy, isOfPolicy: isOfPolicy, &work)
  }

  @inline(never)
  private func configuredModelAffinity(
    _ strategy: RoutingStrategy, isOfPolicy: Bool, _ work: inout Work
  ) -> UInt64 {
    guard !isOfPolicy,
      work.affinity.isOfGroup || strategy.variesByRequest
    else { return 0 }
    work.dependsOnAffinity = true
    if work.tier == 0, work.affinity.hash != 0, work.askedCount > 1 {
      work.isAffinityAmongModels = true
    }
    return work.affinity.hash
  }

  /// Whether the key would rather have had a model that policies rank no lower than the first, and
  /// all of whose circuits are open.
  @inline(never)
  func isMovedAmongModels(_ work: Work) -> Bool {
    let first = bestModels[0]
    for place in 0..<work.candidateCount {
      let result = results[place]
      guard result.outcome == .circuitOpen, !result.isFallbackGroup else { continue }
      if first.tier > 0 || result.priority > first.priority { return true }
      let score = affinityScore(
        snapshot.models[Int(result.model.rawValue)], permit: Int(result.permit),
        hash: work.affinity.hash)
      if result.priority == first.priority, score < first.score { return true }
    }
    return false
  }

  /// A model's place for a key: by its `@weight`, or by the weights of its deployments.
  @inline(never)
  func affinityScore(_ model: ModelFacts, permit: Int, hash: UInt64) -> Int64 {
    WeightedDraw.score(
      key: hash, item: model.affinityHash, weight: weight(of: model, permit: permit))
  }

  func weight(of model: ModelFacts, permit: Int) -> Int64 {
    let asked: Int64 = permit >= 0 ? snapshot.policy(permit).obligations.weight : -1
    if asked >= 0 { return asked }
    var weight: Int64 = 0
    for position in model.deployments { weight += Int64(snapshot.deployments[position].weight) }
    return weight
  }
}

extension RoutingStrategy {
  /// Whether it may rank the same candidates otherwise for the next request.
  fileprivate var variesByRequest: Bool {
    switch self {
    case .order, .cost: false
    case .latency, .leastBusy, .weighted: true
    }
  }
}
