// SPDX-License-Identifier: MIT

public import Bytes
public import EventLoop

/// A connection, with or without TLS, behind the calls and callbacks of a `TCPSocket`.
///
/// The owner's `SocketCallbacks` mean the same either way: `onConnected` comes after the TLS
/// handshake, `onRead` brings plaintext, `onEnd` is the peer's orderly end (close_notify), and
/// `onFailure` covers TLS failures, with `tlsError` saying more. Without TLS the socket calls the
/// owner directly; a write costs one branch.
///
/// SAFETY: plain values over the loop's pooled sockets and the workspace's pooled links; a closed
/// link's memory stays readable until the workspace is destroyed, and its generation has moved on.
public struct Transport {
  public let socket: TCPSocket
  @usableFromInline let link: UnsafeMutablePointer<TLSLinkState>?
  let generation: UInt32

  /// A plain connection; the socket's owner and callbacks stay as they are.
  public init(_ socket: TCPSocket) {
    self.socket = socket
    link = nil
    generation = 0
  }

  init(_ link: UnsafeMutablePointer<TLSLinkState>) {
    socket = link.pointee.socket
    self.link = link
    generation = link.pointee.generation
  }

  // MARK: Opening

  /// Connects to `address` and, if there is a peer, shakes hands with it. `onConnected` or
  /// `onFailure` follows, never before this returns.
  ///
  /// - Throws: what the system says of the connect; `ENOMEM` if OpenSSL has no memory.
  public static func connect(
    on loop: Loop, to address: SocketAddress, tls peer: TLSPeer? = nil,
    in workspace: TLSWorkspace, owner: UnsafeMutableRawPointer,
    callbacks: UnsafePointer<SocketCallbacks>
  ) throws(LoopError) -> Transport {
    guard let peer else {
      return Transport(
        try TCPSocket.connect(on: loop, to: address, owner: owner, callbacks: callbacks))
    }
    guard let session = try? TLSSession.client(peer, in: workspace) else {
      throw LoopError.outOfMemory
    }
    let link = workspace.takeLink()
    do throws(LoopError) {
      let socket = try TCPSocket.connect(
        on: loop, to: address, owner: link, callbacks: TLSLinkState.socketCallbacks)
      TLSLinkState.open(link, socket, session, loop, owner, callbacks)
      return Transport(link)
    } catch {
      session.destroy()
      workspace.giveBack(link)
      throw error
    }
  }

  /// Takes an accepted socket over. With a context the client's handshake comes first; bytes are
  /// delivered after `startReading()` as ever.
  ///
  /// - Throws: `ENOMEM` if OpenSSL has no memory; the socket is closed then.
  public static func accept(
    _ socket: TCPSocket, on loop: Loop, tls context: TLSContext? = nil, in workspace: TLSWorkspace,
    owner: UnsafeMutableRawPointer, callbacks: UnsafePointer<SocketCallbacks>
  ) throws(LoopError) -> Transport {
    guard let context else {
      socket.adopt(owner: owner, callbacks: callbacks)
      return Transport(socket)
    }
    guard let session = try? TLSSession.server(context, in: workspace) else {
      socket.close()
      throw LoopError.outOfMemory
    }
    let link = workspace.takeLink()
    socket.adopt(owner: link, callbacks: TLSLinkState.socketCallbacks)
    TLSLinkState.open(link, socket, session, loop, owner, callbacks)
    socket.startReading()
    return Transport(link)
  }

  // MARK: Calls of a socket

  /// False once `close()` was called through this or any copy of the handle.
  public var isOpen: Bool {
    guard let link else { return socket.isOpen }
    return link.pointee.generation == generation
  }

  /// Gives the connection to another owner with other callbacks.
  public func adopt(owner: UnsafeMutableRawPointer, callbacks: UnsafePointer<SocketCallbacks>) {
    guard let link else {
      socket.adopt(owner: owner, callbacks: callbacks)
      return
    }
    assert(isOpen, "transport used after close")
    link.pointee.owner = owner
    link.pointee.callbacks = callbacks
  }

  /// Bytes are delivered from now on, never before this returns.
  public func startReading() {
    guard let link else { return socket.startReading() }
    assert(isOpen, "transport used after close")
    TLSLinkState.startReading(link)
  }

  /// Nothing is delivered from now on; what was decrypted or read already is kept.
  public func stopReading() {
    guard let link else { return socket.stopReading() }
    assert(isOpen, "transport used after close")
    TLSLinkState.stopReading(link)
  }

  public var isReading: Bool { link.map { $0.pointee.wantsReading } ?? socket.isReading }

  /// Bytes (of ciphertext, with TLS) written and not yet taken by the kernel: the measure for high
  /// and low water marks.
  public var queuedByteCount: Int { socket.queuedByteCount }

  /// Writes the segments in order; all are taken. What the kernel does not take at once is queued,
  /// and `onDrained` follows. A TLS connection must be connected first.
  @inlinable @inline(__always)
  public func write(_ segments: UnsafeBufferPointer<ByteView>) -> TCPSocket.WriteResult {
    if let link { return TLSLinkState.write(link, segments) }
    return socket.write(segments)
  }

  @inlinable
  public func write(_ bytes: ByteView) -> TCPSocket.WriteResult {
    withUnsafePointer(to: bytes) { write(UnsafeBufferPointer(start: $0, count: 1)) }
  }

  /// Ends our direction (close_notify, then FIN) once what was written is out. Reading goes on.
  public func shutdown() {
    if let link {
      assert(isOpen, "transport used after close")
      TLSLinkState.sendClose(link)
    }
    socket.shutdown()
  }

  /// Closes; nothing is called back any more. Calling it again does nothing.
  public func close() {
    guard let link else { return socket.close() }
    guard isOpen else { return }
    TLSLinkState.sendClose(link)
    socket.close()
    TLSLinkState.end(link)
  }

  /// Closes with RST, so that the peer cannot take what it got for a whole message.
  public func reset() {
    socket.reset()
    guard let link, isOpen else { return }
    TLSLinkState.end(link)
  }

  public var peerAddress: SocketAddress? { socket.peerAddress }
}

extension Transport {
  public var isTLS: Bool { link != nil }

  /// Why TLS failed, for the owner's `onFailure`; nil without TLS or if TLS is not to blame.
  public var tlsError: TLSError? {
    guard let link, isOpen, link.pointee.session.isFailed else { return nil }
    return link.pointee.session.error
  }

  /// What ALPN settled on; nil without TLS, before the handshake's end, or if nothing was agreed.
  public var applicationProtocol: ApplicationProtocol? {
    guard let link, isOpen else { return nil }
    return link.pointee.session.applicationProtocol
  }

  /// Whether the TLS handshake resumed an earlier session.
  public var isResumed: Bool {
    guard let link, isOpen else { return false }
    return link.pointee.session.isResumed
  }
}
