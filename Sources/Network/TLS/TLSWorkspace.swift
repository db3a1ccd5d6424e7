// SPDX-License-Identifier: MIT

public import Bytes

/// What all TLS sessions of one loop share: the buffer their ciphertext comes out in, a buffer for
/// one record of plaintext, and the free list of session states.
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
  static let freeSessionsMaximum = 1_024

  let storage: UnsafeMutablePointer<TLSWorkspaceStorage>

  init(storage: UnsafeMutablePointer<TLSWorkspaceStorage>) { self.storage = storage }

  public init() {
    storage = .allocate(capacity: 1)
    storage.initialize(
      to: TLSWorkspaceStorage(
        output: .allocate(capacity: TLSWorkspace.outputCapacity), outputCount: 0,
        plaintext: .allocate(capacity: TLSWorkspace.recordPlaintextMaximum), free: nil,
        freeCount: 0, liveCount: 0))
  }

  /// - Precondition: every session made here has been destroyed.
  public func destroy() {
    precondition(storage.pointee.liveCount == 0, "TLS sessions outlive their workspace")
    while let state = storage.pointee.free {
      storage.pointee.free = state.pointee.next
      state.deallocate()
    }
    storage.pointee.output.deallocate()
    storage.pointee.plaintext.deallocate()
    storage.deallocate()
  }

  /// Ciphertext the last session call produced and nobody has taken yet.
  public var output: ByteView {
    ByteView(base: storage.pointee.output, count: storage.pointee.outputCount)
  }

  /// Marks all output as sent on.
  public func clearOutput() { storage.pointee.outputCount = 0 }

  /// A buffer for one record of plaintext, for `TLSSession.read` and for gathering small writes.
  public var plaintext: UnsafeMutableBufferPointer<UInt8> {
    UnsafeMutableBufferPointer(
      start: storage.pointee.plaintext, count: TLSWorkspace.recordPlaintextMaximum)
  }

  /// Sessions in use.
  public var sessionCount: Int { storage.pointee.liveCount }
}

struct TLSWorkspaceStorage {
  var output: UnsafeMutablePointer<UInt8>
  var outputCount: Int
  var plaintext: UnsafeMutablePointer<UInt8>
  var free: UnsafeMutablePointer<TLSSessionState>?
  var freeCount: Int
  var liveCount: Int
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
    if storage.pointee.freeCount == TLSWorkspace.freeSessionsMaximum {
      state.deallocate()
      return
    }
    state.pointee.next = storage.pointee.free
    storage.pointee.free = state
    storage.pointee.freeCount += 1
  }
}
