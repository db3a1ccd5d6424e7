// SPDX-License-Identifier: MIT

/// Every bound of the gateway, by name. What is over a bound is refused or pauses its reader.
public struct Limits: Hashable, Sendable {
  /// Client connections open at a time, over all workers.
  public var clientConnectionsMaximum: Int64 = 20_000
  /// Requests under way on one HTTP/2 connection; the client waits with more.
  public var http2StreamsMaximum: Int64 = 256
  /// Request line and headers together; over it is a 431.
  public var requestHeadBytesMaximum: Int64 = 64 * 1024
  public var requestHeadersMaximum: Int64 = 128
  /// One request body, decoded; over it is a 413.
  public var requestBodyBytesMaximum: Int64 = 100 * 1024 * 1024
  /// All request bodies held at a time, over all workers; over it is a 503.
  public var requestBodiesBytesMaximum: Int64 = 1024 * 1024 * 1024
  /// Requests read ahead on one connection before its reader pauses.
  public var pipelinedRequestsMaximum: Int64 = 16
  /// Requests served on one connection before it is closed.
  public var requestsPerConnectionMaximum: Int64 = 100_000
  public var jsonDepthMaximum: Int64 = 128
  public var responseHeadBytesMaximum: Int64 = 64 * 1024
  public var responseHeadersMaximum: Int64 = 256
  /// One event of a stream; over it the attempt fails.
  public var streamEventBytesMaximum: Int64 = 16 * 1024 * 1024
  /// Bytes held for a slow client before the upstream's reader pauses.
  public var relayBufferBytesMaximum: Int64 = 256 * 1024
  /// Upstream connections per deployment and worker, and how many of them are kept when idle.
  public var upstreamConnectionsMaximum: Int64 = 4_096
  public var upstreamIdleConnectionsMaximum: Int64 = 64
  /// Requests under way on one HTTP/2 connection to an upstream, if that allows as many.
  public var upstreamStreamsMaximum: Int64 = 100
  /// Decision records kept for `GET /decisions/{id}`.
  public var decisionRecordsMaximum: Int64 = 10_000

  public init() {}
}
