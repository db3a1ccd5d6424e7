// SPDX-License-Identifier: MIT

/// The answer to a request.
public enum Decision: Sendable {
  case allow
  case deny
}

/// The answer with its grounds.
public struct AuthorizationResponse: Sendable {
  public let decision: Decision
  /// Numbers of the policies that determined the decision, ascending.
  public let reasons: [Int]
  /// Policies whose evaluation failed, ascending, with the message.
  public let errors: [(policy: Int, message: String)]
}

/// Decides requests for one store. Holds scratch memory: one evaluator per thread.
///
/// `isAllowed` touches only candidate policies, stops as soon as the decision is known and
/// allocates nothing; `authorize` finds every determining policy and every error.
@safe
public final class Evaluator {
  /// Decisions after which an evaluator begins to remember candidates.
  private static let cacheFrom = 32

  /// The store the evaluator decides for.
  public let store: EntityStore
  private let program: Program
  private let environment: UnsafeMutablePointer<Environment>
  private var pass: DecisionPass
  private let registers: Storage<Value>
  private let arena: Storage<Value>
  private let memo: Storage<UInt32>
  private let candidateBuckets: Storage<UInt32>
  private let caching: CandidateCaching
  private var cache: CandidateCache?
  private var decisionCount = 0

  public init(store: EntityStore, caching: CandidateCaching = .automatic) {
    self.store = store
    self.caching = caching
    program = store.program
    registers = Storage(repeating: .none, count: program.registersMax)
    arena = Storage(repeating: .none, count: program.arenaCellsMax)
    memo = Storage(repeating: 0, count: program.conjuncts.cells.count)
    candidateBuckets = Storage(repeating: 0, count: program.sections.buckets.count)
    unsafe environment = .allocate(capacity: 1)
    unsafe environment.initialize(
      to: Environment(program, store, registers: registers.cells, arena: arena.cells))
    let sections = program.sections
    unsafe pass = DecisionPass(
      index: program.index.view, leads: program.leads.view, policies: sections.policies,
      postings: sections.postings,
      policyConjuncts: sections.policyConjuncts, memo: memo.cells,
      candidateBuckets: candidateBuckets.cells, environment: environment)
  }

  deinit {
    unsafe environment.deallocate()
  }

  @inline(__always)
  private func begin(_ request: AuthorizationRequest) -> RequestParts {
    let parts = request.parts
    unsafe environment.pointee.principal = parts.principal
    unsafe environment.pointee.action = parts.action
    unsafe environment.pointee.resource = parts.resource
    unsafe environment.pointee.context = request.context.slots.cells
    unsafe environment.pointee.contextRecord = request.context.record
    pass.epoch &+= 1
    if pass.epoch >= 1 << 30 {
      memo.cells.fill(0)
      pass.epoch = 1
    }
    return parts
  }

  /// The policies whose scopes match, remembered or searched and then remembered; nil when they
  /// are not to be remembered.
  @inline(__always)
  private func candidates(_ parts: RequestParts) -> CandidateList? {
    guard let cache else {
      makeCache()
      return nil
    }
    let (principal, action) = (parts.principal.id, parts.action.id)
    if let found = cache.find(principal, action, parts.resource.id) { return found }
    guard principal | action | parts.resource.id < EntityView.localBase else { return nil }
    return search(parts, cache)
  }

  @inline(never)
  private func makeCache() {
    decisionCount &+= 1
    if caching == .always || (caching == .automatic && decisionCount >= Self.cacheFrom) {
      cache = CandidateCache()
    }
  }

  @inline(never)
  private func search(_ parts: RequestParts, _ cache: CandidateCache) -> CandidateList? {
    let pass = self.pass
    let scope = DecisionScope(parts)
    let buckets = pass.findBuckets(parts.principalKeys, parts.resourceKeys)
    var most = 0
    for place in 0..<buckets {
      let number = candidateBuckets.cells[place]
      let bucket = pass.index.buckets[Int(number)]
      most += Int(bucket.count)
      pass.leads.forEachLead(number, bucket.firstLead) { _ in most += 1 }
    }
    guard let room = cache.reserve(most) else { return nil }
    var count = 0
    var forbidCount = 0
    for forbids in [true, false] {
      for place in 0..<buckets {
        let bucket = pass.index.buckets[Int(candidateBuckets.cells[place])]
        let run = PostingRun(bucket.start, bucket.forbidCount, bucket.count, forbids: forbids)
        pass.forEach(scope, run) { number in
          room[count] = UInt32(truncatingIfNeeded: number)
          count += 1
        }
      }
      if forbids { forbidCount = count }
    }
    pass.sortCheapFirst(room.slice(0, forbidCount))
    pass.sortCheapFirst(room.slice(forbidCount, count - forbidCount))
    var leadCount = 0
    for place in 0..<buckets {
      let number = candidateBuckets.cells[place]
      pass.leads.forEachLead(number, pass.index.buckets[Int(number)].firstLead) { lead in
        room[count + leadCount] = UInt32(truncatingIfNeeded: lead)
        leadCount += 1
      }
    }
    return cache.add(
      CandidateSlot(
        principal: parts.principal.id, action: parts.action.id, resource: parts.resource.id,
        start: 0, forbidCount: UInt16(forbidCount), count: UInt16(count),
        leadCount: UInt16(leadCount)))
  }

