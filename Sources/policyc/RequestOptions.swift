// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSchema
import CedarSyntax
import PolicyCompiler

/// One request: a file, or its parts.
struct RequestOptions: ParsableArguments {
  @Option(
    help: "A request: {\"principal\", \"action\", \"resource\", \"context\"}.",
    completion: .file())
  var requestJson: String?

  @Option(name: [.customShort("l"), .long], help: "The principal, as source text.")
  var principal: String?

  @Option(name: [.customShort("a"), .long], help: "The action, as source text.")
  var action: String?

  @Option(name: [.customShort("r"), .long], help: "The resource, as source text.")
  var resource: String?

  @Option(
    name: [.customShort("c"), .long], help: "A file with the context.", completion: .file())
  var context: String?

  /// How many of principal, action and resource are given.
  var partCount: Int { [principal, action, resource].compactMap { $0 }.count }

  var isEmpty: Bool { requestJson == nil && partCount == 0 && context == nil }

  func validate() throws {
    if requestJson != nil, partCount > 0 || context != nil {
      throw ValidationError("--request-json holds the whole request; give nothing beside it")
    }
    if requestJson == nil, partCount > 0, partCount < 3 {
      throw ValidationError("give all of --principal, --action and --resource")
    }
  }

  /// - Parameter isValidated: whether the request must be one that the schema allows.
  func read(_ schema: Schema?, isValidated: Bool) throws -> RequestData {
    if let requestJson {
      return try Files.data(requestJson) {
        try readRequest($0, schema: schema, isValidated: isValidated)
      }
    }
    var members: [CedarJSON.Member] = []
    for (key, value) in [
      ("principal", principal), ("action", action), ("resource", resource),
    ] {
      // Without a request, as `evaluate` allows, the variables stand for nobody.
      members.append(.init(key, .string(value ?? "Unknown::\"\"")))
    }
    if let context {
      members.append(
        .init(
          "context",
          try Files.data(context) { text in
            do throws(CedarJSON.SyntaxError) {
              return try CedarJSON(parsing: text)
            } catch {
              throw DataProblem(error)
            }
          }))
    }
    do {
      return try readRequest(
        json: .object(members), schema: schema, isValidated: isValidated)
    } catch {
      throw Console.fail("\(error)")
    }
  }
}
