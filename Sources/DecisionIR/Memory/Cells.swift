// SPDX-License-Identifier: MIT

/// A run of plain cells: a start and a count, checked on every access.
///
/// SAFETY: spatial safety is checked here in release builds too. Temporal safety is the owner's
/// promise: whoever hands out cells (`Storage`, a borrowed buffer) outlives their use.
@safe
@frozen
@usableFromInline
struct Cells<Element: BitwiseCopyable>: @unchecked Sendable {
  @usableFromInline let base: UnsafeMutablePointer<Element>
  @usableFromInline let count: Int

  @inlinable @inline(__always)
  init(base: UnsafeMutablePointer<Element>, count: Int) {
    unsafe self.base = base
    self.count = count
  }

  @inlinable @inline(__always)
  subscript(index: Int) -> Element {
    get {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
      return unsafe base[index]
    }
    nonmutating set {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
      unsafe base[index] = newValue
    }
  }

  /// As the plain subscript, checked in debug builds only: for indices that come from a checked
  /// image or that the code around has just bounded.
  @inlinable @inline(__always)
  subscript(unchecked index: Int) -> Element {
    get {
      assert(UInt(bitPattern: index) < UInt(bitPattern: count))
      return unsafe base[index]
    }
    nonmutating set {
      assert(UInt(bitPattern: index) < UInt(bitPattern: count))
      unsafe base[index] = newValue
    }
  }

  /// The cells `start ..< start + length` of this run.
  @inlinable @inline(__always)
  func slice(_ start: Int, _ length: Int) -> Cells<Element> {
    precondition(start >= 0 && length >= 0 && start &+ length <= count)
    return unsafe Cells(base: base + start, count: length)
  }

  /// Sets every cell.
  @inlinable @inline(__always)
  func fill(_ value: Element) {
    unsafe base.update(repeating: value, count: count)
  }

  /// An empty run; its base is never read.
  @inlinable
  static var empty: Cells<Element> {
    unsafe Cells(
      base: UnsafeMutablePointer(bitPattern: MemoryLayout<Element>.alignment).unsafelyUnwrapped,
      count: 0)
  }
}

extension Cells where Element == UInt8 {
  /// The eight bytes from `index` on, in memory order.
  @inline(__always)
  func word(at index: Int) -> UInt64 {
    precondition(index >= 0 && index &+ 8 <= count)
    return unsafe UnsafeRawPointer(base).loadUnaligned(fromByteOffset: index, as: UInt64.self)
  }

  /// The four bytes from `index` on, in memory order.
  @inline(__always)
  func half(at index: Int) -> UInt32 {
    precondition(index >= 0 && index &+ 4 <= count)
    return unsafe UnsafeRawPointer(base).loadUnaligned(fromByteOffset: index, as: UInt32.self)
  }

  /// Whether two runs of one length hold the same bytes; words may overlap, so that no byte is
  /// looked at alone where there are four.
  static func same(_ left: Cells<UInt8>, _ right: Cells<UInt8>) -> Bool {
    let count = left.count
    guard count == right.count else { return false }
    if count >= 8 {
      var index = 0
      while index < count &- 8 {
        if left.word(at: index) != right.word(at: index) { return false }
        index &+= 8
      }
      return left.word(at: count &- 8) == right.word(at: count &- 8)
    }
    if count >= 4 {
      return left.half(at: 0) == right.half(at: 0)
        && left.half(at: count &- 4) == right.half(at: count &- 4)
    }
    if count == 0 { return true }
    return left[0] == right[0] && left[count >> 1] == right[count >> 1]
      && left[count &- 1] == right[count &- 1]
  }
}

/// Owner of a fixed run of cells on the heap, freed with the object.
@safe
@usableFromInline
final class Storage<Element: BitwiseCopyable>: @unchecked Sendable {
  @usableFromInline let cells: Cells<Element>

  /// A run of `count` cells, all set to `value`.
  init(repeating value: Element, count: Int) {
    let base = UnsafeMutablePointer<Element>.allocate(capacity: max(1, count))
    unsafe base.initialize(repeating: value, count: count)
    unsafe cells = Cells(base: base, count: count)
  }

  /// A copy of the array.
  init(_ array: [Element]) {
    let base = UnsafeMutablePointer<Element>.allocate(capacity: max(1, array.count))
    unsafe array.withUnsafeBufferPointer { source in
      if let start = source.baseAddress {
        unsafe base.initialize(from: start, count: source.count)
      }
    }
    unsafe cells = Cells(base: base, count: array.count)
  }

  deinit {
    unsafe cells.base.deallocate()
  }
}
