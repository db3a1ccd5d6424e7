// SPDX-License-Identifier: MIT

internal import CUV
internal import Clocks

#if canImport(Glibc)
  internal import Glibc
#endif

// The calls of libuv that `EventLoop` makes, as this program's own symbols: the linker takes them
// before the shared library's. What only computes (texts of errors, addresses) stays libuv's.
//
// SAFETY: pointers are the gateway's, valid as libuv demands of its callers.

@_cdecl("uv_loop_init")
func simulatedLoopInit(_ loop: UnsafeMutablePointer<uv_loop_t>?) -> Int32 { 0 }

@_cdecl("uv_loop_close")
func simulatedLoopClose(_ loop: UnsafeMutablePointer<uv_loop_t>?) -> Int32 {
  World.current.openHandleCount == 0 ? 0 : Int32(UV_EBUSY.rawValue)
}

@_cdecl("uv_run")
func simulatedRun(_ loop: UnsafeMutablePointer<uv_loop_t>?, _ mode: uv_run_mode) -> Int32 {
  World.current.run(mode)
}

@_cdecl("uv_stop")
func simulatedStop(_ loop: UnsafeMutablePointer<uv_loop_t>?) { World.current.isStopped = true }

@_cdecl("uv_now")
func simulatedNow(_ loop: UnsafePointer<uv_loop_t>?) -> UInt64 { World.current.loopMilliseconds }

@_cdecl("uv_hrtime")
func simulatedHighResolutionTime() -> UInt64 {
  // Each look at the clock takes a moment.
  World.current.now += 40
  return World.current.now
}

@_cdecl("uv_unref")
func simulatedUnreference(_ handle: UnsafeMutablePointer<uv_handle_t>?) {}

@_cdecl("uv_close")
func simulatedClose(_ handle: UnsafeMutablePointer<uv_handle_t>?, _ callback: uv_close_cb?) {
  World.current.close(handle, callback)
}

@_cdecl("uv_fileno")
func simulatedFileNumber(
  _ handle: UnsafePointer<uv_handle_t>?, _ number: UnsafeMutablePointer<uv_os_fd_t>?
) -> Int32 {
  // Asked for by `cuv_tcp_linger_zero` alone; there is no descriptor to set the option on.
  World.current.stream(UnsafeMutablePointer(mutating: handle)).lingersZero = true
  return Int32(UV_EBADF.rawValue)
}

// MARK: Timers and wake-ups

@_cdecl("uv_timer_init")
func simulatedTimerInit(
  _ loop: UnsafeMutablePointer<uv_loop_t>?, _ timer: UnsafeMutablePointer<uv_timer_t>?
) -> Int32 {
  let raw = UnsafeMutableRawPointer(timer!).assumingMemoryBound(to: uv_handle_t.self)
  World.current.add { SimulatedTimer(number: $0, raw: raw) }
  return 0
}

@_cdecl("uv_timer_start")
func simulatedTimerStart(
  _ timer: UnsafeMutablePointer<uv_timer_t>?, _ callback: uv_timer_cb?, _ delay: UInt64,
  _ repeats: UInt64
) -> Int32 {
  let world = World.current!
  guard let handle = world.handle(timer) as? SimulatedTimer, !handle.isClosing else {
    return Int32(UV_EINVAL.rawValue)
  }
  handle.callback = callback
  world.start(handle, delay: delay, repeats: repeats)
  return 0
}

@_cdecl("uv_timer_stop")
func simulatedTimerStop(_ timer: UnsafeMutablePointer<uv_timer_t>?) -> Int32 {
  (World.current.handle(timer) as? SimulatedTimer)?.dueMilliseconds = nil
  return 0
}

@_cdecl("uv_async_init")
func simulatedAsyncInit(
  _ loop: UnsafeMutablePointer<uv_loop_t>?, _ async: UnsafeMutablePointer<uv_async_t>?,
  _ callback: uv_async_cb?
) -> Int32 {
  let raw = UnsafeMutableRawPointer(async!).assumingMemoryBound(to: uv_handle_t.self)
  World.current.add { number in
    let handle = SimulatedAsync(number: number, raw: raw)
    handle.callback = callback
    return handle
  }
  return 0
}

@_cdecl("uv_async_send")
func simulatedAsyncSend(_ async: UnsafeMutablePointer<uv_async_t>?) -> Int32 {
  (World.current.handle(async) as? SimulatedAsync)?.isPending = true
  return 0
}

// MARK: Names and work

