// SPDX-License-Identifier: MIT

/// An error a handler throws for its client: one status, one machine-readable code, one sentence.
public struct HTTPError: Error, Sendable, Equatable {
  public var status: Int
  /// For programs, snake case: `model_not_found`.
  public var code: String
  /// For people: what is wrong and, if it is known, the cure.
  public var message: String
  /// The field or parameter at fault.
  public var parameter: String?
  /// All that is wrong with the body, if the body is at fault.
  public var problems: [FieldProblem]
  public var fields: HTTPFields

  public init(
    status: Int, code: String, message: String, parameter: String? = nil,
    problems: [FieldProblem] = [], fields: HTTPFields = HTTPFields()
  ) {
    self.status = status
    self.code = code
    self.message = message
    self.parameter = parameter
    self.problems = problems
    self.fields = fields
  }

  /// 422 with every problem of a request body.
  public static func invalidBody(_ problems: [FieldProblem]) -> HTTPError {
    let first = problems.first
    let message = first.map { $0.path.isEmpty ? $0.message : "`\($0.path)` \($0.message)" }
    return HTTPError(
      status: 422, code: "invalid_request", message: message ?? "The body is not valid.",
      parameter: first?.path, problems: problems)
  }

  /// The family of the status, as OpenAI's clients know it.
  private var kind: String {
    switch status {
    case 401: "authentication_error"
    case 403: "permission_error"
    case 404: "not_found_error"
    case 429: "rate_limit_error"
    case 400..<500: "invalid_request_error"
    default: "server_error"
    }
  }

  /// `{"error": {"type", "code", "message", "param", "problems"?, "request_id"?}}`.
  public func response(requestID: String?) -> HTTPResponse {
    var members: [JSONValue.Member] = [
      JSONValue.Member("type", .string(kind)), JSONValue.Member("code", .string(code)),
      JSONValue.Member("message", .string(message)),
      JSONValue.Member("param", parameter.map { .string($0) } ?? .null),
    ]
    if !problems.isEmpty {
      let list = problems.map { problem in
        JSONValue.object([
          JSONValue.Member("path", .string(problem.path)),
          JSONValue.Member("message", .string(problem.message)),
        ])
      }
      members.append(JSONValue.Member("problems", .array(list)))
    }
    if let requestID { members.append(JSONValue.Member("request_id", .string(requestID))) }
    var response = HTTPResponse(
      status: status, json: .object([JSONValue.Member("error", .object(members))]))
    for field in fields.all { response.fields.append(field.name, field.value) }
    return response
  }
}
