// SPDX-License-Identifier: MIT

public import CedarSchema
import CedarSyntax
import DecisionIR

/// Everything that keeps a request from being one that the schema allows: the action is declared
/// and applies to the types of principal and resource, the entities are possible ones, the context
/// has exactly the declared attributes.
public func checkRequest(_ request: RequestData, schema: Schema) -> [DataProblem] {
  var checker = DatumChecker(schema)
  checker.checkPossible(request.principal, "principal")
  checker.checkPossible(request.resource, "resource")
  let uid = EntityUID(type: typeName(request.action.type), id: request.action.id.string)
  guard let action = schema.actions[uid] else {
    checker.report("action", "the schema has no action `\(request.action)`")
    return checker.problems
  }
  if checker.problems.isEmpty {
    for (field, entity, types) in [
      ("principal", request.principal, action.principals),
      ("resource", request.resource, action.resources),
    ] where !types.contains(typeName(entity.type)) {
      checker.report(
        field,
        "the action `\(request.action)` does not apply to a \(field) of type "
          + "`\(entity.type)`")
    }
  }
  checker.check(request.context, action.context, "context", "the context")
  return checker.problems
}
