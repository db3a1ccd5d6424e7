// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR

/// Reads calls of extension functions in data: `{"fn", "arg"}` or `{"fn", "args"}`. Constructors
/// take a string; methods take values, their receiver first, and give whatever they give in a
/// policy.
enum CallReader {
  static func isCall(_ json: CedarJSON) -> Bool {
    json["fn"]?.string != nil && (json["arg"] != nil || json["args"]?.array != nil)
  }

  static func call(_ json: CedarJSON, _ path: String) throws(DataProblem) -> Datum {
    let name = json["fn"]?.string ?? ""
    let arguments = json["args"]?.array ?? json["arg"].map { [$0] } ?? []
    guard let function = ExtensionFunction(rawValue: name) else {
      throw DataProblem(path, "there is no extension function `\(name)`")
    }
    guard arguments.count == function.argumentCount else {
      throw DataProblem(
        path,
        "`\(name)` takes \(function.argumentCount) arguments here, not \(arguments.count)")
    }
    if function.isConstructor { return try construct(name, arguments[0], path) }
    var values: [Datum] = []
    for argument in arguments { values.append(try ValueReader.value(argument, path)) }
    return try evaluate(function, values, path)
  }

  static func construct(
    _ function: String, _ argument: CedarJSON, _ path: String
  ) throws(DataProblem) -> Datum {
    guard let text = argument.string else {
      throw DataProblem(path, "the argument of `\(function)` must be a string")
    }
    switch ExtensionText.construct(function, text) {
    case .success(let datum): return datum
    case .failure(let fault):
      throw DataProblem(path, "error while evaluating `\(function)`: \(fault.message): `\(text)`")
    case nil: throw DataProblem(path, "`\(function)` is not an extension function for data")
    }
  }

  /// Runs a method as a policy would. Rare in data, so that no second way to evaluate is kept.
  private static func evaluate(
    _ function: ExtensionFunction, _ values: [Datum], _ path: String
  ) throws(DataProblem) -> Datum {
    let arguments = values.dropFirst().map(\.description).joined(separator: ", ")
    let source = "\(values[0]).\(function.rawValue)(\(arguments))"
    guard let expression = parseExpression(source, dialect: false).expression,
      case .success(let program) = compileExpression(expression),
      let store = try? EntityStore(program: program)
    else { throw DataProblem(path, "`\(source)` cannot be evaluated") }
    let nobody = EntityName(type: "Nobody", id: "")
    let request = AuthorizationRequest(
      store: store, principal: nobody, action: nobody, resource: nobody)
    switch Evaluator(store: store).evaluate(conjunct: 0, request) {
    case .success(let datum): return datum
    case .failure(let error): throw DataProblem(path, error.message)
    }
  }
}
