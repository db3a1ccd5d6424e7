// SPDX-License-Identifier: MIT

internal import ControlPlane

/// The policy service's API: pure functions from request to response over a state.
public struct PolicyAPI: Sendable {
  public static let bodyBytesMaximum = 4 << 20

  let state: any PolicyServiceState

  public init(_ state: any PolicyServiceState) { self.state = state }

  // MARK: Decisions

  func route(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
    let body = try Self.json(request)
    let query: RouteQuery
    do throws(FieldProblems) {
      query = try RouteQuery(body)
    } catch {
      throw .invalidBody(error.all)
    }
    switch state.route(query) {
    case .success(let answer): return HTTPResponse(json: answer.json)
    case .failure(.unknownModel(let nearest)):
      return Self.unknownModel(query.requestedModel, nearest)
    case .failure(.denied(let denial)): return Self.denied(denial)
    case .failure(.unavailable(let denial, let seconds)):
      return Self.unavailable(denial, retryAfterSeconds: seconds)
    }
  }

  func evaluate(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
    let body = try Self.json(request)
    do throws(FieldProblems) {
      return HTTPResponse(json: try state.evaluate(EvaluateQuery(body)).json)
    } catch {
      throw .invalidBody(error.all)
    }
  }

  func decision(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
    let identifier = request.parameters["id"] ?? ""
    switch state.decision(identifier) {
    case .allowed(let answer): return HTTPResponse(json: answer.json)
    case .denied(let denial): return HTTPResponse(json: denial.json)
    case nil:
      throw HTTPError(
        status: 404, code: "decision_not_found",
        message: "No decision `\(identifier)` is remembered.", parameter: "id")
    }
  }

  // MARK: Policies

  func reload(_ request: HTTPRequest) async -> HTTPResponse {
    switch await state.reload() {
    case .loaded(let report): return HTTPResponse(json: report.json)
    case .refused(let refusal): return Self.refused(refusal)
    }
  }

  func rollBack(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    var version: String?
    if !request.body.isEmpty {
      var fields = FieldReader(try Self.json(request))
      version = fields.string("version")
      fields.refuseUnknownNames()
      if !fields.problems.isEmpty { throw .invalidBody(fields.problems) }
    }
    if let report = await state.rollBack(to: version) { return HTTPResponse(json: report.json) }
    throw HTTPError(
      status: 404, code: "policy_version_not_found",
      message: version.map { "Version `\($0)` is not kept." } ?? "There is no earlier version.",
      parameter: "version")
  }

  func versions(_ request: HTTPRequest) -> HTTPResponse {
    let versions = state.versions()
    return HTTPResponse(json: [
      "running": JSONValue(versions.first),
      "versions": .array(versions.map(JSONValue.string)),
    ])
  }

  // MARK: State

  func models(_ request: HTTPRequest) -> HTTPResponse {
    let models = state.models()
    return HTTPResponse(json: ["object": "list", "data": .array(models.map(\.json))])
  }

  func health(_ request: HTTPRequest) -> HTTPResponse {
    let status = state.status()
    let isReady = status.policyVersion != nil
    return HTTPResponse(
      status: isReady ? 200 : 503,
      json: [
        "status": isReady ? "ok" : "no_policies",
        "policy_version": JSONValue(status.policyVersion),
        "policies": JSONValue(status.policyCount), "models": JSONValue(status.modelCount),
        "last_reload_problem": JSONValue(status.lastReloadProblem),
      ])
  }

  // MARK: Bodies

  /// - Throws: 400 when the body is not JSON.
  private static func json(_ request: HTTPRequest) throws(HTTPError) -> JSONValue {
    do throws(JSONValue.SyntaxError) {
      return try JSONValue(parsing: request.body)
    } catch {
      throw HTTPError(status: 400, code: "invalid_json", message: "\(error.message).")
    }
  }
}
