// SPDX-License-Identifier: MIT

import Bytes
import CNGHTTP2

/// What all HTTP/2 connections of one loop share: nghttp2's table of callbacks, the pool of stream
/// states, and memory for the call under way.
///
/// SAFETY: used on one thread; the storage lives until `destroy()`, which must come after the last
/// connection's end. Stream states stay allocated until then, since closed transports still read
/// their generation.
public struct HTTP2Workspace: @unchecked Sendable {
  /// Frames are gathered up to this size for one write to the socket.
  static let gatherCapacity = 64 << 10
  /// One frame of the default largest size, with its head.
  static let frameBytesMaximum = 16_384 + 9

  let storage: UnsafeMutablePointer<HTTP2WorkspaceStorage>

  public init() {
    storage = .allocate(capacity: 1)
    storage.initialize(
      to: HTTP2WorkspaceStorage(
        gather: .allocate(capacity: HTTP2Workspace.gatherCapacity),
        scratch: .allocate(capacity: HTTP2Workspace.gatherCapacity),
        scratchCapacity: HTTP2Workspace.gatherCapacity))
  }

  /// - Precondition: every connection made here has ended.
  public func destroy() {
    precondition(storage.pointee.liveCount == 0, "HTTP/2 streams outlive their workspace")
    while let state = storage.pointee.free {
      storage.pointee.free = state.pointee.next
      state.deallocate()
    }
    nghttp2_session_callbacks_del(storage.pointee.callbacks)
    nghttp2_option_del(storage.pointee.options)
    storage.pointee.gather.deallocate()
    storage.pointee.scratch.deallocate()
    storage.deallocate()
  }

  /// Streams in use.
  public var streamCount: Int { storage.pointee.liveCount }

  /// Memory for a field section, good until the next call.
  func scratch(_ capacity: Int) -> ByteWriter {
    if storage.pointee.scratchCapacity < capacity {
      storage.pointee.scratch.deallocate()
      storage.pointee.scratch = .allocate(capacity: capacity)
      storage.pointee.scratchCapacity = capacity
    }
    return ByteWriter(base: storage.pointee.scratch, capacity: storage.pointee.scratchCapacity)
  }

  /// Nghttp2's callbacks and options, made with the first connection.
  func prepare() -> Bool {
    if storage.pointee.callbacks != nil { return true }
    var callbacks: OpaquePointer?
    var options: OpaquePointer?
    guard nghttp2_session_callbacks_new(&callbacks) == 0 else { return false }
    guard nghttp2_option_new(&options) == 0 else {
      nghttp2_session_callbacks_del(callbacks)
      return false
    }
    HTTP2Connection.setCallbacks(callbacks)
    nghttp2_option_set_no_auto_window_update(options, 1)
    nghttp2_option_set_no_closed_streams(options, 1)
    nghttp2_option_set_max_continuations(options, HTTP2Limits.continuationFramesMaximum)
    nghttp2_option_set_max_outbound_ack(options, HTTP2Limits.queuedAcknowledgementsMaximum)
    nghttp2_option_set_max_settings(options, HTTP2Limits.settingsEntriesMaximum)
    // `HTTP2FloodBudget` counts resets, those that the peer provokes too.
    nghttp2_option_set_stream_reset_rate_limit(options, 2_000, 1_000)
    storage.pointee.callbacks = callbacks
    storage.pointee.options = options
    return true
  }

  func takeState() -> HTTP2Stream {
    storage.pointee.liveCount += 1
    if let state = storage.pointee.free {
      storage.pointee.free = state.pointee.next
      return state
    }
    let state = HTTP2Stream.allocate(capacity: 1)
    state.initialize(to: HTTP2StreamState(generation: 0))
    return state
  }

  func giveBack(_ state: HTTP2Stream) {
    storage.pointee.liveCount -= 1
    state.pointee.next = storage.pointee.free
    storage.pointee.free = state
  }
}

struct HTTP2WorkspaceStorage {
  var callbacks: OpaquePointer?
  var options: OpaquePointer?
  var gather: UnsafeMutablePointer<UInt8>
  var scratch: UnsafeMutablePointer<UInt8>
  var scratchCapacity: Int
  var free: HTTP2Stream?
  var liveCount = 0
}
