// SPDX-License-Identifier: MIT

internal import Bytes
internal import Clocks
internal import DecisionIR
internal import ModelCatalog
internal import Routing
internal import Synchronization

/// The policy service's state in a running gateway. Safe from any thread.
public final class LivePolicyState: PolicyServiceState {
  /// Versions kept for a rollback, the one in force included.
  public static let versionsMaximum = 16

  struct Kept {
    /// The one in force first, then the others, latest first.
    var versions: [LoadedPolicies]
    var lastProblem: String?
  }

  let host: PolicyHost
  public let loader: PolicyLoader
  let kept: Mutex<Kept>
  let reloads = SerialWork()
  private let log: DecisionLog
  private let bench = RouterBench()
  private let random = Mutex(RandomSource())

  /// - Parameters:
  ///   - initial: the policies of the snapshot in force.
  ///   - decisionsMaximum: how many decisions of `POST /route` are remembered.
  public init(
    host: PolicyHost, loader: PolicyLoader, initial: LoadedPolicies,
    decisionsMaximum: Int = 10_000
  ) {
    self.host = host
    self.loader = loader
    kept = Mutex(Kept(versions: [initial]))
    log = DecisionLog(capacity: decisionsMaximum)
  }

  /// The policies in force: for building another snapshot when the catalogue changes.
  public var policies: LoadedPolicies { kept.withLock { $0.versions[0] } }

  public func status() -> PolicyServiceStatus {
    let snapshot = host.current()
    return PolicyServiceStatus(
      policyVersion: snapshot.version, policyCount: snapshot.policyCount,
      modelCount: snapshot.catalog.namedModelCount,
      lastReloadProblem: kept.withLock { $0.lastProblem })
  }

  public func decision(_ identifier: String) async -> RoutingDecision? {
    if let own = log.find(identifier) { return own }
    return await host.dataPlaneDecision(identifier)
  }

  // MARK: Route

  public func route(_ query: RouteQuery) -> Result<RouteAnswer, RouteRefusal> {
    let identifier = nextIdentifier()
    let snapshot = host.current()
    let routing = bench.withRouter(of: snapshot) { router in
      QueryRouting(query, router, random: random.withLock { $0.next() }, host: host).run()
    }
    guard case .decided(let explanation, let errors, let microseconds) = routing else {
      let nearest = query.requestedModel.withByteView { snapshot.catalog.nearestNames(to: $0) }
      return .failure(.unknownModel(nearest: nearest))
    }
    let decision = explanation.decision(
      identifier: identifier, errors: errors, evaluationMicroseconds: microseconds)
    log.record(decision)
    switch decision {
    case .allowed(let answer): return .success(answer)
    case .denied(let denial): return .failure(.refused(denial))
    }
  }

  private func nextIdentifier() -> String {
    let (high, low) = random.withLock { ($0.next(), $0.next()) }
    func digits(_ value: UInt64) -> String {
      let text = String(value, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }
    return "dec_" + digits(high) + digits(low)
  }
}

/// Keeps one router per thread that wants one at a time, for the snapshot last seen: making one
/// costs more than a decision.
final class RouterBench: Sendable {
  static let routersMaximum = 8

  /// SAFETY: `@unchecked Sendable` because a router is in one place at a time: on the bench, or
  /// with the one caller that took it.
  private struct Seat: @unchecked Sendable {
    let router: Router
  }

  private let seats = Mutex<[Seat]>([])

  func withRouter<Result>(of snapshot: RoutingSnapshot, _ body: (Router) -> Result) -> Result {
    let taken = seats.withLock { seats -> Seat? in
      seats.removeAll { $0.router.snapshot !== snapshot }
      return seats.popLast()
    }
    let seat = taken ?? Seat(router: Router(snapshot))
    defer {
      seats.withLock { seats in
        if seats.count < Self.routersMaximum { seats.append(seat) }
      }
    }
    return body(seat.router)
  }
}
