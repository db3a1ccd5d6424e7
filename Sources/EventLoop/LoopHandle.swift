// SPDX-License-Identifier: MIT

internal import CUV

/// The memory and lifetime that all single libuv handles share: allocated with the Swift object,
/// freed by libuv's close callback, and never used in between closing and freeing.
final class LoopHandle<Raw> {
  let raw: UnsafeMutablePointer<Raw>
  let loop: Loop
  private(set) var isOpen = true

  /// - Parameter start: the `uv_…_init` call; a negative result throws and frees the memory.
  init(on loop: Loop, start: (UnsafeMutablePointer<Raw>) -> Int32) throws(LoopError) {
    self.loop = loop
    raw = .allocate(capacity: 1)
    let status = start(raw)
    if status < 0 {
      raw.deallocate()
      isOpen = false
      throw LoopError(code: status)
    }
    loop.openHandleCount += 1
  }

  func setOwner(_ owner: AnyObject) {
    UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_handle_t.self).pointee.data =
      Unmanaged.passUnretained(owner).toOpaque()
  }

  static func owner<Owner: AnyObject>(_ handle: UnsafeMutablePointer<Raw>, _: Owner.Type) -> Owner {
    let data = UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self).pointee
      .data
    return Unmanaged<Owner>.fromOpaque(data!).takeUnretainedValue()
  }

  func close() {
    guard isOpen else { return }
    isOpen = false
    loop.openHandleCount -= 1
    uv_close(cuv_handle(raw)) { closed in closed!.deallocate() }
  }

  deinit { assert(!isOpen, "a loop handle was dropped without close()") }
}
