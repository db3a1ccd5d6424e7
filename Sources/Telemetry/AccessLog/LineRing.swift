// SPDX-License-Identifier: MIT

public import Bytes
internal import Glibc
internal import Synchronization

/// Lines on their way from one thread that must not wait to one that may: a ring of bytes with one
/// writer and one reader. A line that does not fit is dropped and counted.
///
/// SAFETY: the bytes from `read` to `written` (modulo the capacity) belong to the reader, the
/// others to the writer; each side moves only its own counter, after it is done with the bytes,
/// with release and acquire order. `append` must be called by one thread only, `read` by one too.
@safe
public final class LineRing: @unchecked Sendable {
  public static let capacity = 1 << 20

  private let bytes: UnsafeMutablePointer<UInt8>
  private let writtenCount = Atomic<Int>(0)
  private let readCount = Atomic<Int>(0)
  private let dropped = Atomic<Int>(0)

  public init() { unsafe bytes = .allocate(capacity: Self.capacity) }

  deinit { unsafe bytes.deallocate() }

  /// Lines dropped so far.
  public var droppedCount: Int { dropped.load(ordering: .relaxed) }

  /// Appends a line with its line feed, or drops it whole.
  public func append(_ line: ByteView) {
    let written = writtenCount.load(ordering: .relaxed)
    let free = Self.capacity - (written - readCount.load(ordering: .acquiring))
    guard line.count <= free else {
      dropped.add(1, ordering: .relaxed)
      return
    }
    let start = written & (Self.capacity - 1)
    let first = min(line.count, Self.capacity - start)
    unsafe memcpy(bytes + start, line.base, first)
    unsafe memcpy(bytes, line.base + first, line.count - first)
    writtenCount.store(written + line.count, ordering: .releasing)
  }

  /// Hands what is there to `body`, in one piece or two, and frees it. The bytes are valid during
  /// the call.
  public func read(_ body: (ByteView) -> Void) {
    let written = writtenCount.load(ordering: .acquiring)
    var read = readCount.load(ordering: .relaxed)
    while read < written {
      let start = read & (Self.capacity - 1)
      let count = min(written - read, Self.capacity - start)
      unsafe body(ByteView(base: UnsafePointer(bytes + start), count: count))
      read += count
      readCount.store(read, ordering: .releasing)
    }
  }
}
