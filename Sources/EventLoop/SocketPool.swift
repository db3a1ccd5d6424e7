// SPDX-License-Identifier: MIT

internal import CUV

/// What a socket tells its owner. All are called on the loop with the owner given to the socket;
/// none is called after `close()`.
///
/// A table of C function pointers and not closures or a protocol: one indirect call per event, no
/// reference counting. Make one `static let` table per kind of owner.
public struct SocketCallbacks: Sendable {
  public typealias Event = @convention(c) (UnsafeMutableRawPointer) -> Void
  public typealias Failure = @convention(c) (UnsafeMutableRawPointer, Int32) -> Void
  public typealias Read =
    @convention(c) (UnsafeMutableRawPointer, UnsafePointer<UInt8>, Int) -> Void
  /// Sets where the next bytes go; leaving the count at 0 means the loop's scratch buffer.
  public typealias Allocate =
    @convention(c) (
      UnsafeMutableRawPointer, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>,
      UnsafeMutablePointer<Int>
    ) -> Void

  /// A connect succeeded.
  public var onConnected: Event
  /// A buffer is wanted for reading.
  public var onAllocate: Allocate?
  /// `count` > 0 bytes arrived in the buffer of `onAllocate`, or in the loop's scratch buffer.
  public var onRead: Read
  /// The peer sent FIN: no more bytes will come. Writing is still possible.
  public var onEnd: Event
  /// The connection is broken (libuv error number), or a connect failed. Close it.
  public var onFailure: Failure
  /// The queue of unsent bytes, which was not empty, is empty now.
  public var onDrained: Event

  public init(
    onConnected: @escaping Event, onAllocate: Allocate?, onRead: @escaping Read,
    onEnd: @escaping Event, onFailure: @escaping Failure, onDrained: @escaping Event
  ) {
    self.onConnected = onConnected
    self.onAllocate = onAllocate
    self.onRead = onRead
    self.onEnd = onEnd
    self.onFailure = onFailure
    self.onDrained = onDrained
  }
}

/// The pooled memory of one socket. The libuv handle stands first, so that the handle's address is
/// the state's.
struct SocketState {
  var handle = uv_tcp_t()
  var request = SocketRequest()
  var loop: Unmanaged<Loop>
  var owner: UnsafeMutableRawPointer?
  var callbacks: UnsafePointer<SocketCallbacks>
  var generation: UInt32 = 0
  var isOpen = false
  var isReading = false
  var isWriting = false
  var shutdownAfterWrites = false
  /// Bytes handed to the kernel by the write under way, and what waits behind it.
  var writing: PooledBuffer?
  var waiting: PooledBuffer?
  var nextFree: UnsafeMutablePointer<SocketState>?
}

/// A socket connects before it writes and shuts down after, so the requests share their memory.
struct SocketRequest {
  var connect = uv_connect_t()
  var write = uv_write_t()
  var shutdown = uv_shutdown_t()
}

/// Free list of socket states, for one loop.
struct SocketPool {
  private var free: UnsafeMutablePointer<SocketState>?
  private(set) var openCount = 0

  mutating func take(
    loop: Loop, owner: UnsafeMutableRawPointer?, callbacks: UnsafePointer<SocketCallbacks>
  ) -> UnsafeMutablePointer<SocketState> {
    openCount += 1
    let state: UnsafeMutablePointer<SocketState>
    if let head = free {
      free = head.pointee.nextFree
      state = head
    } else {
      state = .allocate(capacity: 1)
      state.initialize(
        to: SocketState(loop: .passUnretained(loop), owner: nil, callbacks: callbacks))
    }
    state.pointee.owner = owner
    state.pointee.callbacks = callbacks
    state.pointee.isOpen = true
    state.pointee.isReading = false
    state.pointee.isWriting = false
    state.pointee.shutdownAfterWrites = false
    return state
  }

  mutating func give(_ state: UnsafeMutablePointer<SocketState>) {
    openCount -= 1
    state.pointee.nextFree = free
    free = state
  }

  mutating func freeAll() {
    while let head = free {
      free = head.pointee.nextFree
      head.deallocate()
    }
  }
}
