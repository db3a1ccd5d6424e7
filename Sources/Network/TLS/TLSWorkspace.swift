// SPDX-License-Identifier: MIT

public import Bytes
import Glibc

/// What all TLS sessions of one loop share: the buffer their ciphertext comes out in, buffers for
/// one record of plaintext in either direction, and the free lists of session and link states.
///
/// A session borrows the buffers only within a call; whoever called it sends the output on (or
/// copies what the socket did not take) before the next session runs. So an idle session owns no
/// buffer at all.
///
/// SAFETY: used on one thread; the storage lives until `destroy()`, which must come after the last
/// session's.
public struct TLSWorkspace: @unchecked Sendable {
  /// Room for three full records with their overhead, or any handshake flight.
  static let outputCapacity = 65_536
  /// The most plaintext one record carries (RFC 8446 §5.1).
  public static let recordPlaintextMaximum = 16_384
  /// Header, content type, tag, and TLS 1.2 CBC padding and MAC: more than any cipher adds.
  static let recordOverheadMaximum = 1_024
  static let freeStatesMaximum = 1_024

  let storage: UnsafeMutablePointer<TLSWorkspaceStorage>

  init(storage: UnsafeMutablePointer<TLSWorkspaceStorage>) { self.storage = storage }

  public init() {
    storage = .allocate(capacity: 1)
    storage.initialize(
      to: TLSWorkspaceStorage(
        output: .allocate(capacity: TLSWorkspace.outputCapacity),
        plaintext: .allocate(capacity: TLSWorkspace.recordPlaintextMaximum),
        gather: .allocate(capacity: TLSWorkspace.recordPlaintextMaximum)))
  }

  /// - Precondition: every session made here has been destroyed.
  public func destroy() {
    precondition(storage.pointee.liveCount == 0, "TLS sessions outlive their workspace")
    while let state = storage.pointee.free {
      storage.pointee.free = state.pointee.next
      state.deallocate()
    }
    while let link = storage.pointee.freeLinks {
      storage.pointee.freeLinks = link.pointee.next
      link.deallocate()
    }
    storage.pointee.output.deallocate()
    storage.pointee.gather.deallocate()
    storage.pointee.plaintext.deallocate()
    storage.deallocate()
  }

  /// Ciphertext the last session call produced and nobody has taken yet.
  public var output: ByteView {
    ByteView(base: storage.pointee.output, count: storage.pointee.outputCount)
  }

  /// Marks all output as sent on.
  public func clearOutput() { storage.pointee.outputCount = 0 }

  /// A buffer for one record of plaintext, for `TLSSession.read`.
  public var plaintext: UnsafeMutableBufferPointer<UInt8> {
    UnsafeMutableBufferPointer(
      start: storage.pointee.plaintext, count: TLSWorkspace.recordPlaintextMaximum)
  }

  /// A buffer to gather small writes in; a buffer of its own, since what is written may be a view
  /// of `plaintext`.
  var gather: UnsafeMutableBufferPointer<UInt8> {
    UnsafeMutableBufferPointer(
      start: storage.pointee.gather, count: TLSWorkspace.recordPlaintextMaximum)
  }

  /// Sessions in use.
  public var sessionCount: Int { storage.pointee.liveCount }
}

struct TLSWorkspaceStorage {
  var output: UnsafeMutablePointer<UInt8>
  var outputCount = 0
  var plaintext: UnsafeMutablePointer<UInt8>
  var gather: UnsafeMutablePointer<UInt8>
  var free: UnsafeMutablePointer<TLSSessionState>?
  var freeCount = 0
  var liveCount = 0
  var freeLinks: UnsafeMutablePointer<TLSLinkState>?
}

extension TLSWorkspace {
  func takeState() -> UnsafeMutablePointer<TLSSessionState> {
    storage.pointee.liveCount += 1
    guard let state = storage.pointee.free else { return .allocate(capacity: 1) }
    storage.pointee.free = state.pointee.next
    storage.pointee.freeCount -= 1
    return state
  }

  func giveBack(_ state: UnsafeMutablePointer<TLSSessionState>) {
    storage.pointee.liveCount -= 1
    if storage.pointee.freeCount == TLSWorkspace.freeStatesMaximum {
      state.deallocate()
      return
    }
    state.pointee.next = storage.pointee.free
    storage.pointee.free = state
    storage.pointee.freeCount += 1
  }

  /// A link with its generation set. Links stay allocated until the workspace is destroyed, since
  /// closed transports still read their generation.
  func takeLink() -> UnsafeMutablePointer<TLSLinkState> {
    if let link = storage.pointee.freeLinks {
      storage.pointee.freeLinks = link.pointee.next
      return link
    }
    let link = UnsafeMutablePointer<TLSLinkState>.allocate(capacity: 1)
    memset(link, 0, MemoryLayout<TLSLinkState>.size)
    return link
  }

  func giveBack(_ link: UnsafeMutablePointer<TLSLinkState>) {
    link.pointee.next = storage.pointee.freeLinks
    storage.pointee.freeLinks = link
  }
}
