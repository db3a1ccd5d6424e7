// SPDX-License-Identifier: MIT

internal import CUV

/// Calls back on the loop when something in a folder (or a file) changes.
///
/// Editors and configuration managers write in several steps, so events are gathered: the action
/// runs once nothing has changed for `quietMilliseconds`.
public final class FileWatch {
  private let handle: LoopHandle<uv_fs_event_t>
  private let quietTimer: LoopTimer
  private let quietMilliseconds: UInt64
  private var action: () -> Void

  /// - Throws: `LoopError` when the path does not exist or no more watches are to be had.
  public init(
    on loop: Loop, path: String, quietMilliseconds: UInt64 = 100, action: @escaping () -> Void
  ) throws(LoopError) {
    self.action = action
    self.quietMilliseconds = quietMilliseconds
    quietTimer = try LoopTimer(on: loop)
    do throws(LoopError) {
      handle = try LoopHandle(on: loop) { uv_fs_event_init(loop.uv, $0) }
    } catch {
      quietTimer.close()
      throw error
    }
    handle.setOwner(self)
    let status = uv_fs_event_start(
      handle.raw, { handle, _, _, _ in LoopHandle.owner(handle!, FileWatch.self).changed() }, path,
      0)
    if status < 0 {
      close()
      throw LoopError(code: status)
    }
  }

  private func changed() {
    quietTimer.start(delayMilliseconds: quietMilliseconds) { [unowned self] in action() }
  }

  public func close() {
    handle.close()
    quietTimer.close()
    action = {}
  }
}
