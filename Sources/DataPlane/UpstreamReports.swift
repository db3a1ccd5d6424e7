// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import ModelCatalog
internal import Network
internal import Routing

/// An attempt that failed for a reason of the upstream, or of the way to it: for the log.
public struct FailedAttempt: Sendable {
  /// The account's name in the configuration.
  public let gateway: String
  /// `host:port`
  public let address: String
  public let model: String
  /// What happened, as a clause.
  public let problem: String
  /// What to look at; empty where nothing can be proposed.
  public let help: String
  /// The upstream's status; 0 where it did not answer.
  public let status: UInt16
  /// Equal ones since the last line about them.
  public let suppressedCount: Int
}

/// Which problems a worker has told of, so that an upstream that is down leaves a line now and then
/// and not one for each request.
struct UpstreamReports {
  static let intervalMilliseconds: Int64 = 10_000
  /// Kinds of problems that are told apart at a time.
  static let entriesMaximum = 1_024

  /// How long nothing new is told of once so many kinds have been within the interval.
  static let pauseMilliseconds: Int64 = 1_000

  private var entries: [UInt64: (toldMilliseconds: Int64, suppressedCount: Int)] = [:]
  private var pausedUntilMilliseconds = Int64.min

  /// How many equal ones have been passed over, when this one is to be told; nil to pass it over.
  mutating func take(
    deployment: Int, _ failure: UpstreamFailure, nowMilliseconds: Int64
  ) -> Int? {
    let key = UInt64(deployment) << 8 | UInt64(failure.rawValue)
    if let last = entries[key], nowMilliseconds - last.toldMilliseconds < Self.intervalMilliseconds
    {
      entries[key] = (last.toldMilliseconds, last.suppressedCount + 1)
      return nil
    }
    let count = entries[key]?.suppressedCount ?? 0
    if entries[key] == nil, !makeRoom(nowMilliseconds) { return nil }
    entries[key] = (nowMilliseconds, 0)
    return count
  }

  /// Forgets what may be told of again anyway; false where that is not enough.
  private mutating func makeRoom(_ nowMilliseconds: Int64) -> Bool {
    guard entries.count >= Self.entriesMaximum else { return true }
    guard nowMilliseconds >= pausedUntilMilliseconds else { return false }
    entries = entries.filter {
      nowMilliseconds - $0.value.toldMilliseconds < Self.intervalMilliseconds
    }
    if entries.count < Self.entriesMaximum { return true }
    pausedUntilMilliseconds = nowMilliseconds + Self.pauseMilliseconds
    return false
  }
}

extension Worker {
  /// Tells the log of a failed attempt, before what is known of it is given up.
  @inline(never)
  func report(_ client: Client, _ failure: UpstreamFailure) {
    // A credential that cannot be had has a line of its own, and each attempt fails once.
    guard let tell = shared.report, failure != .noCredential,
      client.pointee.exchange.hasAdmission
    else { return }
    let deployment = currentDeployment(client).pointee.deployment
    guard
      let count = upstreamReports.take(
        deployment: Int(deployment.index.rawValue), failure, nowMilliseconds: nowMilliseconds)
    else { return }
    let catalog = client.pointee.exchange.lease!.pointee.snapshot.catalog
    tell(
      FailedAttempt(
        gateway: deployment.gatewayName.string,
        address: "\(deployment.endpoint.host.string):\(deployment.endpoint.port)",
        model: shownName(client, catalog.model(deployment.model)).string,
        problem: failure.sentence, help: failure.help,
        status: client.pointee.exchange.upstreamStatus, suppressedCount: count))
  }

  /// Why a connection could not be made.
  func connectFailure(_ upstream: Upstream, _ code: Int32) -> UpstreamFailure {
    guard let error = upstream.pointee.transport?.tlsError else {
      return LoopError(code: code) == .connectionRefused ? .refused : .unreachable
    }
    return switch error.kind {
    case .hostNameMismatch: .certificateName
    case .certificateExpired, .certificateNotYetValid: .certificateTime
    case .certificateUntrusted: .certificateUntrusted
    case .notTLS: .notTLS
    default: .tlsFailed
    }
  }
}
