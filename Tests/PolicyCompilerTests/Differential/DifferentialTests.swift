// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR
import Foundation
import PolicyCompiler
import Testing

/// Generated programs must get the same answers from the compiled evaluator as from the plain one.
/// `DIFFERENTIAL_PROGRAMS` and `DIFFERENTIAL_SEED` change how many and which.
@Suite struct DifferentialTests {
  static let environment = ProcessInfo.processInfo.environment
  static let firstSeed = environment["DIFFERENTIAL_SEED"].flatMap { UInt64($0) } ?? 1
  static let programs = environment["DIFFERENTIAL_PROGRAMS"].flatMap { Int($0) } ?? 20_000
  /// Wall-clock bound of each test; what was checked by then is printed.
  static let secondsMax = 40.0

  /// Runs `body` on seeds until the bound is reached; returns how many ran.
  private func forEachSeed(
    _ count: Int, _ body: (UInt64) throws -> Bool
  ) throws -> Int {
    let deadline = Date().addingTimeInterval(Self.secondsMax)
    var ran = 0
    for offset in 0..<UInt64(count) {
      let seed = Self.firstSeed + offset
      guard try body(seed) else {
        Issue.record("seed \(seed) disagrees: run with DIFFERENTIAL_SEED=\(seed)")
        return ran
      }
      ran += 1
      if offset % 64 == 0, Date() > deadline { break }
    }
    return ran
  }

  @Test func decisionsReasonsAndErrors() throws {
    var allowed = 0
    var failed = 0
    let ran = try forEachSeed(Self.programs) { seed in
      var world = ProgramGenerator(seed: seed)
      let policies = world.policies(1 + Int(seed % 7))
      let data = world.entities()
      let known = Dictionary(uniqueKeysWithValues: data.map { ($0.name, $0) })
      let program = try compilePolicies(PolicySet(policies: policies)).get().program
      let store = try EntityStore(program: program, entities: data)
      let evaluator = Evaluator(store: store, caching: .always)
      let searching = Evaluator(store: store, caching: .never)
      for _ in 0..<3 {
        let parts = world.request()
        let expected = ReferenceEvaluator(
          entities: known, principal: parts.principal, action: parts.action,
          resource: parts.resource, context: parts.context
        ).authorize(policies)
        let request = AuthorizationRequest(
          store: store, principal: parts.principal, action: parts.action,
          resource: parts.resource, context: parts.context)
        let response = evaluator.authorize(request)
        let answer = ReferenceEvaluator.Answer(
          isAllowed: response.decision == .allow, reasons: response.reasons,
          errors: response.errors.map(\.policy))
        guard answer == expected, evaluator.isAllowed(request) == expected.isAllowed,
          searching.isAllowed(request) == expected.isAllowed
        else {
          let source = policies.map(\.cedarText).joined(separator: "\n")
          print("seed \(seed): \(answer), not \(expected)\n\(parts)\n\(source)")
          return false
        }
        allowed += expected.isAllowed ? 1 : 0
        failed += expected.errors.isEmpty ? 0 : 1
      }
      return true
    }
    print("differential: \(ran) programs, \(allowed) allowed, \(failed) requests with errors")
    #expect(ran > 100)
    #expect(allowed > ran / 10 && failed > ran / 10)
  }

  @Test func batches() throws {
    var verdictCount = 0
    let ran = try forEachSeed(Self.programs / 4) { seed in
      var world = ProgramGenerator(seed: seed ^ 0x5EED)
      var check = BatchCheck(&world, policyCount: 1 + Int(seed % 9))
      for _ in 0..<8 {
        if let problem = try check.run(&world) {
          print("seed \(seed): \(problem)")
          return false
        }
        verdictCount += check.resources.count
      }
      return true
    }
    print("differential: \(ran) batch plans, \(verdictCount) verdicts")
    #expect(ran > 50)
  }
}
