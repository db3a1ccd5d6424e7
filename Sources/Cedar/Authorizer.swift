// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR
import PolicyCompiler

/// Decides requests for an engine. Holds scratch memory: one for each task or thread.
public final class Authorizer {
  private let engine: PolicyEngine
  private let evaluator: Evaluator

  public init(_ engine: PolicyEngine) {
    self.engine = engine
    evaluator = Evaluator(store: engine.store)
  }

  /// Decides a request.
  ///
  /// - Parameters:
  ///   - principal: as source text, such as `User::"alice"`; likewise action and resource.
  ///   - context: a JSON object.
  /// - Throws: ``CedarFailure`` when something cannot be read, or when the engine has a schema
  ///   that does not allow the request.
  public func authorize(
    principal: String, action: String, resource: String, context: String = "{}"
  ) throws(CedarFailure) -> Answer {
    let json: CedarJSON
    do throws(CedarJSON.SyntaxError) {
      json = try CedarJSON(parsing: context)
    } catch {
      throw CedarFailure("context: \(error.message) at byte \(error.offset)")
    }
    return try authorize(
      .members(
        ("principal", .string(principal)), ("action", .string(action)),
        ("resource", .string(resource)), ("context", json)))
  }

  /// Decides a request in its JSON form: `{"principal", "action", "resource", "context"}`, each
  /// entity as source text or `{"type", "id"}`.
  ///
  /// - Throws: as the other method.
  public func authorize(json: String) throws(CedarFailure) -> Answer {
    let parsed: CedarJSON
    do throws(CedarJSON.SyntaxError) {
      parsed = try CedarJSON(parsing: json)
    } catch {
      throw CedarFailure("request: \(error.message) at byte \(error.offset)")
    }
    return try authorize(parsed)
  }

  private func authorize(_ json: CedarJSON) throws(CedarFailure) -> Answer {
    let request: RequestData
    do throws(DataProblem) {
      request = try readRequest(json: json, schema: engine.schema)
    } catch {
      throw CedarFailure("request: \(error)")
    }
    let response = evaluator.authorize(request.encoded(for: engine.store))
    let program = engine.store.program
    return Answer(
      isAllowed: response.decision == .allow,
      reasons: response.reasons.map { program.id(of: $0) },
      errors: response.errors.map {
        Answer.Failure(policy: program.id(of: $0.policy), message: $0.message)
      })
  }
}

/// A decision with its grounds.
public struct Answer: Sendable, Equatable {
  /// A policy that could not be evaluated; it counts as not satisfied.
  public struct Failure: Sendable, Equatable {
    public let policy: String
    public let message: String
  }

  public let isAllowed: Bool
  /// Ids of the policies that determined the decision: the satisfied forbids, else the satisfied
  /// permits.
  public let reasons: [String]
  public let errors: [Failure]
}
