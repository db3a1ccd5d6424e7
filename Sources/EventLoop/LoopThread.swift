// SPDX-License-Identifier: MIT

internal import CUV

#if canImport(Glibc)
  internal import Glibc
#endif

/// A thread that runs a loop from start to end.
public final class LoopThread {
  private var thread = pthread_t()
  private var isJoined = false

  /// Starts a thread that calls `body`, which runs the loop and closes it.
  ///
  /// - Parameter name: at most 15 bytes, shown by `top -H` and debuggers.
  /// - Throws: `LoopError` when the system refuses another thread.
  public init(name: String, _ body: @escaping @Sendable () -> Void) throws(LoopError) {
    let box = Unmanaged.passRetained(ThreadBody(name: name, body: body))
    let status = pthread_create(
      &thread, nil,
      { argument in
        let box = Unmanaged<ThreadBody>.fromOpaque(argument!).takeRetainedValue()
        cuv_name_thread(box.name)
        box.body()
        return nil
      }, box.toOpaque())
    if status != 0 {
      box.release()
      isJoined = true
      throw LoopError(code: 0 - Int32(status))
    }
  }

  /// Waits for the thread's end.
  public func join() {
    guard !isJoined else { return }
    isJoined = true
    pthread_join(thread, nil)
  }

  deinit { assert(isJoined, "a loop thread was dropped without join()") }
}

private final class ThreadBody {
  let name: String
  let body: @Sendable () -> Void
  init(name: String, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }
}
