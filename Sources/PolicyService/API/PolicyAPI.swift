// SPDX-License-Identifier: MIT

internal import ControlPlane

/// The policy service's API: pure functions from request to response over a state.
///
/// A program serves it by `HTTPServer(…, handler: RouteTable(api.routes).answer)`.
public struct PolicyAPI: Sendable {
  /// For `HTTPServerConfiguration`: entities may come in numbers, nothing else is large.
  public static let bodyBytesMaximum = 4 << 20

  let state: any PolicyServiceState
  let isDraining: @Sendable () -> Bool
  private let report: PolicyTriggers.Report

  /// - Parameter report: hears what came of each reload and rollback that a client asks for.
  public init(
    _ state: any PolicyServiceState, isDraining: @escaping @Sendable () -> Bool = { false },
    report: @escaping PolicyTriggers.Report = { _, _ in }
  ) {
    self.state = state
    self.isDraining = isDraining
    self.report = report
  }

  // MARK: Decisions

  func route(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
    let body = try request.jsonBody()
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
    case .failure(.refused(let denial)): return Self.refused(denial)
    }
  }

  func evaluate(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
    _ = try request.jsonBody()
    do throws(FieldProblems) {
      return HTTPResponse(json: try state.evaluate(EvaluateQuery(body: request.body)).json)
    } catch {
      throw .invalidBody(error.all)
    }
  }

  func decision(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let identifier = request.parameters["id"] ?? ""
    switch await state.decision(identifier) {
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
    let outcome = await state.reload()
    report(.request, outcome)
    switch outcome {
    case .loaded(let report): return HTTPResponse(json: report.json)
    case .refused(let refusal): return Self.reloadRefused(refusal)
    }
  }

  func rollBack(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    var version: String?
    if !request.body.isEmpty {
      var fields = FieldReader(try request.jsonBody())
      version = fields.string("version")
      fields.refuseUnknownNames()
      if !fields.problems.isEmpty { throw .invalidBody(fields.problems) }
    }
    if let loaded = await state.rollBack(to: version) {
      report(.rollback, .loaded(loaded))
      return HTTPResponse(json: loaded.json)
    }
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
}
