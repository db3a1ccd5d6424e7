// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import DecisionIR
import PolicyCompiler

/// Requests that the decoder takes by the rules of a schema must be ones that the general reader
/// takes, with the same values and the same answers; and it must take those that are usual.
struct RequestCheck {
  private let schema: Schema
  private let targets: [Target]
  private let source: String

  /// A program and the decoders of requests for it, by whether they validate.
  private struct Target {
    let store: EntityStore
    let evaluator: Evaluator
    /// Whether its answer is the value of the only condition; else it is a decision.
    let isExpression: Bool
    let decoders: [RequestDecoder]
  }

  /// What was seen of one request.
  struct Outcome {
    var isValid = false
    var isTaken = false
  }

  /// - Throws: why what was drawn is no schema, or not entities and policies for one.
  init(_ world: inout RequestWorld) throws(Failure) {
    let schemaText = world.schema()
    let policies = world.policies()
    let entities = world.entities()
    source = "\(schemaText)\n\(entities)\n\(policies)"
    let (schema, problems) = parseSchema(schemaText)
    guard let schema else { throw Failure("\(problems.map(\.message)): \(schemaText)") }
    self.schema = schema
    let data: [EntityData]
    do throws(DataProblem) {
      data = try readEntities(entities, schema: schema)
    } catch {
      throw Failure("\(error): \(entities)")
    }
    var targets = [try Self.target(try Self.program(policies), data, schema, isExpression: false)]
    for expression in [RequestWorld.slotsExpression, RequestWorld.wholeExpression] {
      targets.append(
        try Self.target(try Self.program(of: expression), data, schema, isExpression: true))
    }
    self.targets = targets
  }

  struct Failure: Error {
    let text: String
    init(_ text: String) { self.text = text }
  }

  private static func program(_ policies: String) throws(Failure) -> Program {
    let (set, problems) = parsePolicies(policies, dialect: false)
    guard !problems.hasErrors, case .success(let compiled) = compilePolicies(set) else {
      throw Failure("\(problems.map(\.message)): \(policies)")
    }
    return compiled.program
  }

  private static func program(of expression: String) throws(Failure) -> Program {
    guard let parsed = parseExpression(expression, dialect: false).expression,
      case .success(let program) = compileExpression(parsed)
    else { throw Failure(expression) }
    return program
  }

  private static func target(
    _ program: Program, _ data: [EntityData], _ schema: Schema, isExpression: Bool
  ) throws(Failure) -> Target {
    guard let store = try? EntityStore(program: program, entities: data) else {
      throw Failure("no store")
    }
    let rules = schema.requestRules
    return Target(
      store: store, evaluator: Evaluator(store: store), isExpression: isExpression,
      decoders: [false, true].map {
        RequestDecoder(store: store, rules: rules, isValidated: $0)
      })
  }

  /// Reads a request in both ways; what disagrees, or nil.
  func run(_ text: String, _ outcomes: inout [Outcome]) -> String? {
    for isValidated in [false, true] {
      var outcome = Outcome()
      let general: RequestData?
      do throws(DataProblem) {
        general = try readRequest(text, schema: schema, isValidated: isValidated)
      } catch {
        general = nil
      }
      outcome.isValid = general != nil
      for (place, target) in targets.enumerated() {
        let found = decoded(text, target, isValidated)
        if place > 0, (found != nil) != outcome.isTaken {
          return "taken by one program and not by another: \(text)\n\(source)"
        }
        outcome.isTaken = found != nil
        guard let found else { continue }
        guard let general else {
          return "taken (validated: \(isValidated)), though it is wrong: \(text)\n\(source)"
        }
        let expected = Self.answer(general.encoded(for: target.store), target)
        if found != expected { return "\(found), not \(expected): \(text)\n\(source)" }
      }
      outcomes.append(outcome)
    }
    return nil
  }

  private func decoded(_ text: String, _ target: Target, _ isValidated: Bool) -> String? {
    Array(text.utf8).withUnsafeBytes { bytes in
      guard let request = unsafe target.decoders[isValidated ? 1 : 0].decode(bytes) else {
        return nil
      }
      return Self.answer(request, target)
    }
  }

  private static func answer(_ request: AuthorizationRequest, _ target: Target) -> String {
    guard target.isExpression else {
      let response = target.evaluator.authorize(request)
      let errors = response.errors.map { "\($0.policy) \($0.message)" }
      return "\(response.decision) \(response.reasons) \(errors)"
    }
    switch target.evaluator.evaluate(conjunct: 0, request) {
    case .success(let datum): return datum.description
    case .failure(let error): return error.message
    }
  }
}

extension Differential {
  private static let requestsPerSchema = 40

  /// Checks the requests of `count` schemas: without mistakes, of which the decoder must take all
  /// that are of usual forms, and with some.
  public static func requests(
    _ count: Int, firstSeed: UInt64 = 1, seconds: Double
  ) -> RequestReport {
    var tally = RequestReport()
    let report = run(count, firstSeed, seconds) { seed, _ in
      var world = RequestWorld(seed: seed)
      do throws(RequestCheck.Failure) {
        return try RequestCheck(&world).run(requestsPerSchema, seed: seed, &tally)
      } catch {
        return error.text
      }
    }
    tally.ran = report.ran
    tally.disagreement = report.disagreement
    return tally
  }

  public struct RequestReport: Sendable {
    /// Schemas.
    public internal(set) var ran = 0
    /// Requests that were read, each with and without validation.
    public internal(set) var requests = 0
    /// Readings that succeeded.
    public internal(set) var valid = 0
    /// Those that the decoder made.
    public internal(set) var taken = 0
    /// Requests of usual forms without a mistake, all of which the decoder takes.
    public internal(set) var usual = 0
    public internal(set) var disagreement: String?
  }
}

extension RequestCheck {
  fileprivate func run(
    _ count: Int, seed: UInt64, _ tally: inout Differential.RequestReport
  ) -> String? {
    for mistakes in [0, 3] {
      var drawer = RequestDrawer(schema, seed: seed, mistakes: mistakes)
      for _ in 0..<count {
        let text = drawer.request()
        var outcomes: [Outcome] = []
        if let problem = run(text, &outcomes) { return problem }
        tally.requests += 1
        tally.valid += outcomes.count(where: \.isValid)
        tally.taken += outcomes.count(where: \.isTaken)
        guard drawer.mistakeCount == 0 else { continue }
        if let wrong = outcomes.first(where: { !$0.isValid }) {
          return "drawn without a mistake, but \(wrong): \(text)\n\(source)"
        }
        guard !drawer.isRare else { continue }
        tally.usual += 1
        if !outcomes.allSatisfy(\.isTaken) {
          return "usual, and left to the general reader: \(text)\n\(source)"
        }
      }
    }
    return nil
  }
}
