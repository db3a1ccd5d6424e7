// SPDX-License-Identifier: MIT

internal import Bytes
internal import ModelCatalog

extension Router {
  /// Turns the requested name into candidates; false when it stands for nothing.
  func collect(_ name: ByteView, _ work: inout Work) -> Bool {
    let catalog = snapshot.catalog
    setAffinity(nil, &work)
    switch catalog.lookup(name) {
    case .model(let model):
      add(model, &work)
      return true
    case .group(let index):
      let group = catalog.group(index)
      work.isExpanded = true
      work.groupStrategy = group.strategy
      setAffinity(group.affinity, &work)
      for position in group.members { add(catalog.groupMember(position), &work) }
      return true
    case nil:
      break
    }
    let isAuto = name.equals("auto")
    guard isAuto || Glob.isPattern(name) else { return collectByPattern(name, &work) }
    work.isExpanded = true
    for position in 0..<catalog.namedModelCount {
      let index = ModelIndex(rawValue: UInt16(position))
      if isAuto || Glob.matches(pattern: name, name: catalog.model(index).name) {
        add(index, &work)
      }
    }
    return work.candidateCount > 0
  }

  /// A name that nobody has may still go where a pattern of `model_routing` sends it. Without a
  /// price it is unknown, as it was: an unknown price is never taken to be zero.
  @inline(never)
  private func collectByPattern(_ name: ByteView, _ work: inout Work) -> Bool {
    guard let index = snapshot.catalog.pattern(for: name)?.model else { return false }
    work.isOpen = true
    add(index, &work)
    return true
  }

  @inline(__always)
  func add(_ model: ModelIndex, _ work: inout Work) {
    // A group's members are distinct, and the fallback group adds only what is not there yet.
    guard work.candidateCount < results.count else { return }
    results[work.candidateCount] = CandidateResult(
      model: model, outcome: .notPermitted, isFallbackGroup: work.tier > 0, rank: -1, permit: -1,
      forbid: -1, priority: 0, score: 0)
    work.candidateCount += 1
  }

  /// Leaves out what needs no policy to be left out; the rest is put on the list to ask about.
  func filter(_ request: RouteRequest, from first: Int, _ work: inout Work) {
    var needed = request.capability
    if request.hasTools { needed.insert(.tools) }
    if request.hasImages { needed.insert(.vision) }
    let models = snapshot.models
    for place in first..<work.candidateCount {
      let index = results[place].model
      let model = models[Int(index.rawValue)]
      if let reason = obstacle(model, index, needed, request, work) {
        results[place].outcome = reason
        continue
      }
      asked[work.askedCount] = index.rawValue
      askedPlaces[work.askedCount] = UInt16(truncatingIfNeeded: place)
      work.askedCount &+= 1
    }
  }

  @inline(__always)
  private func serves(_ model: ModelFacts, _ endpoint: Capabilities) -> Bool {
    let either: Capabilities = [.chat, .completion]
    let wanted = endpoint.rawValue & either.rawValue != 0 ? either : endpoint
    return model.capabilities.rawValue & wanted.rawValue != 0
      && model.spoken.rawValue & endpoint.rawValue != 0
  }

  @inline(__always)
  private func obstacle(
    _ model: ModelFacts, _ index: ModelIndex, _ needed: Capabilities, _ request: RouteRequest,
    _ work: Work
  ) -> CandidateOutcome? {
    if let key = request.key, !snapshot.mayUse(index, key: key),
      !work.isOpen || !snapshot.mayUse(name: request.requestedModel, key: key)
    {
      return .keyMayNot
    }
    if let obstacle = model.obstacle { return obstacle }
    // A name is taken at its word for what catalogues are often behind with (tools, images, context
    // length), but not for another kind of model altogether.
    if !serves(model, request.capability) { return .incapable }
    if work.isExpanded {
      if model.capabilities.rawValue & needed.rawValue != needed.rawValue { return .incapable }
      if request.estimatedInputTokens > model.contextWindowTokens { return .tooSmall }
    }
    return nil
  }
}
