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
  /// The store the evaluator decides for.
  public let store: EntityStore
  private let program: Program
  private let environment: UnsafeMutablePointer<Environment>
  private var pass: DecisionPass
  private let registers: Storage<Value>
  private let arena: Storage<Value>
  private let memo: Storage<UInt32>
  private let candidateBuckets: Storage<UInt32>

  public init(store: EntityStore) {
    self.store = store
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
      index: program.index.view, policies: sections.policies, postings: sections.postings,
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

  /// Whether the request is allowed.
  public func isAllowed(_ request: AuthorizationRequest) -> Bool {
    let parts = begin(request)
    let pass = self.pass
    let bits = parts.actionBits
    let principalType = parts.principal.type
    let resourceType = parts.resource.type
    let count = pass.findBuckets(parts.principalKeys, parts.resourceKeys)
    if pass.anySatisfied(bits, principalType, resourceType, count, forbids: true) { return false }
    return pass.anySatisfied(bits, principalType, resourceType, count, forbids: false)
  }

  /// The decision with all determining policies and all errors.
  public func authorize(_ request: AuthorizationRequest) -> AuthorizationResponse {
    let parts = begin(request)
    let pass = self.pass
    var permits: [Int] = []
    var forbids: [Int] = []
    var errors: [(policy: Int, message: String)] = []
    for place in 0..<pass.findBuckets(parts.principalKeys, parts.resourceKeys) {
      let bucket = pass.index.buckets[Int(candidateBuckets.cells[place])]
      for posting in Int(bucket.start)..<Int(bucket.start + bucket.count) {
        let number = Int(pass.postings[posting])
        let policy = pass.policies[number]
        guard
          pass.applies(policy, parts.actionBits, parts.principal.type, parts.resource.type)
        else { continue }
        switch pass.satisfied(policy) {
        case .isTrue:
          if policy.effect == 1 { forbids.append(number) } else { permits.append(number) }
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

/// Why an expression has no value.
public struct EvaluationError: Error, Sendable {
  public let message: String
}
