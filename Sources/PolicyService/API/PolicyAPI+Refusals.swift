// SPDX-License-Identifier: MIT

internal import ControlPlane
internal import Routing

extension PolicyAPI {
  /// 404 with the nearest names.
  static func unknownModel(_ name: String, _ nearest: [String]) -> HTTPResponse {
    let guess = nearest.isEmpty ? "" : " Did you mean \(list(nearest, "or"))?"
    return error(
      404, "not_found_error", "model_not_found",
      "No model, group or alias is called `\(name)`.\(guess)", parameter: "requested_model",
      [.init("nearest", .array(nearest.map(JSONValue.string)))])
  }

  /// What the outcome asks for: 403 naming the forbids, 404, 400, or 503 with `Retry-After`.
  static func refused(_ denial: RouteDenial) -> HTTPResponse {
    let name = "`\(denial.requestedModel)`"
    let (status, type, code, message): (Int, String, String, String) =
      switch denial.outcome {
      case .notServed:
        (
          404, "not_found_error", "model_not_served",
          "No configured gateway serves \(name)."
        )
      case .incapable:
        (
          400, "invalid_request_error", "model_not_capable",
          "No model behind \(name) can do what the request needs."
        )
      case .unpriced:
        (403, "permission_error", "model_unpriced", "No model behind \(name) has a price.")
      case .keyMayNot:
        (403, "permission_error", "model_not_allowed", "The key may not ask for \(name).")
      case .unavailable:
        (
          503, "server_error", "no_deployment_available",
          "Models are permitted for \(name), but none of their deployments can be used now."
        )
      case .denied, .routed, .unknownModel:
        (403, "permission_error", "no_model_permitted", deniedMessage(denial))
      }
    var response = error(status, type, code, message, parameter: nil, denial.members)
    if status == 503 { response.fields.append("retry-after", String(denial.retryAfterSeconds)) }
    return response
  }

  private static func deniedMessage(_ denial: RouteDenial) -> String {
    let reason =
      denial.forbids.isEmpty
      ? "No permit is satisfied for any candidate."
      : "Forbidden by \(list(denial.forbids.map { "`\($0)`" }, "and"))."
    return "No model may serve `\(denial.requestedModel)` for this request. \(reason)"
  }

  /// 422 with every diagnostic.
  static func reloadRefused(_ refusal: ReloadRefusal) -> HTTPResponse {
    let count = refusal.findings.count { $0.isError }
    let kept = refusal.runningVersion.map { "Version `\($0)` stays in force." }
    return error(
      422, "invalid_request_error", "policies_invalid",
      "The policies have \(count) \(count == 1 ? "error" : "errors"). "
        + (kept ?? "No policies are in force."),
      parameter: nil,
      [
        .init("diagnostics", .array(refusal.findings.map(\.json))),
        .init("running_version", JSONValue(refusal.runningVersion)),
      ])
  }

  /// `error` in the shape all services share, and `members` beside it.
  private static func error(
    _ status: Int, _ type: String, _ code: String, _ message: String, parameter: String?,
    _ members: [JSONValue.Member]
  ) -> HTTPResponse {
    let object: JSONValue = [
      "type": .string(type), "code": .string(code), "message": .string(message),
      "param": JSONValue(parameter),
    ]
    return HTTPResponse(status: status, json: .object([.init("error", object)] + members))
  }

  private static func list(_ names: [String], _ conjunction: String) -> String {
    guard names.count > 1, let last = names.last else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " \(conjunction) " + last
  }
}
