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
/// `isAllowed` touches only candidate policies, stops as soon as the decision is known and allocates
/// nothing; `authorize` finds every determining policy and every error.
public final class Evaluator {
  /// The store the evaluator decides for.
  public let store: EntityStore
  private let program: Program
  private var environment: Environment
  private let registers: Storage<Value>
  private let arena: Storage<Value>
  /// Per condition: epoch << 2 | outcome. A result of another epoch is stale.
  private let memo: Storage<UInt32>
  private var epoch: UInt32 = 1
  private let candidateBuckets: Storage<UInt32>

  public init(store: EntityStore) {
    self.store = store
    program = store.program
    registers = Storage(repeating: .none, count: program.registersMax)
    arena = Storage(repeating: .none, count: program.arenaCellsMax)
    memo = Storage(repeating: 0, count: program.conjuncts.cells.count)
    candidateBuckets = Storage(repeating: 0, count: program.index.buckets.count)
    environment = Environment(program, store, registers: registers.cells, arena: arena.cells)
  }

  private func begin(_ request: AuthorizationRequest) {
    environment.principal = request.principal
    environment.action = request.action
    environment.resource = request.resource
    environment.context = request.context.slots.cells
    environment.contextRecord = request.context.record
    epoch &+= 1
    if epoch >= 1 << 30 {
      memo.cells.fill(0)
      epoch = 1
    }
  }

  /// Whether the request is allowed.
  public func isAllowed(_ request: AuthorizationRequest) -> Bool {
    begin(request)
    let count = findBuckets(request)
    if anySatisfied(request, count, forbids: true) { return false }
    return anySatisfied(request, count, forbids: false)
  }

  /// The decision with all determining policies and all errors.
  public func authorize(_ request: AuthorizationRequest) -> AuthorizationResponse {
    begin(request)
    var permits: [Int] = []
    var forbids: [Int] = []
    var errors: [(policy: Int, message: String)] = []
    let sections = program.sections
    for place in 0..<findBuckets(request) {
      let bucket = sections.buckets[Int(candidateBuckets.cells[place])]
      for posting in Int(bucket.start)..<Int(bucket.start + bucket.count) {
        let number = Int(sections.postings[posting])
        let policy = sections.policies[number]
        guard applies(policy, request) else { continue }
        switch satisfied(policy) {
        case .isTrue: if policy.effect == 1 { forbids.append(number) } else { permits.append(number) }
        case .failed: errors.append((number, message(policy, request)))
        default: break
        }
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
  ) -> Result<Value, EvaluationError> {
    begin(request)
    switch environment.run(conjunct) {
    case .isTrue: return .success(.bool(true))
    case .isFalse: return .success(.bool(false))
    case .value: return .success(environment.result)
    case .failed: return .failure(EvaluationError(message: faultText(request)))
    }
  }

  // MARK: candidates

  /// Collects the buckets of all pairs of keys that exist.
  private func findBuckets(_ request: AuthorizationRequest) -> Int {
    let index = program.index
    var count = 0
    var place = 0
    while place < request.principalKeys.count {
      let principalKey = request.principalKeys[place]
      place &+= 1
      let range = index.buckets(of: principalKey)
      if range.isEmpty { continue }
      if range.count < request.resourceKeys.count * 4 {
        count = merge(range, request.resourceKeys, count)
        continue
      }
      var other = 0
      while other < request.resourceKeys.count {
        let found = index.bucket(principalKey, request.resourceKeys[other])
        if found >= 0 {
          candidateBuckets.cells[count] = UInt32(truncatingIfNeeded: found)
          count &+= 1
        }
        other &+= 1
      }
    }
    return count
  }

  /// Walks the buckets of one principal key beside the resource keys, both ascending.
  private func merge(_ range: Range<Int>, _ keys: Cells<UInt32>, _ start: Int) -> Int {
    let buckets = program.index.buckets
    var count = start
    var place = 0
    var number = range.lowerBound
    while number < range.upperBound, place < keys.count {
      let key = buckets[number].resourceKey
      if key == keys[place] {
        candidateBuckets.cells[count] = UInt32(truncatingIfNeeded: number)
        count &+= 1
        number &+= 1
        place &+= 1
      } else if key < keys[place] {
        number &+= 1
      } else {
        place &+= 1
      }
    }
    return count
  }

  /// Whether what the keys do not say about a scope holds: the action, `is` beside `in`.
  @inline(__always)
  private func applies(_ policy: PolicyRecord, _ request: AuthorizationRequest) -> Bool {
    let action = Int(policy.action)
    if request.actionBits[action >> 6] >> UInt64(action & 63) & 1 == 0 { return false }
    if policy.principalType != ImageFormat.absent,
      policy.principalType != request.principal.type
    {
      return false
    }
    return policy.resourceType == ImageFormat.absent
      || policy.resourceType == request.resource.type
  }

  private func anySatisfied(
    _ request: AuthorizationRequest, _ buckets: Int, forbids: Bool
  ) -> Bool {
    let sections = program.sections
    var place = 0
    while place < buckets {
      let bucket = sections.buckets[Int(candidateBuckets.cells[place])]
      place &+= 1
      var posting = Int(bucket.start) &+ (forbids ? 0 : Int(bucket.forbidCount))
      let end = Int(bucket.start) &+ Int(forbids ? bucket.forbidCount : bucket.count)
      while posting < end {
        let policy = sections.policies[Int(sections.postings[posting])]
        posting &+= 1
        if applies(policy, request), satisfied(policy) == .isTrue { return true }
      }
    }
    return false
  }

  // MARK: conditions

  /// Whether all conditions of a policy hold; conditions are run once per request.
  @inline(__always)
  private func satisfied(_ policy: PolicyRecord) -> Outcome {
    let conjuncts = program.sections.policyConjuncts
    var place = Int(policy.conjunctStart)
    let end = place &+ Int(policy.conjunctCount)
    while place < end {
      let number = Int(conjuncts[place])
      place &+= 1
      let known = memo.cells[number]
      var outcome = UInt8(truncatingIfNeeded: known & 3)
      if known >> 2 != epoch {
        outcome = environment.run(number).rawValue
        memo.cells[number] = epoch << 2 | UInt32(outcome)
      }
      if outcome != Outcome.isTrue.rawValue {
        return outcome == Outcome.isFalse.rawValue ? .isFalse : .failed
      }
    }
    return .isTrue
  }

  /// Runs the policy again up to its failure, to word it.
  private func message(_ policy: PolicyRecord, _ request: AuthorizationRequest) -> String {
    let start = Int(policy.conjunctStart)
    for place in start..<start + Int(policy.conjunctCount) {
      let number = Int(program.sections.policyConjuncts[place])
      switch environment.run(number) {
      case .isTrue: continue
      case .failed: return faultText(request)
      case .isFalse, .value: return FaultText.notBool
      }
    }
    return FaultText.notBool
  }

  private func faultText(_ request: AuthorizationRequest) -> String {
    FaultText(store: store, unknownNames: request.unknownNames).text(environment.fault)
  }
}

/// Why an expression has no value.
public struct EvaluationError: Error, Sendable {
  public let message: String
}
