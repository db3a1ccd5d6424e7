// SPDX-License-Identifier: MIT

internal import CUV

/// Calls back on the loop whenever the process gets a signal.
public final class SignalWatch {
  private let handle: LoopHandle<uv_signal_t>
  private var action: () -> Void

  /// - Parameter signal: the signal's number, such as `SIGHUP`.
  public init(on loop: Loop, signal: Int32, action: @escaping () -> Void) throws(LoopError) {
    self.action = action
    handle = try LoopHandle(on: loop) { uv_signal_init(loop.uv, $0) }
    handle.setOwner(self)
    let status = uv_signal_start(
      handle.raw, { handle, _ in LoopHandle.owner(handle!, SignalWatch.self).action() }, signal)
    if status < 0 {
      handle.close()
      throw LoopError(code: status)
    }
  }

  public func close() {
    handle.close()
    action = {}
  }
}
