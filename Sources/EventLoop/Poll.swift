// SPDX-License-Identifier: MIT

internal import CUV

/// Readiness of a descriptor that another library owns (libcurl, hiredis, libpq).
public final class Poll {
  public struct Events: OptionSet, Sendable {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let readable = Events(rawValue: 1)
    public static let writable = Events(rawValue: 2)
    public static let disconnected = Events(rawValue: 4)
  }

  private let handle: LoopHandle<uv_poll_t>
  private var action: (Events, LoopError?) -> Void

  /// - Parameter descriptor: a non-blocking socket; it must be open while the poll is.
  public init(
    on loop: Loop, descriptor: Int32, action: @escaping (Events, LoopError?) -> Void
  ) throws(LoopError) {
    self.action = action
    handle = try LoopHandle(on: loop) { uv_poll_init(loop.uv, $0, descriptor) }
    handle.setOwner(self)
  }

  /// Asks for these events from now on; an empty set pauses the poll.
  public func watch(_ events: Events) {
    precondition(handle.isOpen, "poll used after close")
    if events.isEmpty {
      uv_poll_stop(handle.raw)
      return
    }
    uv_poll_start(handle.raw, events.rawValue) { handle, status, events in
      let poll = LoopHandle.owner(handle!, Poll.self)
      poll.action(Events(rawValue: events), status < 0 ? LoopError(code: status) : nil)
    }
  }

  public func close() {
    handle.close()
    action = { _, _ in }
  }
}
