// SPDX-License-Identifier: MIT

/// A read-only run of plain rows in memory of its own: bounds-checked, and free of the reference
/// counting that an `Array` brings to every access on the request path.
///
/// SAFETY: the subscript never leaves `0..<count`, also in release builds. The memory is freed by
/// `deallocate()`, which only the owner (an immutable snapshot class) calls, in its `deinit`;
/// whoever copies the table keeps that owner alive while the copy is in use.
@safe
@frozen
public struct FrozenTable<Row: BitwiseCopyable & Sendable>: @unchecked Sendable {
  @usableFromInline let base: UnsafeMutablePointer<Row>
  public let count: Int

  /// Copies `rows`; the caller becomes the owner of the memory.
  public init(_ rows: [Row]) {
    unsafe base = UnsafeMutablePointer<Row>.allocate(capacity: max(rows.count, 1))
    count = rows.count
    for (index, row) in rows.enumerated() { unsafe (base + index).initialize(to: row) }
  }

  @inlinable @inline(__always)
  public var indices: Range<Int> { 0..<count }

  @inlinable @inline(__always)
  public subscript(index: Int) -> Row {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
    return unsafe base[index]
  }

  /// Frees the memory. Only the owner calls this, once.
  public func deallocate() { unsafe base.deallocate() }
}
