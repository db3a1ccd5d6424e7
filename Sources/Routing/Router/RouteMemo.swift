// SPDX-License-Identifier: MIT

internal import Accounts
internal import Bytes
internal import ModelCatalog

/// What a routing decision depends on besides the snapshot, the live columns and the circuits: the
/// name, the key, and of the rest just what this snapshot's policies and filters read.
struct RouteKey: BitwiseCopyable {
  static let wordCount = 8

  var words: InlineArray<8, UInt64>

  /// Nil for a request whose decision is not to be remembered.
  @inline(__always)
  init?(_ request: RouteRequest, _ slots: ContextSlots) {
    // What changes with every request, or is too long to keep.
    guard let key = request.key, slots.now == nil, request.tagCount == 0 || slots.tags == nil,
      request.requestedModel.count <= RouteMemo.nameBytesMax,
      request.useCase.count <= RouteMemo.useCaseBytesMax
    else { return nil }
    var words = InlineArray<8, UInt64>(repeating: 0)
    words[0] =
      UInt64(key.rawValue) << 32 | UInt64(request.capability.rawValue) << 8
      | (request.hasTools ? 1 : 0) | (request.hasImages ? 2 : 0)
      | (request.isStream && slots.stream != nil ? 4 : 0)
      | (request.costBudgetRemaining == nil ? 8 : 0)
      | (request.latencySLAMilliseconds == nil ? 16 : 0)
    if slots.costBudgetRemaining != nil {
      words[1] = UInt64(bitPattern: request.costBudgetRemaining ?? 0)
    }
    if slots.budgetUsedRatio != nil { words[2] = UInt64(bitPattern: request.budgetUsedRatio) }
    if slots.latencySLA != nil {
      words[3] = UInt64(bitPattern: request.latencySLAMilliseconds ?? 0)
    }
    if slots.estimatedInputTokens != nil || slots.estimatedCost != nil {
      words[4] = UInt64(bitPattern: request.estimatedInputTokens)
    }
    if slots.maximumOutputTokens != nil || slots.estimatedCost != nil {
      words[5] = UInt64(bitPattern: request.maximumOutputTokens)
    }
    if slots.sourceIP != nil {
      switch request.sourceAddress {
      case .unknown: break
      case .version4(let address):
        words[0] |= 32
        words[6] = UInt64(address)
      case .version6(let high, let low):
        words[0] |= 64
        words[6] = high
        words[7] = low
      }
    }
    self.words = words
  }

  @inline(__always)
  static func == (left: RouteKey, right: RouteKey) -> Bool {
    var difference: UInt64 = 0
    for index in 0..<wordCount { difference |= left.words[index] ^ right.words[index] }
    return difference == 0
  }
}

/// Decisions made before, to be made again while all they depend on is the same: then the answer is
/// the same, and not merely nearly so. Only what repeats exactly is kept: routed, each model at one
/// deployment, ordered by list or by price, every circuit closed. What keeps requests together has
/// nothing to choose there, and what it could have chosen is not kept.
///
/// Direct-mapped by key and name; a collision forgets the older decision.
struct RouteMemo {
  static let rowCount = 64
  static let candidatesMax = RoutePlan.attemptsMaximum
  static let nameBytesMax = 64
  static let useCaseBytesMax = 64

  private struct Row: BitwiseCopyable {
    var key: RouteKey
    /// Of the live columns that were read.
    var generation: UInt64
    /// The largest estimate for which no candidate is too small.
    var inputTokensMaximum: Int64
    var nameCount: Int
    var useCaseCount: Int
    var plan: RoutePlan
  }

  private let rows: Scratch<Row>
  private let results: Scratch<CandidateResult>
  private let texts: Scratch<UInt8>
  private let isUsed: Scratch<Bool>

  init(_ none: CandidateResult) {
    let row = Row(
      key: RouteKey(empty: ()), generation: 0, inputTokensMaximum: 0, nameCount: 0,
      useCaseCount: 0, plan: RoutePlan())
    rows = Scratch(repeating: row, count: Self.rowCount)
    results = Scratch(repeating: none, count: Self.rowCount * Self.candidatesMax)
    texts = Scratch(
      repeating: 0, count: Self.rowCount * (Self.nameBytesMax + Self.useCaseBytesMax))
    isUsed = Scratch(repeating: false, count: Self.rowCount)
  }

  func deallocate() {
    rows.deallocate()
    results.deallocate()
    texts.deallocate()
    isUsed.deallocate()
  }

