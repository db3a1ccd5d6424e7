// SPDX-License-Identifier: MIT

/// How long each phase may take, in milliseconds. The first six are the phases of an attempt; the
/// total spans all attempts of a request.
public struct Timeouts: Hashable, Sendable {
  public var connectMilliseconds: Int64 = 5_000
  public var tlsMilliseconds: Int64 = 5_000
  /// From the request sent to the response's head.
  public var firstHeaderMilliseconds: Int64 = 120_000
  /// From the response's head to its first body byte.
  public var firstTokenMilliseconds: Int64 = 120_000
  /// Between two reads of a body.
  public var betweenTokensMilliseconds: Int64 = 60_000
  public var totalMilliseconds: Int64 = 600_000

  /// From the first byte of a client's head to its end; a slower one is a 408.
  public var clientHeadMilliseconds: Int64 = 10_000
  /// Between two reads of a client's body.
  public var clientBodyMilliseconds: Int64 = 30_000
  /// A kept-alive client connection without a request.
  public var clientIdleMilliseconds: Int64 = 75_000
  /// A client that takes nothing of what is written to it.
  public var clientWriteMilliseconds: Int64 = 30_000
  /// A WebSocket on which neither side says anything.
  public var realtimeIdleMilliseconds: Int64 = 300_000
  /// A pooled upstream connection without a request.
  public var upstreamIdleMilliseconds: Int64 = 55_000
  /// What is in flight at SIGTERM may take this long.
  public var drainMilliseconds: Int64 = 30_000

  public init() {}
}
