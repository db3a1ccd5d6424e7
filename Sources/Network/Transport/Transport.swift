// SPDX-License-Identifier: MIT

public import Bytes
public import EventLoop

/// A connection, with or without TLS, or a stream of an HTTP/2 connection, behind the calls and
/// callbacks of a `TCPSocket`.
///
/// The owner's `SocketCallbacks` mean the same either way: `onConnected` comes after the TLS
/// handshake, `onRead` brings plaintext, `onEnd` is the peer's orderly end (close_notify), and
/// `onFailure` covers TLS failures, with `tlsError` saying more. Without TLS the socket calls the
/// owner directly; a write costs one branch. A stream carries the text of one HTTP/1.1 exchange
/// either way, and is over with it.
///
/// SAFETY: plain values over the loop's pooled sockets and the workspace's pooled links; a closed
/// link's memory stays readable until the workspace is destroyed, and its generation has moved on.
public struct Transport {
  @usableFromInline
  enum Kind: UInt8 {
    case plain
    case tls
    case stream
  }

  /// Of a stream, its connection's.
  public let socket: TCPSocket
  /// The state of the kind: a `TLSLinkState`, an `HTTP2StreamState`; nil for a plain connection.
  private let state: UnsafeMutableRawPointer?
  let generation: UInt32
  @usableFromInline let kind: Kind

  /// A plain connection; the socket's owner and callbacks stay as they are.
  public init(_ socket: TCPSocket) {
    self.socket = socket
    state = nil
    generation = 0
    kind = .plain
  }

  init(_ link: UnsafeMutablePointer<TLSLinkState>) {
    socket = link.pointee.socket
    state = UnsafeMutableRawPointer(link)
    generation = link.pointee.generation
    kind = .tls
  }

  init(_ stream: HTTP2Stream, of connection: HTTP2Connection) {
    socket = connection.transport.socket
    state = UnsafeMutableRawPointer(stream)
    generation = stream.pointee.generation
    kind = .stream
  }

  var link: UnsafeMutablePointer<TLSLinkState>? {
    kind == .tls ? state!.assumingMemoryBound(to: TLSLinkState.self) : nil
  }

  var stream: HTTP2Stream? {
    kind == .stream ? state!.assumingMemoryBound(to: HTTP2StreamState.self) : nil
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
    switch kind {
    case .plain: socket.isOpen
    case .tls: link!.pointee.generation == generation
    case .stream: stream!.pointee.generation == generation
    }
  }

  /// Gives the connection to another owner with other callbacks.
  public func adopt(owner: UnsafeMutableRawPointer, callbacks: UnsafePointer<SocketCallbacks>) {
    if kind == .plain {
      socket.adopt(owner: owner, callbacks: callbacks)
      return
    }
    assert(isOpen, "transport used after close")
    if let link {
      link.pointee.owner = owner
      link.pointee.callbacks = callbacks
    } else if let stream {
      stream.pointee.owner = owner
      stream.pointee.callbacks = callbacks
    }
  }

  /// Bytes are delivered from now on, never before this returns.
  public func startReading() {
    if kind == .plain { return socket.startReading() }
    assert(isOpen, "transport used after close")
    if let link {
      TLSLinkState.startReading(link)
    } else if let stream {
      HTTP2Connection.startReading(stream)
    }
  }

  /// Nothing is delivered from now on; what was decrypted or read already is kept.
  public func stopReading() {
    if kind == .plain { return socket.stopReading() }
    assert(isOpen, "transport used after close")
    if let link {
      TLSLinkState.stopReading(link)
    } else if let stream {
      HTTP2Connection.stopReading(stream)
    }
  }

  public var isReading: Bool {
    switch kind {
    case .plain: socket.isReading
    case .tls: link!.pointee.wantsReading
    case .stream: stream!.pointee.wantsReading
    }
  }

  /// Bytes (of ciphertext, with TLS) written and not yet taken by the kernel: the measure for high
  /// and low water marks. Of a stream, those that wait for its window or its connection.
  public var queuedByteCount: Int {
    kind == .stream ? stream!.pointee.outputCount : socket.queuedByteCount
  }

  /// Writes the segments in order; all are taken. What the kernel does not take at once is queued,
  /// and `onDrained` follows. A TLS connection must be connected first. A stream takes each head
  /// within one segment.
  @inlinable @inline(__always)
  public func write(_ segments: UnsafeBufferPointer<ByteView>) -> TCPSocket.WriteResult {
    if kind == .plain { return socket.write(segments) }
    return writeLayered(segments)
  }

  @usableFromInline
  func writeLayered(_ segments: UnsafeBufferPointer<ByteView>) -> TCPSocket.WriteResult {
    if let link { return TLSLinkState.write(link, segments) }
    assert(isOpen, "transport used after close")
    return HTTP2Connection.write(stream!, segments)
  }

  @inlinable
  public func write(_ bytes: ByteView) -> TCPSocket.WriteResult {
    withUnsafePointer(to: bytes) { write(UnsafeBufferPointer(start: $0, count: 1)) }
  }

  /// Ends our direction (close_notify, then FIN) once what was written is out. Reading goes on.
  public func shutdown() {
    if let stream {
      assert(isOpen, "transport used after close")
      HTTP2Connection.shutdown(stream)
      return
    }
    if let link {
      assert(isOpen, "transport used after close")
      TLSLinkState.sendClose(link)
    }
    socket.shutdown()
  }

  /// Closes; nothing is called back any more. Calling it again does nothing. A stream whose message
  /// is complete still sends it to its end; any other is reset.
  public func close() {
    if kind == .plain { return socket.close() }
    guard isOpen else { return }
    if let stream {
      HTTP2Connection.close(stream, isReset: false)
    } else if let link {
      TLSLinkState.sendClose(link)
      socket.close()
      TLSLinkState.end(link)
    }
  }

  /// Closes with RST, so that the peer cannot take what it got for a whole message.
  public func reset() {
    if let stream {
      if isOpen { HTTP2Connection.close(stream, isReset: true) }
      return
    }
    socket.reset()
    guard let link, isOpen else { return }
    TLSLinkState.end(link)
  }

  public var peerAddress: SocketAddress? { socket.peerAddress }
}

extension Transport {
  public var isTLS: Bool { kind == .tls }

  /// A stream of an HTTP/2 connection: one exchange, and no connection of its own to linger on.
  public var isStream: Bool { kind == .stream }

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
