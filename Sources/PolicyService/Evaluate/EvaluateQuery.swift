// SPDX-License-Identifier: MIT

internal import CedarSyntax
internal import ControlPlane
public import DecisionIR
public import PolicyCompiler

/// What `POST /evaluate` asks: Cedar's decision on any request.
public struct EvaluateQuery: Sendable {
  public var request: RequestData
  /// Beside the entities the gateway knows, and in place of those of the same name.
  public var entities: [EntityData]

  public init(request: RequestData, entities: [EntityData] = []) {
    self.request = request
    self.entities = entities
  }
}

extension EvaluateQuery {
  static let entitiesMaximum = 10_000

  /// Reads the body of a request; throws everything that is wrong with its shape, else the first
  /// thing that is wrong with its values.
  public init(body: [UInt8]) throws(FieldProblems) {
    let json: JSONValue
    do throws(JSONValue.SyntaxError) {
      json = try JSONValue(parsing: body)
    } catch {
      throw FieldProblems([FieldProblem(path: "", message: error.message)])
    }
    try Self.checkShape(json)
    // Read a second time by Cedar's own reader, which keeps number texts and repeated keys apart.
    do throws(DataProblem) {
      let document = try Self.parse(String(decoding: body, as: UTF8.self))
      request = try readRequest(json: document)
      entities =
        try document["entities"].map { json throws(DataProblem) in
          try json == .null ? [] : readEntities(json: json)
        } ?? []
    } catch {
      throw FieldProblems(error)
    }
  }

  private static func parse(_ text: String) throws(DataProblem) -> CedarJSON {
    do throws(CedarJSON.SyntaxError) {
      return try CedarJSON(parsing: text)
    } catch {
      throw DataProblem(error)
    }
  }

  private static func checkShape(_ json: JSONValue) throws(FieldProblems) {
    var fields = FieldReader(json)
    for name in ["principal", "action", "resource"] { checkEntity(&fields, name) }
    _ = fields.object("context")
    if (fields.array("entities")?.count ?? 0) > entitiesMaximum {
      fields.refuse("entities", "must have at most \(entitiesMaximum) elements")
    }
    fields.refuseUnknownNames()
    if !fields.problems.isEmpty { throw FieldProblems(fields.problems) }
  }

  /// `Type::"id"`, `{"type", "id"}`, or the latter under `__entity`, as Cedar's JSON has it.
  private static func checkEntity(_ fields: inout FieldReader, _ name: String) {
    guard let value = fields.value(name) else {
      fields.refuse(name, "is required")
      return
    }
    if let text = value.stringValue {
      if parseEntityUID(text).uid != nil { return }
      fields.refuse(name, "expected an entity such as `User::\"alice\"`")
      return
    }
    guard value.objectMembers != nil else {
      fields.refuse(name, "expected an entity as a string or an object, found \(value.kindName)")
      return
    }
    let wrapped = value["__entity"]
    var object = FieldReader(
      wrapped ?? value, path: wrapped == nil ? name : "\(name).__entity")
    let type = object.requiredString("type")
    _ = object.requiredString("id")
    if let type, parseEntityUID("\(type)::\"\"").uid == nil {
      object.refuse("type", "`\(type)` is not the name of a type")
    }
    fields.adopt(object.problems)
  }
}

extension FieldProblems {
  init(_ problem: DataProblem) {
    self.init([FieldProblem(path: problem.path, message: problem.message)])
  }
}
