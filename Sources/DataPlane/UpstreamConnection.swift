// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import JSON
internal import ModelCatalog
internal import Network

/// A connection to an upstream in its worker's pool.
typealias Upstream = UnsafeMutablePointer<UpstreamConnection>

/// Where an upstream connection stands. Transitions go to the phases named.
enum UpstreamPhase: UInt8 {
  /// Waiting for addresses of the host → `connecting`, `closed`.
  case resolving
  /// Waiting for another's connection, to have a stream of it → `awaitingHead`, `resolving`,
  /// `connecting`, `closed`.
  case awaitingSession
  /// TCP and TLS → `awaitingHead`, `closed`.
  case connecting
  /// The request is being sent or is out → `relaying`, `tunneling`, `closed`.
  case awaitingHead
  /// The response head has been read → `idle`, `finishing`, `closed`.
  case relaying
  /// A WebSocket: bytes pass both ways → `closed`.
  case tunneling
  /// The client has its whole answer, the framing's end is still to come → `idle`, `closed`.
  case finishing
  /// In its endpoint's pool → `awaitingHead`, `closed`.
  case idle
  case closed
}

/// One connection to an upstream.
///
/// SAFETY: as `ClientConnection`.
struct UpstreamConnection {
  var transport: Transport?
  var worker: Unmanaged<Worker>
  var endpoint: UnsafeMutablePointer<EndpointPool>
  /// The client whose request it carries; nil while idle or finishing.
  var client: Client?
  var timer = TimerNode()
  var phase = UpstreamPhase.closed
  /// It has carried a request before: a failure before the first response byte may just mean that
  /// the upstream closed it while idle.
  var isReused = false
  var hasResponseByte = false
  /// The whole request is with the transport.
  var isRequestSent = false
  /// How many bytes of the request's segments are with the transport.
  var requestOffset = 0

  /// A response head that has arrived in part.
  var partialHead: PooledBuffer?
  var headParser = ResponseHeadParser()
  var framing = BodyFraming.none
  var keepAlive = false
  var bodyRemaining: UInt64 = 0
  var chunked = ChunkedDecoder()
  var isBodyComplete = false

  /// Links of the endpoint's idle list, newest first; of the waiting list while resolving.
  var next: Upstream?
  var previous: Upstream?
}

/// One address that deployments are reached at, with its idle connections. It belongs to one
/// worker and lives as long as it, so connections survive a reload.
struct EndpointPool {
  let host: String
  let port: UInt16
  let isTLS: Bool
  let http2: HTTP2Use
  /// HTTP/2 connections whose streams serve requests.
  var sessions: UpstreamSession?
  /// It makes a connection for the others that wait; nil when none is being made.
  var leader: Upstream?
  /// Its connection was agreed to be HTTP/1.1.
  var speaksHTTP1Only = false
  var isLeaderWanted = false
  /// Made with the endpoint, so that its sessions are resumed.
  var tlsPeer: TLSPeer?
  var addresses: [SocketAddress] = []
  var addressIndex = 0
  /// When the addresses are asked for again.
  var addressExpiryMilliseconds: UInt64 = 0
  var isResolving = false
  var idle: Upstream?
  var idleCount = 0
  var openCount = 0
  /// Connections waiting for addresses.
  var waiting: Upstream?
  /// Requests waiting for a stream.
  var awaitingSession: Upstream?
  /// What its answers' usage looks like.
  let usageShape = UsageShape()
}
