// SPDX-License-Identifier: MIT

/// The client closed the connection, or the server gave it up, before the response was out.
public struct HTTPClientGone: Error, Sendable {
  public init() {}
}

/// What a streaming handler writes its response through. May be used from any executor; writes of
/// one response must not overlap.
public struct HTTPBodyWriter: Sendable {
  let connection: HTTPConnection

  /// Hands `bytes` on. Returns at once while the client keeps up, else when it has caught up.
  ///
  /// - Throws: `HTTPClientGone`. The handler's task is cancelled as well when the client leaves.
  public func write(_ bytes: [UInt8]) async throws(HTTPClientGone) {
    let progress = await connection.onLoop { $0.sendPart(bytes) }
    switch progress {
    case .goOn: return
    case .gone: throw HTTPClientGone()
    case .wait:
      await connection.waitUntilDrained()
      if await connection.onLoop({ $0.isClientGone }) { throw HTTPClientGone() }
    }
  }

  public func write(_ text: String) async throws(HTTPClientGone) {
    try await write(Array(text.utf8))
  }

  /// Whether the client has left.
  public var isClientGone: Bool {
    get async { await connection.onLoop { $0.isClientGone } }
  }
}
