// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSchema
import CedarSyntax
import DecisionIR
import PolicyCompiler

/// Policies with their links, as the reference's command line takes them.
struct PolicyOptions: ParsableArguments {
  @Option(
    name: [.customShort("p"), .long],
    help: """
      Policy files, folders or an image (.cedarc); may be given several times. Standard input \
      unless given.
      """,
    completion: .file())
  var policies: [String] = []

  @Option(help: "cedar or json; goes by the name of the file unless given.")
  var policyFormat: SourceFormat?

  @Option(
    name: [.customShort("k"), .customLong("template-linked")], help: "Template links in JSON.",
    completion: .file())
  var templateLinked: String?

  /// The policies and links; errors of syntax are still in `diagnostics`.
  func read() throws -> PolicySources {
    var sources = try PolicySources.read(policies.isEmpty ? ["-"] : policies, format: policyFormat)
    if let templateLinked {
      sources.set.links += try Files.data(templateLinked) { try readLinks($0) }
    }
    return sources
  }
}

/// A schema that may be missing.
struct SchemaOptions: ParsableArguments {
  @Option(
    name: [.customShort("s"), .long],
    help: "Schema; lets data leave out type escapes and declares actions.", completion: .file())
  var schema: String?

  @Option(help: "cedar or json; goes by the name of the file unless given.")
  var schemaFormat: SourceFormat?

  func load() throws -> Schema? { try Files.schema(schema, format: schemaFormat) }
}

/// What commands that decide need: policies, entities, a schema.
struct EngineOptions: ParsableArguments {
  @OptionGroup var policies: PolicyOptions

  @Option(help: "Entities in their JSON form.", completion: .file())
  var entities: String?

  @OptionGroup var schema: SchemaOptions

  @Option(
    help: "Name policies by `position` (policy0, policy1 …) or by `annotation` (@id).")
  var ids = IdentifierChoice.annotation

  func validate() throws {
    if policies.policies.count > 1, policies.policies.contains(where: { $0.hasSuffix(".cedarc") }) {
      throw ValidationError("an image (.cedarc) holds all policies; give it alone")
    }
    if isImage, policies.templateLinked != nil || policies.policyFormat != nil {
      throw ValidationError(
        "--template-linked and --policy-format are for policies as source; link before compiling")
    }
  }

  /// The store of the entities for the compiled policies, with the schema.
  func load() throws -> (store: EntityStore, schema: Schema?) {
    let program = try self.program()
    let schema = try schema.load()
    return (try Self.store(program, entities, schema), schema)
  }

  /// The policies' program: compiled, or mapped from an image that `policyc compile` wrote.
  func program() throws -> Program {
    guard isImage else { return try policies.read().compile(ids.identifiers).program }
    return try MappedImage.program(policies.policies[0])
  }

  /// Whether the policies are one compiled image.
  var isImage: Bool {
    policies.policies.count == 1 && policies.policies[0].hasSuffix(".cedarc")
  }

  /// The store of a file of entities, or of the schema's actions only.
  static func store(
    _ program: Program, _ entities: String?, _ schema: Schema?
  ) throws -> EntityStore {
    let data = try entityData(entities, schema)
    do {
      return try EntityStore(program: program, entities: data)
    } catch {
      throw Console.fail("\(entities ?? "entities"): \(error)")
    }
  }

  /// The entities of a file, or the schema's actions only.
  static func entityData(_ entities: String?, _ schema: Schema?) throws -> [EntityData] {
    guard let entities else { return schema.map { actions(of: $0) } ?? [] }
    return try Files.data(entities) { try readEntities($0, schema: schema) }
  }
}

/// `--ids`.
enum IdentifierChoice: String, CaseIterable, ExpressibleByArgument {
  case position
  case annotation

  var identifiers: PolicyIdentifiers { self == .position ? .position : .annotation }
}