  /// Calls `body` with each policy that can be satisfied or fail.
  private func forEachCandidate(_ parts: RequestParts, _ body: (Int) -> Void) {
    let pass = self.pass
    let scope = DecisionScope(parts)
    if let list = candidates(parts) {
      for place in 0..<list.policies.count { body(Int(list.policies[place])) }
      for place in 0..<list.leads.count { pass.forEach(scope, lead: Int(list.leads[place]), body) }
      return
    }
    let buckets = pass.findBuckets(parts.principalKeys, parts.resourceKeys)
    for place in 0..<buckets {
      let number = candidateBuckets.cells[place]
      let bucket = pass.index.buckets[Int(number)]
      pass.forEach(scope, PostingRun(bucket.start, bucket.count), body)
      pass.leads.forEachLead(number, bucket.firstLead) { pass.forEach(scope, lead: $0, body) }
    }
  }

  /// Whether the request is allowed.
  public func isAllowed(_ request: AuthorizationRequest) -> Bool {
    let parts = begin(request)
    let pass = self.pass
    if let list = candidates(parts) {
      return pass.isAllowed(list, parts)
    }
    let scope = DecisionScope(parts)
    let count = pass.findBuckets(parts.principalKeys, parts.resourceKeys)
    if pass.anySatisfied(scope, count, forbids: true) { return false }
    return pass.anySatisfied(scope, count, forbids: false)
  }

  /// The decision with all determining policies and all errors.
  public func authorize(_ request: AuthorizationRequest) -> AuthorizationResponse {
    let parts = begin(request)
    let pass = self.pass
    var permits: [Int] = []
    var forbids: [Int] = []
    var errors: [(policy: Int, message: String)] = []
    forEachCandidate(parts) { number in
      let policy = pass.policies[number]
      switch pass.satisfied(policy) {
      case .isTrue:
        if policy.effect == 1 { forbids.append(number) } else { permits.append(number) }
      case .failed: errors.append((number, message(policy, request)))
      default: break
      }
    }
    errors.sort { $0.policy < $1.policy }
    let denied = !forbids.isEmpty || permits.isEmpty
    return AuthorizationResponse(
      decision: denied ? .deny : .allow, reasons: (forbids.isEmpty ? permits : forbids).sorted(),
      errors: errors)
  }

  /// Runs a condition by number: the value it ends with, or the message of its failure.
  public func evaluate(
    conjunct: Int, _ request: AuthorizationRequest
  ) -> Result<Datum, EvaluationError> {
    _ = begin(request)
    switch unsafe environment.pointee.run(conjunct) {
    case .isTrue: return .success(.bool(true))
    case .isFalse: return .success(.bool(false))
    case .value:
      let text = FaultText(store: store, unknownNames: request.unknownNames)
      let result = unsafe environment.pointee.result
      return .success(DatumReader { text.entityName($0) }.datum(result))
    case .failed: return .failure(EvaluationError(message: faultText(request)))
    }
  }

  /// Runs the policy again up to its failure, to word it.
  private func message(_ policy: PolicyRecord, _ request: AuthorizationRequest) -> String {
    let start = Int(policy.conjunctStart)
    for place in start..<start + Int(policy.conjunctCount) {
      let number = Int(program.sections.policyConjuncts[place])
      switch unsafe environment.pointee.run(number) {
      case .isTrue: continue
      case .failed: return faultText(request)
      case .isFalse, .value: return FaultText.notBool
      }
    }
    return FaultText.notBool
  }

  private func faultText(_ request: AuthorizationRequest) -> String {
    let fault = unsafe environment.pointee.fault
    return FaultText(store: store, unknownNames: request.unknownNames).text(fault)
  }
}

/// Whether an evaluator remembers which policies' scopes match which entities.
public enum CandidateCaching: Sendable {
  case never
  /// From some decisions on, so that evaluators made for one decision stay cheap.
  case automatic
  case always
}

/// Why an expression has no value.
public struct EvaluationError: Error, Sendable {
  public let message: String
}
