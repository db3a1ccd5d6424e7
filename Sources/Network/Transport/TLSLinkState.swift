// SPDX-License-Identifier: MIT

import EventLoop

/// The pooled state between a socket and the owner of a TLS transport: the socket calls it with
/// ciphertext, it calls the owner with plaintext.
///
/// SAFETY: owned by the workspace's free list, used on the loop's thread. Every call into the owner
/// may close the transport, so the generation is compared after each.
@usableFromInline
struct TLSLinkState {
  var socket: TCPSocket
  var session: TLSSession
  var loop: Unmanaged<Loop>
  var owner: UnsafeMutableRawPointer
  var callbacks: UnsafePointer<SocketCallbacks>
  var generation: UInt32 = 0
  /// The owner wants bytes. The handshake reads regardless.
  var wantsReading = false
  /// The owner has been told of the end or of a failure: nothing more is delivered.
  var hasEnded = false
  var isResumeScheduled = false
  /// Ciphertext that had been read when the owner stopped reading.
  var held: PooledBuffer?
  var next: UnsafeMutablePointer<TLSLinkState>?

  static func open(
    _ link: UnsafeMutablePointer<TLSLinkState>, _ socket: TCPSocket, _ session: TLSSession,
    _ loop: Loop, _ owner: UnsafeMutableRawPointer, _ callbacks: UnsafePointer<SocketCallbacks>
  ) {
    // The memory has either been initialized by a former life or by `takeLink`.
    let generation = link.pointee.generation
    link.pointee = TLSLinkState(
      socket: socket, session: session, loop: .passUnretained(loop), owner: owner,
      callbacks: callbacks, generation: generation)
  }

  /// Gives the link back; the socket has been closed.
  static func end(_ link: UnsafeMutablePointer<TLSLinkState>) {
    link.pointee.generation &+= 1
    if let held = link.pointee.held {
      link.pointee.loop._withUnsafeGuaranteedRef { $0.buffers.give(held) }
      link.pointee.held = nil
    }
    let workspace = link.pointee.session.workspace
    link.pointee.session.destroy()
    workspace.giveBack(link)
  }

  static func startReading(_ link: UnsafeMutablePointer<TLSLinkState>) {
    if link.pointee.wantsReading { return }
    link.pointee.wantsReading = true
    if link.pointee.session.isHandshaking || link.pointee.hasEnded { return }
    if link.pointee.held != nil || link.pointee.session.hasPending {
      scheduleResume(link)
    } else {
      link.pointee.socket.startReading()
    }
  }

  static func stopReading(_ link: UnsafeMutablePointer<TLSLinkState>) {
    link.pointee.wantsReading = false
    if !link.pointee.session.isHandshaking { link.pointee.socket.stopReading() }
  }

  /// Delivers what was held back, on a later turn: `startReading` never calls the owner itself.
  private static func scheduleResume(_ link: UnsafeMutablePointer<TLSLinkState>) {
    if link.pointee.isResumeScheduled { return }
    link.pointee.isResumeScheduled = true
    let reference = TLSLinkReference(link: link, generation: link.pointee.generation)
    link.pointee.loop._withUnsafeGuaranteedRef { loop in
      loop.execute { reference.resume() }
    }
  }
}

/// A link as a queued resume remembers it.
///
/// SAFETY: only looked at on the loop's thread; the memory outlives the loop's queue.
private struct TLSLinkReference: @unchecked Sendable {
  let link: UnsafeMutablePointer<TLSLinkState>
  let generation: UInt32

  func resume() {
    guard link.pointee.generation == generation else { return }
    link.pointee.isResumeScheduled = false
    guard link.pointee.wantsReading else { return }
    TLSLinkState.deliverHeld(link)
    guard link.pointee.generation == generation, link.pointee.wantsReading,
      !link.pointee.hasEnded, link.pointee.held == nil
    else { return }
    link.pointee.socket.startReading()
  }
}