@_cdecl("uv_getaddrinfo")
func simulatedResolve(
  _ loop: UnsafeMutablePointer<uv_loop_t>?, _ request: UnsafeMutablePointer<uv_getaddrinfo_t>?,
  _ callback: uv_getaddrinfo_cb?, _ node: UnsafePointer<CChar>?,
  _ service: UnsafePointer<CChar>?, _ hints: UnsafePointer<addrinfo>?
) -> Int32 {
  let world = World.current!
  let outcome = world.onResolve(String(cString: node!))
  world.requestCount += 1
  world.note("resolve", outcome.addresses.count, 0)
  world.after(outcome.delay) {
    world.completions.append {
      world.requestCount -= 1
      let status = outcome.addresses.isEmpty ? Int32(UV_EAI_NONAME.rawValue) : 0
      callback?(request, status, makeAddressList(outcome.addresses))
    }
  }
  return 0
}

/// A list as `getaddrinfo` makes them, each entry in one allocation with its address.
private func makeAddressList(_ addresses: [UInt32]) -> UnsafeMutablePointer<addrinfo>? {
  var head: UnsafeMutablePointer<addrinfo>?
  for word in addresses.reversed() {
    let entry = UnsafeMutablePointer<addrinfo>.allocate(capacity: 1)
    let address = UnsafeMutablePointer<sockaddr_in>.allocate(capacity: 1)
    entry.initialize(to: addrinfo())
    address.initialize(to: sockaddr_in())
    address.pointee.sin_family = sa_family_t(AF_INET)
    address.pointee.sin_addr.s_addr = word.bigEndian
    entry.pointee.ai_family = AF_INET
    entry.pointee.ai_addrlen = socklen_t(MemoryLayout<sockaddr_in>.size)
    entry.pointee.ai_addr = UnsafeMutableRawPointer(address).assumingMemoryBound(to: sockaddr.self)
    entry.pointee.ai_next = head
    head = entry
  }
  return head
}

@_cdecl("uv_freeaddrinfo")
func simulatedFreeAddressList(_ list: UnsafeMutablePointer<addrinfo>?) {
  var next = list
  while let entry = next {
    next = entry.pointee.ai_next
    UnsafeMutableRawPointer(entry.pointee.ai_addr)?.deallocate()
    entry.deallocate()
  }
}

@_cdecl("uv_queue_work")
func simulatedQueueWork(
  _ loop: UnsafeMutablePointer<uv_loop_t>?, _ request: UnsafeMutablePointer<uv_work_t>?,
  _ work: uv_work_cb?, _ after: uv_after_work_cb?
) -> Int32 {
  let world = World.current!
  world.requestCount += 1
  world.after(.microseconds(Int64(world.random.next() % 5_000))) {
    work?(request)
    world.completions.append {
      world.requestCount -= 1
      after?(request, 0)
    }
  }
  return 0
}

// MARK: What is not simulated

@_cdecl("uv_poll_init")
func simulatedPollInit(
  _ loop: UnsafeMutablePointer<uv_loop_t>?, _ poll: UnsafeMutablePointer<uv_poll_t>?,
  _ descriptor: Int32
) -> Int32 { Int32(UV_ENOSYS.rawValue) }

@_cdecl("uv_poll_start")
func simulatedPollStart(
  _ poll: UnsafeMutablePointer<uv_poll_t>?, _ events: Int32, _ callback: uv_poll_cb?
) -> Int32 { Int32(UV_ENOSYS.rawValue) }

@_cdecl("uv_poll_stop")
func simulatedPollStop(_ poll: UnsafeMutablePointer<uv_poll_t>?) -> Int32 {
  Int32(UV_ENOSYS.rawValue)
}

@_cdecl("uv_fs_event_init")
func simulatedFileEventInit(
  _ loop: UnsafeMutablePointer<uv_loop_t>?, _ event: UnsafeMutablePointer<uv_fs_event_t>?
) -> Int32 { Int32(UV_ENOSYS.rawValue) }

@_cdecl("uv_fs_event_start")
func simulatedFileEventStart(
  _ event: UnsafeMutablePointer<uv_fs_event_t>?, _ callback: uv_fs_event_cb?,
  _ path: UnsafePointer<CChar>?, _ flags: UInt32
) -> Int32 { Int32(UV_ENOSYS.rawValue) }

@_cdecl("uv_signal_init")
func simulatedSignalInit(
  _ loop: UnsafeMutablePointer<uv_loop_t>?, _ signal: UnsafeMutablePointer<uv_signal_t>?
) -> Int32 { Int32(UV_ENOSYS.rawValue) }

@_cdecl("uv_signal_start")
func simulatedSignalStart(
  _ signal: UnsafeMutablePointer<uv_signal_t>?, _ callback: uv_signal_cb?, _ number: Int32
) -> Int32 { Int32(UV_ENOSYS.rawValue) }
