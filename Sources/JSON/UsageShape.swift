// SPDX-License-Identifier: MIT

import Bytes
import CKernels

/// The text of an upstream's usage object with its numbers left out, learnt from one answer and
/// tried on the next.
///
/// One upstream writes the same members in the same order each time, so nearly always a comparison
/// with what stood there before, and the reading of the digits in between, is all there is to do:
/// a fifth of the instructions of `UsageReader`. What does not match is read by that one. Answers
/// do not depend on the shape, only the work does.
///
/// SAFETY: literals are written at offsets compared with `patternBytesMax`, pieces at numbers
/// compared with `UsageNumbers.countMax`. Text is compared only where it has as many bytes left as
/// the literal. Not to be shared between threads.
@safe
public final class UsageShape {
  /// A run of literal bytes, and which count stands behind it.
  private struct Piece {
    var start: UInt16
    var count: UInt16
    var field: UsageField
  }

  private static let patternBytesMax = 1024

  private let pattern: UnsafeMutablePointer<UInt8>
  private let pieces: UnsafeMutablePointer<Piece>
  /// 0 before anything was learnt. The last piece has no number behind it.
  private var pieceCount = 0
  private var missCount = 0

  public init() {
    unsafe pattern = .allocate(capacity: Self.patternBytesMax)
    unsafe pieces = .allocate(capacity: UsageNumbers.countMax + 1)
  }

  deinit {
    unsafe pattern.deallocate()
    unsafe pieces.deallocate()
  }

  /// What the usage object at `start` says and where it ends, if it has the shape learnt.
  @inline(never)
  func read(_ text: ByteView, at start: Int) -> (usage: TokenUsage, end: Int)? {
    // One cell per `UsageField`; that of `.none` is not looked at.
    var counts = InlineArray<9, UInt64>(repeating: 0)
    var index = start
    var number = 0
    while number < pieceCount {
      let piece = unsafe pieces[number]
      let length = Int(piece.count)
      guard index &+ length <= text.count,
        unsafe ck_equal(text.base + index, pattern + Int(piece.start), length) != 0
      else { return nil }
      index &+= length
      number &+= 1
      if number == pieceCount { return (TokenUsage(counts), index) }
      let first = index
      var value: UInt64 = 0
      while index < text.count {
        let digit = unsafe text.base[index] &- 0x30
        guard digit < 10 else { break }
        value = value &* 10 &+ UInt64(digit)
        index &+= 1
      }
      guard index &- first &- 1 < UsageNumbers.digitsMax, index > first else { return nil }
      counts[Int(piece.field.rawValue)] = value
    }
    return nil
  }

  /// Takes the shape of the object in `start..<end`, whose numbers stand where `numbers` says;
  /// keeps the old one when that has failed only once, lest two alternating shapes cost more than
  /// none.
  func learn(_ text: ByteView, from start: Int, to end: Int, _ numbers: UsageNumbers) {
    missCount += 1
    guard pieceCount == 0 || missCount > 1 else { return }
    missCount = 0
    pieceCount = 0
    guard !numbers.isIncomplete else { return }
    var used = 0
    var index = start
    for position in 0...numbers.count {
      let isLast = position == numbers.count
      let next = isLast ? end : numbers[position].start
      let count = next - index
      guard count >= 0, used + count <= Self.patternBytesMax else { return }
      for offset in 0..<count { unsafe pattern[used + offset] = text[index + offset] }
      unsafe pieces[position] = Piece(
        start: UInt16(used), count: UInt16(count),
        field: isLast ? .none : numbers[position].field)
      used += count
      index = isLast ? end : numbers[position].end
    }
    pieceCount = numbers.count + 1
  }
}

/// Where the numbers of a usage object stand, and what they count.
struct UsageNumbers {
  static let countMax = 32
  static let digitsMax = 18

  struct Number {
    var start = 0
    var end = 0
    var field = UsageField.none
  }

  private var numbers: InlineArray<32, Number> = .init(repeating: Number())
  private(set) var count = 0
  /// There were more than fit.
  private(set) var isIncomplete = false

  init() {}

  subscript(position: Int) -> Number { numbers[position] }

  mutating func note(from start: Int, to end: Int, _ field: UsageField) {
    guard count < Self.countMax else {
      isIncomplete = true
      return
    }
    numbers[count] = Number(start: start, end: end, field: field)
    count += 1
  }
}
