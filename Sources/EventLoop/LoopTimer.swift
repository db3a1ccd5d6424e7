// SPDX-License-Identifier: MIT

internal import CUV

/// A timer of its own, for the control plane and for periodic work. The request path uses the
/// loop's `TimerWheel`.
public final class LoopTimer {
  private let handle: LoopHandle<uv_timer_t>
  private var action: () -> Void = {}

  public init(on loop: Loop) throws(LoopError) {
    handle = try LoopHandle(on: loop) { uv_timer_init(loop.uv, $0) }
    handle.setOwner(self)
  }

  /// Calls `action` after `delayMilliseconds`, then every `repeatMilliseconds` unless that is 0.
  /// Starting again replaces what was started.
  public func start(
    delayMilliseconds: UInt64, repeatMilliseconds: UInt64 = 0, _ action: @escaping () -> Void
  ) {
    precondition(handle.isOpen, "timer used after close")
    self.action = action
    uv_timer_start(
      handle.raw, { LoopHandle.owner($0!, LoopTimer.self).action() }, delayMilliseconds,
      repeatMilliseconds)
  }

  public func stop() {
    if handle.isOpen { uv_timer_stop(handle.raw) }
  }

  public func close() {
    handle.close()
    action = {}
  }
}
