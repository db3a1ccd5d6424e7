// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR
import PolicyCompiler

/// Generated programs must get the same answers from the compiled evaluator as from the plain one.
///
/// Every other program is typed; every fourth has many policies, so that the index has something to
/// find, and in half of these most policies begin with the same attribute.
public enum Differential {
  /// What was checked.
  public struct Report: Sendable {
    /// Programs, or batch plans.
    public internal(set) var ran = 0
    public internal(set) var allowed = 0
    /// Requests with an error in some policy.
    public internal(set) var failed = 0
    public internal(set) var verdicts = 0
    /// Policies that the index finds by the attribute they begin with; groups of them in plans.
    public internal(set) var led = 0
    /// The first disagreement in words, with its seed.
    public internal(set) var disagreement: String?
  }

  /// Checks `count` programs from `firstSeed` on, or as many as `seconds` allow.
  public static func programs(_ count: Int, firstSeed: UInt64 = 1, seconds: Double) -> Report {
    run(count, firstSeed, seconds) { seed, report in
      var world = ProgramGenerator(seed: seed, isTyped: seed % 2 == 0)
      let policies =
        switch seed % 16 {
        case 7, 15: world.policies(30 + Int(seed % 50))
        case 3, 6: world.ledPolicies(10 + Int(seed % 30))
        default: world.policies(1 + Int(seed % 7))
        }
      let data = world.entities()
      let known = Dictionary(uniqueKeysWithValues: data.map { ($0.name, $0) })
      guard
        let program = try? compilePolicies(PolicySet(policies: policies)).get().program,
        let store = try? EntityStore(program: program, entities: data)
      else { return "the program does not compile" }
      report.led += program.ledPolicies.reduce(0) { $0 + $1.policies.count }
      let check = ProgramCheck(policies: policies, entities: known, store: store)
      return check.run((0..<3).map { _ in world.request() }, &report)
    }
  }

  /// Checks `count` batch plans, each with several requests.
  public static func batches(_ count: Int, firstSeed: UInt64 = 1, seconds: Double) -> Report {
    run(count, firstSeed, seconds) { seed, report in
      var world = ProgramGenerator(seed: seed ^ 0x5EED, isTyped: seed % 2 == 0)
      let policies =
        seed % 4 == 3
        ? world.ledPolicies(10 + Int(seed % 30)) : world.policies(1 + Int(seed % 9))
      var check = BatchCheck(&world, policies)
      report.led += check.ledCount
      for _ in 0..<3 {
        do {
          if let problem = try check.run(&world) { return problem }
        } catch {
          return "\(error)"
        }
        report.verdicts += check.resources.count
      }
      return nil
    }
  }

  static func run(
    _ count: Int, _ firstSeed: UInt64, _ seconds: Double,
    _ body: (UInt64, inout Report) -> String?
  ) -> Report {
    var report = Report()
    let deadline = ContinuousClock.now + .seconds(seconds)
    for offset in 0..<UInt64(max(0, count)) {
      let seed = firstSeed &+ offset
      if let problem = body(seed, &report) {
        report.disagreement = "seed \(seed): \(problem)"
        return report
      }
      report.ran += 1
      if offset % 64 == 0, ContinuousClock.now > deadline { break }
    }
    return report
  }
}

/// One program in all the ways it can be asked.
struct ProgramCheck {
  let policies: [Policy]
  let entities: [EntityName: EntityData]
  let store: EntityStore
  private let remembering: Evaluator
  private let searching: Evaluator

  init(policies: [Policy], entities: [EntityName: EntityData], store: EntityStore) {
    self.policies = policies
    self.entities = entities
    self.store = store
    remembering = Evaluator(store: store, caching: .always)
    searching = Evaluator(store: store, caching: .never)
  }

  /// What disagrees, or nil. Requests take turns, so that what one leaves behind would be seen in
  /// the answer to the next.
  func run(
    _ requests: [ProgramGenerator.RequestParts], _ report: inout Differential.Report
  ) -> String? {
    let expected = requests.map { parts in
      ReferenceEvaluator(
        entities: entities, principal: parts.principal, action: parts.action,
        resource: parts.resource, context: parts.context
      ).authorize(policies)
    }
    let encoded = requests.map { parts in
      AuthorizationRequest(
        store: store, principal: parts.principal, action: parts.action,
        resource: parts.resource, context: parts.context)
    }
    // The second answers of `remembering` come from what the first left behind.
    for evaluator in [searching, remembering, remembering] {
      for (request, answer) in zip(encoded, expected)
      where evaluator.isAllowed(request) != answer.isAllowed {
        return "decision only, not \(answer)\n\(requests)\n\(source)"
      }
      for (request, answer) in zip(encoded, expected) {
        let response = evaluator.authorize(request)
        let found = ReferenceEvaluator.Answer(
          isAllowed: response.decision == .allow, reasons: response.reasons,
          errors: response.errors.map(\.policy))
        if found != answer { return "\(found), not \(answer)\n\(requests)\n\(source)" }
      }
    }
    report.allowed += expected.count(where: \.isAllowed)
    report.failed += expected.count { !$0.errors.isEmpty }
    return nil
  }

  private var source: String { policies.map(\.cedarText).joined(separator: "\n") }
}
