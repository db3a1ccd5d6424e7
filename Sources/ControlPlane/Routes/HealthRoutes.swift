// SPDX-License-Identifier: MIT

/// What one part of a service says of itself.
public struct HealthCheck: Sendable {
  public enum Outcome: Sendable, Equatable {
    case healthy
    /// Serving, with less than all: said, but no reason to take the service out.
    case degraded(String)
    case failing(String)
  }

  /// Snake case: `policies`, `database`.
  public var name: String
  /// Quick: it reads what is known and does not wait for the outside.
  public var outcome: @Sendable () async -> Outcome

  public init(_ name: String, outcome: @escaping @Sendable () async -> Outcome) {
    self.name = name
    self.outcome = outcome
  }
}

/// `/health` with all checks, `/health/liveliness` (the process answers) and `/health/readiness`
/// (send it requests: every check passes and it is not draining).
public struct HealthRoutes: Sendable {
  public var service: String
  public var version: String
  public var checks: [HealthCheck]
  public var isDraining: @Sendable () -> Bool

  public init(
    service: String, version: String, checks: [HealthCheck] = [],
    isDraining: @escaping @Sendable () -> Bool = { false }
  ) {
    self.service = service
    self.version = version
    self.checks = checks
    self.isDraining = isDraining
  }

  public var routes: [APIRoute] {
    let replies = [
      APIReply(200, "The service can do its work.", schema: HealthRoutes.schema),
      APIReply(503, "It cannot; the checks say why.", schema: HealthRoutes.schema),
    ]
    let health = self
    return [
      APIRoute(
        "GET", "/health",
        APIOperation("getHealth", "The state of the service and its parts", replies: replies)
      ) { _ in await health.report() },
      APIRoute(
        "GET", "/health/readiness",
        APIOperation("getReadiness", "Whether to send requests here", replies: replies)
      ) { _ in await health.report() },
      APIRoute(
        "GET", "/health/liveliness",
        APIOperation(
          "getLiveliness", "Whether the process answers",
          replies: [
            APIReply(
              200, "It does.", schema: .object([SchemaProperty("status", .enumeration(["alive"]))]))
          ])
      ) { _ in HTTPResponse(json: ["status": "alive"]) },
    ]
  }

  private static var schema: JSONSchema {
    let state = JSONSchema.enumeration(["healthy", "degraded", "failing"])
    let check = JSONSchema.object([
      SchemaProperty("status", state), SchemaProperty("message", .string, isRequired: false),
    ])
    return .object([
      SchemaProperty("status", .enumeration(["healthy", "degraded", "failing", "draining"])),
      SchemaProperty("service", .string), SchemaProperty("version", .string),
      SchemaProperty("checks", .map(of: check)),
    ])
  }

  private func report() async -> HTTPResponse {
    var status = "healthy"
    var members: [JSONValue.Member] = []
    for check in checks {
      switch await check.outcome() {
      case .healthy: members.append(.init(check.name, ["status": "healthy"]))
      case .degraded(let message):
        if status == "healthy" { status = "degraded" }
        members.append(.init(check.name, ["status": "degraded", "message": .string(message)]))
      case .failing(let message):
        status = "failing"
        members.append(.init(check.name, ["status": "failing", "message": .string(message)]))
      }
    }
    if isDraining() { status = "draining" }
    let isReady = status == "healthy" || status == "degraded"
    return HTTPResponse(
      status: isReady ? 200 : 503,
      json: [
        "status": .string(status), "service": .string(service), "version": .string(version),
        "checks": .object(members),
      ])
  }
}
