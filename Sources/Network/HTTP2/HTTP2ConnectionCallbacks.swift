// SPDX-License-Identifier: MIT

/// What an HTTP/2 connection tells its owner. Called on the loop.
///
/// A table of C functions as `SocketCallbacks` is: the first argument is the owner.
public struct HTTP2ConnectionCallbacks: Sendable {
  /// A request has come: `connection` and `stream` are for `HTTP2Connection.adopt`, which is to be
  /// called before this returns; a stream that is not adopted is refused (REFUSED_STREAM).
  public typealias Offer =
    @convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer, UnsafeMutableRawPointer) ->
    Void
  /// The connection has ended and calls nothing more. It may be closing for a while before.
  public typealias Closed =
    @convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer) ->
    Void

  public var onStream: Offer
  public var onClosed: Closed

  public init(onStream: @escaping Offer, onClosed: @escaping Closed) {
    self.onStream = onStream
    self.onClosed = onClosed
  }
}
