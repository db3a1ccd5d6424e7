// SPDX-License-Identifier: MIT

public import Clocks
public import Credentials
public import EventLoop
public import ModelCatalog

/// A gateway whose credential is not a key in the configuration.
public struct CredentialedGateway: Sendable {
  public var name: String
  public var source: CredentialSource
  /// How a token is shown; signed requests have no choice.
  public var style: AuthenticationStyle

  public init(name: String, source: CredentialSource, style: AuthenticationStyle) {
    self.name = name
    self.source = source
    self.style = style
  }
}

/// The credentials of all gateways that need more than a key: fetched on one loop, refreshed before
/// they expire, published to slots that the workers read.
///
/// SAFETY: `@unchecked Sendable` because everything but the slots is used on the loop's thread.
public final class CredentialService: @unchecked Sendable {
  private let keepers: [CredentialKeeper]
  private let transport: FetchTransport

  /// - Parameter report: called on the loop's thread with a gateway's name.
  public init(
    _ gateways: [CredentialedGateway], on loop: Loop, environment: [String: String],
    clock: WallClock = .system,
    report: @escaping @Sendable (_ gateway: String, CredentialReport) -> Void
  ) {
    let transport = FetchTransport(on: loop)
    self.transport = transport
    keepers = gateways.map { gateway in
      CredentialKeeper(
        slot: CredentialSlot(gateway: gateway.name), source: gateway.source,
        fieldStart: gateway.style.fieldStart, surroundings: Surroundings(environment: environment),
        transport: transport, clock: clock, report: { report(gateway.name, $0) })
    }
  }

  /// One for each gateway, in the order given.
  public var slots: [CredentialSlot] { keepers.map(\.slot) }

  /// Begins to fetch. On the loop's thread, or before the loop runs.
  ///
  /// - Throws: `LoopError` when the system refuses another timer.
  public func start() throws(LoopError) {
    for keeper in keepers { try keeper.start() }
  }

  /// Fetches all of them anew, as files and keys may have changed; the old ones are served until
  /// the new ones are there. On the loop's thread.
  public func reload() { for keeper in keepers { keeper.reload() } }

  /// On the loop's thread, or after the loop has ended.
  public func close() {
    for keeper in keepers { keeper.close() }
    transport.close()
  }
}

extension AuthenticationStyle {
  /// What stands before a token in a head.
  var fieldStart: String {
    switch self {
    case .bearer, .none: "authorization: Bearer "
    case .xAPIKey: "x-api-key: "
    case .apiKey: "api-key: "
    case .googleAPIKey: "x-goog-api-key: "
    }
  }
}