  /// Copies the remembered decision into `plan` and its candidates into `candidates`. False when
  /// there is none, or a circuit is not closed any more: `plan` is to be made anew then.
  func recall(
    _ key: RouteKey, _ request: RouteRequest, generation: UInt64, _ snapshot: RoutingSnapshot,
    into plan: inout RoutePlan, _ candidates: Scratch<CandidateResult>
  ) -> Bool {
    let place = Self.place(key, request.requestedModel)
    guard isUsed[place] else { return false }
    let isSame = rows.withRow(place) { row in
      row.key == key && row.generation == generation
        && request.estimatedInputTokens <= row.inputTokensMaximum
        && row.nameCount == request.requestedModel.count
        && row.useCaseCount == request.useCase.count
        && texts.equal(request.requestedModel, at: Self.text(place))
        && texts.equal(request.useCase, at: Self.text(place) &+ Self.nameBytesMax)
    }
    guard isSame else { return false }
    rows.withRow(place) { plan = $0.plan }
    // Looked at where it is now: a plan handed to a function is copied.
    let deployments = snapshot.deployments
    var position = 0
    while position < plan.attemptCount {
      let index = Int(plan.attempts[position].deployment.rawValue)
      guard deployments[index].health.circuit.state == .closed else { return false }
      position &+= 1
    }
    results.copy(
      from: place &* Self.candidatesMax, count: plan.candidateCount, to: candidates)
    return true
  }

  /// Remembers a decision, if it is one of those that repeat.
  func keep(
    _ key: RouteKey, _ request: RouteRequest, generation: UInt64, _ snapshot: RoutingSnapshot,
    _ plan: RoutePlan, _ candidates: Scratch<CandidateResult>
  ) {
    let place = Self.place(key, request.requestedModel)
    isUsed[place] = false
    guard plan.outcome == .routed, !plan.dependsOnAffinity,
      plan.strategy == .order || plan.strategy == .cost, plan.candidateCount <= Self.candidatesMax
    else { return }
    var ranked = 0
    var inputTokensMaximum = Int64.max
    for position in 0..<plan.candidateCount {
      let candidate = candidates[position]
      let model = snapshot.models[Int(candidate.model.rawValue)]
      switch candidate.outcome {
      case .chosen, .fallback:
        guard model.deploymentCount == 1 else { return }
        ranked += 1
      case .circuitOpen, .outranked, .tooSmall: return
      case .keyMayNot, .notServed, .unpriced, .incapable, .forbidden, .notPermitted: break
      }
      inputTokensMaximum = min(inputTokensMaximum, model.contextWindowTokens)
    }
    guard ranked == plan.attemptCount else { return }
    rows[place] = Row(
      key: key, generation: generation,
      inputTokensMaximum: max(inputTokensMaximum, request.estimatedInputTokens),
      nameCount: request.requestedModel.count, useCaseCount: request.useCase.count, plan: plan)
    for position in 0..<plan.candidateCount {
      results[place * Self.candidatesMax + position] = candidates[position]
    }
    texts.write(request.requestedModel, at: Self.text(place))
    texts.write(request.useCase, at: Self.text(place) + Self.nameBytesMax)
    isUsed[place] = true
  }

  private static func text(_ place: Int) -> Int { place &* (nameBytesMax &+ useCaseBytesMax) }

  @inline(__always)
  private static func place(_ key: RouteKey, _ name: ByteView) -> Int {
    var hash = key.words[0] >> 32 &* 0x9e37_79b9 ^ UInt64(name.count)
    if !name.isEmpty {
      hash ^= UInt64(name[0]) &* 31 ^ UInt64(name[name.count &- 1]) &* 17
      hash ^= UInt64(name[name.count / 2]) &* 7
    }
    return Int(truncatingIfNeeded: (hash ^ hash >> 6) & UInt64(rowCount &- 1))
  }
}

extension RouteKey {
  fileprivate init(empty: Void) { words = InlineArray(repeating: 0) }
}

extension Scratch<UInt8> {
  /// Whether `bytes` stand at `start`.
  @inline(__always)
  fileprivate func equal(_ bytes: ByteView, at start: Int) -> Bool {
    view(start, bytes.count).equals(bytes)
  }

  fileprivate func write(_ bytes: ByteView, at start: Int) {
    for index in 0..<bytes.count { self[start + index] = bytes[index] }
  }
}
