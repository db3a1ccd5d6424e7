// SPDX-License-Identifier: MIT

internal import Bytes
internal import DecisionIR
internal import ModelCatalog

extension Router {
  /// Sets what the policies read of the request.
  func setContext(_ request: RouteRequest, _ work: inout Work) {
    let slots = snapshot.slots
    context.clear()
    if let slot = slots.requestedModel { set(slot, request.requestedModel) }
    if let slot = slots.costBudgetRemaining {
      context.set(
        slot, decimalScaled: request.costBudgetRemaining ?? RouteRequest.unlimitedBudget)
    }
    if let slot = slots.budgetUsedRatio {
      context.set(slot, decimalScaled: request.budgetUsedRatio)
    }
    if let slot = slots.latencySLA {
      let unlimited = RouteRequest.unlimitedLatencyMilliseconds
      context.set(slot, long: request.latencySLAMilliseconds ?? unlimited)
    }
    if let slot = slots.estimatedInputTokens {
      context.set(slot, long: request.estimatedInputTokens)
    }
    if let slot = slots.maximumOutputTokens, request.maximumOutputTokens >= 0 {
      context.set(slot, long: request.maximumOutputTokens)
    }
    if let slot = slots.estimatedCost {
      work.estimatedCost = estimatedCost(request, work)
      context.set(slot, decimalScaled: work.estimatedCost.cedarDecimal)
    }
    if let slot = slots.stream { context.set(slot, bool: request.isStream) }
    if let slot = slots.hasTools { context.set(slot, bool: request.hasTools) }
    if let slot = slots.hasImages { context.set(slot, bool: request.hasImages) }
    if let slot = slots.useCase, !request.useCase.isEmpty { set(slot, request.useCase) }
    if let slot = slots.now { context.set(slot, datetimeMilliseconds: request.wallMilliseconds) }
    if let slot = slots.sourceIP { set(slot, request.sourceAddress) }
    if let slot = slots.tags { setTags(slot, request) }
  }

  @inline(__always)
  private func set(_ slot: ContextSlot, _ text: ByteView) {
    unsafe context.set(slot, base: text.base, count: text.count)
  }

  private func set(_ slot: ContextSlot, _ address: SourceAddress) {
    switch address {
    case .unknown: break
    case .version4(let address): context.set(slot, version4: address)
    case .version6(let high, let low): context.set(slot, version6High: high, low: low)
    }
  }

  private func setTags(_ slot: ContextSlot, _ request: RouteRequest) {
    context.set(slot, setOf: request.tagCount) { position in
      let tag = request.tag(position)
      return unsafe Value.string(base: tag.base, count: tag.count)
    }
  }

  /// The dearest that any candidate can come to.
  private func estimatedCost(_ request: RouteRequest, _ work: Work) -> Money {
    var dearest = Money.zero
    for position in 0..<work.askedCount {
      let model = snapshot.catalog.model(ModelIndex(rawValue: asked[position]))
      let output =
        request.maximumOutputTokens >= 0 ? request.maximumOutputTokens : model.maximumOutputTokens
      dearest = max(
        dearest,
        model.prices.maximumCost(
          inputTokens: request.estimatedInputTokens, outputTokens: output))
    }
    return dearest
  }

  /// Asks the policies about everything on the list.
  func decide(
    _ request: RouteRequest, _ principal: PreparedPrincipal?, _ work: inout Work
  ) {
    let count = work.askedCount
    let asking = principal ?? self.principal(of: request)
    asked.withSpan(count) { candidates in
      verdicts.withMutableSpan(count) { results in
        decision.decide(
          table: table, principal: asking, context: context, candidates: candidates,
          results: &results)
      }
    }
  }
}
