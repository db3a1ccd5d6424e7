// SPDX-License-Identifier: MIT

internal import CUV

extension Loop {
  /// Runs `body` on libuv's thread pool and returns its result: for what blocks (file reads,
  /// compiling policies). May be called from any thread.
  ///
  /// The pool has four threads unless `UV_THREADPOOL_SIZE` says otherwise.
  public func runOnThreadPool<Result: Sendable>(
    _ body: @escaping @Sendable () -> Result
  ) async -> Result {
    await withCheckedContinuation { continuation in
      execute { [self] in
        let box = ThreadPoolBox(
          work: { continuation.resume(returning: body()) },
          refused: { continuation.resume(returning: body()) })
        box.start(on: self)
      }
    }
  }
}

/// The request's memory and its closures, kept alive until libuv calls back.
private final class ThreadPoolBox {
  private let request: UnsafeMutablePointer<uv_work_t>
  private let work: () -> Void
  private let refused: () -> Void

  init(work: @escaping () -> Void, refused: @escaping () -> Void) {
    request = .allocate(capacity: 1)
    self.work = work
    self.refused = refused
  }

  deinit { request.deallocate() }

  func start(on loop: Loop) {
    request.pointee.data = Unmanaged.passRetained(self).toOpaque()
    let status = uv_queue_work(
      loop.uv, request,
      { Unmanaged<ThreadPoolBox>.fromOpaque($0!.pointee.data).takeUnretainedValue().work() },
      { request, _ in Unmanaged<ThreadPoolBox>.fromOpaque(request!.pointee.data).release() })
    if status < 0 {
      // Only a bad argument fails; the caller still gets its answer, on this thread.
      Unmanaged<ThreadPoolBox>.fromOpaque(request.pointee.data).release()
      refused()
    }
  }
}
