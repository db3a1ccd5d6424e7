// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import DecisionIR
import PolicyCompiler

/// Policies compiled for a set of entities. Immutable; share it among tasks and give each its own
/// ``Authorizer``.
public struct PolicyEngine: Sendable {
  let store: EntityStore
  let schema: Schema?
  private let policies: PolicySet
  private let sources: SourceFiles

  /// Reads policies and data.
  ///
  /// - Parameters:
  ///   - policies: Cedar text. Policies are named by `@id`, else by position: `policy0` …
  ///   - entities: the JSON form: an array of `{"uid", "attrs", "parents"}`.
  ///   - schema: Cedar schema text, against which entities and requests are checked.
  /// - Throws: ``CedarFailure`` with every finding.
  public init(
    policies: String, entities: String = "[]", schema: String? = nil
  ) throws(CedarFailure) {
    var sources = SourceFiles()
    let number = sources.add(name: "policies", text: policies) ?? 0
    let (set, problems) = parsePolicies(policies, dialect: false, file: number)
    guard !problems.hasErrors else { throw CedarFailure(problems, sources) }
    self.policies = set
    self.schema = try schema.map { text throws(CedarFailure) in try Self.schema(text) }
    self.sources = sources
    let program: Program
    switch compilePolicies(set, files: sources) {
    case .success(let compiled): program = compiled.program
    case .failure(let failure): throw CedarFailure(failure.diagnostics, sources)
    }
    do throws(DataProblem) {
      let data = try readEntities(entities, schema: self.schema)
      store = try Self.store(program, data)
    } catch {
      throw CedarFailure("entities: \(error)")
    }
  }

  private static func schema(_ text: String) throws(CedarFailure) -> Schema {
    var sources = SourceFiles()
    let number = sources.add(name: "schema", text: text) ?? 0
    let (schema, problems) = parseSchema(text, file: number)
    guard let schema else { throw CedarFailure(problems, sources) }
    return schema
  }

  private static func store(
    _ program: Program, _ data: [EntityData]
  ) throws(DataProblem) -> EntityStore {
    do throws(EntityError) {
      return try EntityStore(program: program, entities: data)
    } catch {
      throw DataProblem("", error.description)
    }
  }

  /// What strict validation says about the policies; without a schema there is nothing to say.
  public func findings() -> [Finding] {
    guard let schema else { return [] }
    return Finding.all(Validator(schema: schema).validate(policies), sources)
  }
}
