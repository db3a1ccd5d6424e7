// SPDX-License-Identifier: MIT

public import ControlPlane

extension PolicyAPI {
  /// Answers a request: the handler for an `HTTPServer`. Never throws; what goes wrong is an answer.
  public func respond(to request: HTTPRequest) async -> HTTPResponse {
    var methods: [String] = []
    for operation in operations {
      guard let parameters = Self.match(request.path, operation.path) else { continue }
      let isHead = request.method == "HEAD" && operation.method == "GET"
      guard operation.method == request.method || isHead else {
        methods.append(operation.method)
        continue
      }
      var request = request
      request.parameters = parameters
      return await Self.answer(request, operation)
    }
    let requestID = request.identifier.isEmpty ? nil : request.identifier
    if methods.isEmpty {
      let message = "There is nothing at `\(request.path)`; see /openapi.json."
      return HTTPError(status: 404, code: "route_not_found", message: message)
        .response(requestID: requestID)
    }
    let allowed = methods.joined(separator: ", ")
    return HTTPError(
      status: 405, code: "method_not_allowed",
      message: "`\(request.path)` answers \(allowed).", fields: ["allow": allowed]
    ).response(requestID: requestID)
  }

  private static func answer(
    _ request: HTTPRequest, _ operation: Operation
  ) async -> HTTPResponse {
    let requestID = request.identifier.isEmpty ? nil : request.identifier
    do {
      return try await operation.respond(request)
    } catch let error as HTTPError {
      return error.response(requestID: requestID)
    } catch {
      return HTTPError(
        status: 500, code: "internal_error", message: "The request failed inside the service."
      ).response(requestID: requestID)
    }
  }

  /// The parameters of `pattern` in `path`; nil when it does not match.
  private static func match(_ path: String, _ pattern: String) -> [String: String]? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let names = pattern.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == names.count else { return nil }
    var parameters: [String: String] = [:]
    for (part, name) in zip(parts, names) {
      if name.hasPrefix("{") {
        if part.isEmpty { return nil }
        parameters[String(name.dropFirst().dropLast())] = String(part)
      } else if part != name {
        return nil
      }
    }
    return parameters
  }
}
