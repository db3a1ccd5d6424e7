// SPDX-License-Identifier: MIT

import EventLoop
import HTTPWire

/// A stream in its workspace's pool.
@usableFromInline typealias HTTP2Stream = UnsafeMutablePointer<HTTP2StreamState>

/// Where the bytes that a stream's owner writes stand in their HTTP/1.1 message. Transitions go to
/// the cases named.
enum HTTP2Outgoing {
  /// A head is next; after an interim one another → `length`, `chunked`, `untilClose`, `ended`.
  case head
  /// So many bytes of the body are to come → `ended`.
  case length(UInt64)
  /// The body has the chunked coding, which is taken out → `ended`.
  case chunked(ChunkedDecoder)
  /// The body ends with the owner's `shutdown` → `ended`.
  case untilClose
  /// The message is complete; nothing more is taken.
  case ended
}

/// One exchange of an HTTP/2 connection, behind the calls of a `Transport`.
///
/// SAFETY: lives in its workspace's pool, used on the loop's thread. It is in use while nghttp2
/// knows the stream (`isLive`), an owner holds it (`owner`), or it waits for its connection's
/// attention (`isQueued`); after that its generation has moved on.
@usableFromInline
struct HTTP2StreamState {
  var connection: Unmanaged<HTTP2Connection>?
  /// 0 until a client's request has been submitted.
  var identifier: Int32 = 0
  var generation: UInt32
  var owner: UnsafeMutableRawPointer?
  var callbacks: UnsafePointer<SocketCallbacks>?

  /// Nghttp2 knows the stream.
  var isLive = false
  var isQueued = false
  /// A request is complete, and the connection's owner has not been asked to take it.
  var needsOffer = false
  /// The owner was told that bytes are queued, and is to hear when they are gone.
  var awaitsDrained = false
  var needsDrained = false
  /// libuv's error number that the owner has still to be told; 0 for none.
  var failure: Int32 = 0

  // From the peer.
  var wantsReading = false
  /// HTTP/1.1 text that the owner has not been given.
  var input: PooledBuffer?
  var inputOffset = 0
  /// Bytes of DATA in `input`, for which the peer has not been given new window.
  var unconsumedCount = 0
  var incoming = BodyFraming.none
  var hasIncomingHead = false
  var hasIncomingEnded = false

  // To the peer.
  var outgoing = HTTP2Outgoing.head
  /// Bytes of the body that are not in a frame yet.
  var output: PooledBuffer?
  var outputOffset = 0
  var hasSubmitted = false
  /// The data provider had nothing to give, and must be woken.
  var isDeferred = false
  /// The other side's message has no body: it answers HEAD.
  var isHeadExchange = false
  /// The owner is gone; when that was noted, and how many bytes were to be sent then.
  var orphanedMilliseconds: UInt64 = 0

  /// Links of the connection's list; `next` of the pool's.
  var next: HTTP2Stream?
  var previous: HTTP2Stream?
  var nextQueued: HTTP2Stream?

  var hasOutgoingEnded: Bool {
    if case .ended = outgoing { return true }
    return false
  }

  var outputCount: Int { (output?.count ?? 0) - outputOffset }
}
