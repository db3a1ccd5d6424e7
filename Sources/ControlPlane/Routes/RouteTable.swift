// SPDX-License-Identifier: MIT

import Clocks
import Synchronization

/// Sends each request to its route, and answers in the house's way when there is none.
///
/// Every response carries `x-request-id`. `HEAD` is answered by the `GET` route; a known path with
/// another method is a 405 with `Allow`.
public final class RouteTable: Sendable {
  /// Runs before the route, for authentication and the like; what it throws is the answer.
  public typealias Admit = @Sendable (HTTPRequest, APIRoute) async throws -> Void
  /// Hears of errors that were no `HTTPError`: the request and what was thrown.
  public typealias Report = @Sendable (HTTPRequest, any Error) -> Void

  public let routes: [APIRoute]
  private let tree: RouteTree
  private let admit: Admit
  private let report: Report
  private let random = Mutex(RandomSource())

  /// - Precondition: as `APIRoute.path` says; no method and path twice.
  public init(
    _ routes: [APIRoute], admit: @escaping Admit = { _, _ in },
    report: @escaping Report = { _, _ in }
  ) {
    self.routes = routes
    self.admit = admit
    self.report = report
    tree = RouteTree(routes)
  }

  /// An `HTTPHandler`.
  @Sendable public func answer(_ received: HTTPRequest) async -> HTTPResponse {
    var request = received
    request.identifier = identifier(for: received)
    var response: HTTPResponse
    do {
      response = try await find(&request)
    } catch let error as HTTPError {
      response = error.response(requestID: request.identifier)
    } catch {
      report(request, error)
      let hidden = HTTPError(
        status: 500, code: "internal_error", message: "The request failed inside the service.")
      response = hidden.response(requestID: request.identifier)
    }
    if response.fields["x-request-id"] == nil {
      response.fields.append("x-request-id", request.identifier)
    }
    return response
  }

  private func find(_ request: inout HTTPRequest) async throws -> HTTPResponse {
    guard let match = tree.match(request.path) else {
      throw HTTPError(
        status: 404, code: "not_found", message: "There is nothing at `\(request.path)`.")
    }
    let method = request.method
    let route = match.routes[method] ?? (method == "HEAD" ? match.routes["GET"] : nil)
    guard let route else {
      var allowed = match.routes.keys.sorted()
      if match.routes["GET"] != nil && match.routes["HEAD"] == nil { allowed.append("HEAD") }
      throw HTTPError(
        status: 405, code: "method_not_allowed",
        message: "`\(request.path)` does not take \(method).",
        fields: ["allow": allowed.joined(separator: ", ")])
    }
    request.parameters = match.parameters
    try await admit(request, route)
    return try await route.respond(request)
  }

  /// The caller's own id if it is short and plain, so that it can go into logs as it is.
  private func identifier(for request: HTTPRequest) -> String {
    if let given = request.fields["x-request-id"], (1...128).contains(given.utf8.count),
      given.utf8.allSatisfy(RouteTable.isIdentifierByte)
    {
      return given
    }
    let (high, low) = random.withLock { ($0.next(), $0.next()) }
    return "req_" + RouteTable.digits(high) + RouteTable.digits(low)
  }

  private static func digits(_ value: UInt64) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }

  private static func isIdentifierByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
    default: false
    }
  }
}

extension HTTPRequest {
  /// The body as JSON.
  ///
  /// - Throws: a 400 that says where the text stops being JSON.
  public func jsonBody() throws(HTTPError) -> JSONValue {
    do throws(JSONValue.SyntaxError) {
      return try JSONValue(parsing: body)
    } catch {
      throw HTTPError(status: 400, code: "invalid_json", message: error.message)
    }
  }
}
