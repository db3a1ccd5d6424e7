// SPDX-License-Identifier: MIT

import Bytes
import EventLoop
import Glibc

extension TLSLinkState {
  /// Made once per process; the table of every TLS socket.
  ///
  /// SAFETY: written before it is shared, never changed.
  nonisolated(unsafe) static let socketCallbacks: UnsafePointer<SocketCallbacks> = {
    let table = UnsafeMutablePointer<SocketCallbacks>.allocate(capacity: 1)
    table.initialize(
      to: SocketCallbacks(
        onConnected: linkConnected, onAllocate: nil, onRead: linkRead, onEnd: linkEnded,
        onFailure: linkFailed, onDrained: linkDrained))
    return UnsafePointer(table)
  }()

  /// Decrypts and delivers until the session has used its input up or the owner stops reading.
  static func deliver(_ link: UnsafeMutablePointer<TLSLinkState>) {
    let generation = link.pointee.generation
    if link.pointee.session.isHandshaking {
      guard shakeHands(link) else { return }
    }
    while link.pointee.session.hasInput {
      if !link.pointee.wantsReading { return hold(link) }
      let target = readTarget(link)
      let step = link.pointee.session.read(into: target.baseAddress!, capacity: target.count)
      if case .failed(let error) = flush(link) {
        return failOwner(link, error)
      }
      switch step {
      case .bytes(let count):
        link.pointee.callbacks.pointee.onRead(link.pointee.owner, target.baseAddress!, count)
        if link.pointee.generation != generation { return }
      case .wantsInput, .wantsOutput: continue
      case .closed:
        link.pointee.hasEnded = true
        link.pointee.callbacks.pointee.onEnd(link.pointee.owner)
        return
      case .failed: return failOwner(link, .protocolError)
      }
    }
  }

  /// - Returns: true if the handshake is done and the link still stands.
  private static func shakeHands(_ link: UnsafeMutablePointer<TLSLinkState>) -> Bool {
    let generation = link.pointee.generation
    let step = link.pointee.session.handshake()
    if case .failed(let error) = flush(link) {
      failOwner(link, error)
      return false
    }
    if step == .failed {
      failOwner(link, .protocolError)
      return false
    }
    // More output than the workspace holds: it has been sent on, so go on.
    if step == .wantsOutput { return shakeHands(link) }
    if link.pointee.session.isHandshaking { return false }
    if !link.pointee.wantsReading { link.pointee.socket.stopReading() }
    link.pointee.callbacks.pointee.onConnected(link.pointee.owner)
    return link.pointee.generation == generation
  }

  /// The owner's own buffer if it lends one, else the workspace's.
  private static func readTarget(
    _ link: UnsafeMutablePointer<TLSLinkState>
  ) -> UnsafeMutableBufferPointer<UInt8> {
    guard let allocate = link.pointee.callbacks.pointee.onAllocate else {
      return link.pointee.session.workspace.plaintext
    }
    var base: UnsafeMutablePointer<UInt8>?
    var count = 0
    allocate(link.pointee.owner, &base, &count)
    guard let base, count > 0 else { return link.pointee.session.workspace.plaintext }
    return UnsafeMutableBufferPointer(start: base, count: count)
  }

  /// Copies the ciphertext not yet used, which lies in a borrowed buffer, for later.
  private static func hold(_ link: UnsafeMutablePointer<TLSLinkState>) {
    let rest = link.pointee.session.takeInput()
    if rest.isEmpty { return }
    assert(link.pointee.held == nil)
    link.pointee.held = link.pointee.loop._withUnsafeGuaranteedRef { loop in
      var buffer = loop.buffers.take(rest.count)
      memcpy(buffer.base, rest.base, rest.count)
      buffer.count = rest.count
      return buffer
    }
  }

  static func deliverHeld(_ link: UnsafeMutablePointer<TLSLinkState>) {
    let loop = link.pointee.loop
    guard let buffer = link.pointee.held else { return deliver(link) }
    link.pointee.held = nil
    link.pointee.session.feed(ByteView(base: buffer.base, count: buffer.count))
    deliver(link)
    loop._withUnsafeGuaranteedRef { $0.buffers.give(buffer) }
  }

  static func failOwner(_ link: UnsafeMutablePointer<TLSLinkState>, _ error: LoopError) {
    if link.pointee.hasEnded { return }
    link.pointee.hasEnded = true
    link.pointee.socket.stopReading()
    link.pointee.callbacks.pointee.onFailure(link.pointee.owner, error.code)
  }
}

private func linkState(_ owner: UnsafeMutableRawPointer) -> UnsafeMutablePointer<TLSLinkState> {
  owner.assumingMemoryBound(to: TLSLinkState.self)
}

private func linkConnected(_ owner: UnsafeMutableRawPointer) {
  let link = linkState(owner)
  link.pointee.session.handshake()
  if case .failed(let error) = TLSLinkState.flush(link) {
    return TLSLinkState.failOwner(link, error)
  }
  link.pointee.socket.startReading()
}

private func linkRead(_ owner: UnsafeMutableRawPointer, _ base: UnsafePointer<UInt8>, _ count: Int)
{
  let link = linkState(owner)
  // After the peer's close_notify nothing it sends counts.
  if link.pointee.hasEnded { return }
  link.pointee.session.feed(ByteView(base: base, count: count))
  TLSLinkState.deliver(link)
}

private func linkEnded(_ owner: UnsafeMutableRawPointer) {
  let link = linkState(owner)
  if link.pointee.hasEnded { return }
  if link.pointee.session.endOfInput() == .closed {
    link.pointee.hasEnded = true
    link.pointee.callbacks.pointee.onEnd(link.pointee.owner)
  } else {
    TLSLinkState.failOwner(link, .connectionReset)
  }
}

private func linkFailed(_ owner: UnsafeMutableRawPointer, _ code: Int32) {
  TLSLinkState.failOwner(linkState(owner), LoopError(code: code))
}

private func linkDrained(_ owner: UnsafeMutableRawPointer) {
  let link = linkState(owner)
  // The handshake's own bytes are no business of the owner's.
  if link.pointee.session.isHandshaking { return }
  link.pointee.callbacks.pointee.onDrained(link.pointee.owner)
}
