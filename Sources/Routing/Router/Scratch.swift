// SPDX-License-Identifier: MIT

internal import Bytes

/// Fixed memory for the steps of a decision, written over by each: bounds-checked, without the
/// exclusivity checks of a class's variables.
///
/// SAFETY: subscripts check the bounds, spans cover initialized memory only. The memory is freed by
/// `deallocate()`, called by the one `Router` that owns it, which is used by one thread at a time.
@safe
struct Scratch<Row: BitwiseCopyable> {
  private let base: UnsafeMutablePointer<Row>
  let count: Int

  init(repeating row: Row, count: Int) {
    unsafe base = UnsafeMutablePointer<Row>.allocate(capacity: max(count, 1))
    unsafe base.initialize(repeating: row, count: max(count, 1))
    self.count = count
  }

  @inline(__always)
  subscript(index: Int) -> Row {
    get {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
      return unsafe base[index]
    }
    nonmutating set {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
      unsafe base[index] = newValue
    }
    nonmutating _modify {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
      yield unsafe &base[index]
    }
  }

  /// Calls `body` with the first `length` rows, to read.
  @inline(__always)
  func withSpan<Result>(_ length: Int, _ body: (Span<Row>) -> Result) -> Result {
    precondition(length >= 0 && length <= count)
    return unsafe body(Span(_unsafeStart: UnsafePointer(base), count: length))
  }

  /// Calls `body` with the first `length` rows, to write.
  @inline(__always)
  func withMutableSpan(_ length: Int, _ body: (inout MutableSpan<Row>) -> Void) {
    precondition(length >= 0 && length <= count)
    var span = unsafe MutableSpan(_unsafeStart: base, count: length)
    body(&span)
  }

  /// Calls `body` with a row in its place, to read a part of it.
  @inline(__always)
  func withRow<Result>(_ index: Int, _ body: (borrowing Row) -> Result) -> Result {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
    return unsafe body(base[index])
  }

  /// Copies `length` rows from `start` on to the first of `target`.
  @inline(__always)
  func copy(from start: Int, count length: Int, to target: Scratch<Row>) {
    precondition(start >= 0 && length >= 0 && start &+ length <= count && length <= target.count)
    unsafe target.base.update(from: base + start, count: length)
  }

  func deallocate() { unsafe base.deallocate() }
}

extension Scratch<UInt8> {
  /// `length` bytes from `start` on.
  @inline(__always)
  func view(_ start: Int, _ length: Int) -> ByteView {
    precondition(start >= 0 && length >= 0 && start &+ length <= count)
    return unsafe ByteView(base: UnsafePointer(base) + start, count: length)
  }
}
