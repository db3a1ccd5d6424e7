// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import Network
internal import Routing

/// A client connection in its worker's pool. Everything on the request path hangs on this pointer.
typealias Client = UnsafeMutablePointer<ClientConnection>

/// Where a client connection stands. Transitions go to the phases named.
enum ClientPhase: UInt8 {
  /// No byte of a request has come → `head`, `closed`.
  case idle
  /// Part of a head is there → `body`, `closed`.
  case head
  /// The exchange has begun, because the head is complete or because it will be refused; the
  /// request's end has not been read → `exchange`, `lingering` (refused), `closed`.
  case body
  /// The request is complete and being answered → `idle`, `tunnel`, `lingering`, `closed`.
  case exchange
  /// A WebSocket: bytes pass both ways → `lingering`, `closed`.
  case tunnel
  /// The last answer is out and FIN sent; what still arrives is thrown away, so that the answer is
  /// not lost to a reset → `closed`.
  case lingering
  case closed

  /// There is an exchange that has to be settled and whose holdings have to be given back.
  @inline(__always)
  var hasExchange: Bool { self == .body || self == .exchange || self == .tunnel }
}

/// One connection of a client: its bytes, its request and its exchange.
///
/// SAFETY: instances live in memory of the worker's pool, which is freed when the worker ends;
/// callbacks get the pointer as their owner and run on the worker's loop only.
struct ClientConnection {
  var transport: Transport
  var worker: Unmanaged<Worker>
  var timer = TimerNode()
  var phase = ClientPhase.idle
  var isProcessing = false
  var isReadingPaused = false
  /// The transport's queue went above the high mark: the upstream is not read.
  var isUpstreamPaused = false
  var isLoopback = false
  var sourceAddress = SourceAddress.unknown
  /// The timer of the request's head runs.
  var isHeadTimed = false
  /// FIN has come from the client.
  var hasEnded = false
  /// The request has an `x-request-id`.
  var namesRequestID = false

  /// Received and not yet answered bytes; nil while there are none.
  var input: PooledBuffer?
  var headParser = RequestHeadParser()
  var head = RequestHead()
  /// Bytes of `input` that belong to the request, framing included.
  var requestLength = 0
  /// The decoded body within `input`.
  var bodyStart = 0
  var bodyLength = 0
  var chunked = ChunkedDecoder()
  /// How far a chunked body has been decoded, as an offset into `input`.
  var chunkedOffset = 0

  var credential = CredentialCache()
  var exchange = Exchange()

  /// Links of the worker's list of open connections.
  var next: Client?
  var previous: Client?

  init(transport: Transport, worker: Unmanaged<Worker>) {
    self.transport = transport
    self.worker = worker
  }
}
