// SPDX-License-Identifier: MIT

import Bytes
import CKernels

/// What a memo has to know of the heads it remembers.
protocol MemorableHead: Sendable {
  static var isRequest: Bool { get }
  var framing: BodyFraming { get set }
  var fieldCount: UInt16 { get }
}

extension RequestHead: MemorableHead {
  static var isRequest: Bool { true }
}

extension ResponseHead: MemorableHead {
  static var isRequest: Bool { false }
}

/// The head that was parsed last into a `HeaderTable`, so that the next one need be parsed only
/// where it differs. Clients and providers repeat themselves: of one SDK's requests only the
/// Content-Length changes, of a provider's answers the date, the request id and the rate limits.
///
/// A head that is the same to the last byte is answered without a look at its fields, which are
/// still in the table, and one in which values have changed but not their lengths by a look at the
/// lines that did; otherwise each line that is the same as the line in its place was takes its
/// entry over. As equal bytes parse equally, results do not depend on the memo.
///
/// One memo goes with one table and one kind of head; whoever parses into the table without the
/// memo must call `forget()`.
///
/// With requests, comparisons take the same time wherever in a line the difference is: a head holds
/// a credential, and one client must not find out another's by the clock.
///
/// SAFETY: `memory` holds `bytesMax` bytes of the owner's; lengths are compared with that before a
/// copy, and no comparison goes beyond `count` bytes of either side. Lines lie within `count`, as
/// the entries of the table were made from these bytes. Not to be shared between threads.
@safe
public struct HeadMemo<Head: Sendable>: @unchecked Sendable {
  /// Longer heads are not remembered.
  public static var bytesMax: Int { 4096 }

  private let memory: UnsafeMutablePointer<UInt8>
  private var count: Int
  private(set) var head: Head
  /// Changes whenever a field of the head remembered does, except Content-Length: what was derived
  /// from the other fields may be kept as long as this stays the same.
  public private(set) var generation: UInt64

  /// - Parameter head: any value; it is not given out before something was remembered.
  /// - Precondition: `bytesMax` bytes are writable at `memory` while the memo is in use.
  public init(memory: UnsafeMutablePointer<UInt8>, head: Head) {
    unsafe self.memory = memory
    self.head = head
    count = 0
    generation = 0
  }

  /// The bytes remembered; empty for none.
  @inline(__always)
  var bytes: ByteView { unsafe ByteView(base: UnsafePointer(memory), count: count) }

  /// Takes `bytes` as the head that stands in the table.
  mutating func remember(_ bytes: ByteView, _ head: Head) {
    generation &+= 1
    guard bytes.count <= Self.bytesMax else {
      count = 0
      return
    }
    unsafe memcpy(memory, bytes.base, bytes.count)
    count = bytes.count
    self.head = head
  }

  /// The table no longer holds what was remembered.
  public mutating func forget() {
    count = 0
    generation &+= 1
  }
}

extension HeadMemo where Head: MemorableHead {
  /// The head at the start of `bytes`, if it differs from the one remembered at most in values of
  /// the same length, none of which but Content-Length says anything about framing, connection or
  /// host. Nil for every other head, which is to be parsed.
  @inline(__always)
  mutating func head(of bytes: ByteView, _ table: HeaderTable) -> Head? {
    guard count > 0, bytes.count >= count else { return nil }
    let difference = firstDifference(bytes, from: 0)
    if difference == count { return head }
    return patchedHead(bytes, table, difference)
  }

  @inline(__always)
  private func firstDifference(_ bytes: ByteView, from start: Int) -> Int {
    let length = count &- start
    return unsafe start
      &+ (Head.isRequest
        ? ck_first_difference_steady(bytes.base + start, memory + start, length)
        : ck_first_difference(bytes.base + start, memory + start, length))
  }

  /// What is found to have changed is taken over line by line, in the memory and in the table
  /// alike, so that they belong together also where this gives up.
  @inline(never)
  private mutating func patchedHead(
    _ bytes: ByteView, _ table: HeaderTable, _ first: Int
  ) -> Head? {
    let scanner = HeadScanner(
      bytes: bytes, isRequest: Head.isRequest, known: .empty, knownCount: 0)
    let lineCount = Int(head.fieldCount)
    var difference = first
    var line = 0
    var isOther = false
    while difference < count {
      while line < lineCount, lineEnd(line, of: lineCount, table) <= difference { line &+= 1 }
      guard line < lineCount else { return nil }
      let old = unsafe table.fields[line]
      let start = Int(old.nameStart)
      let end = lineEnd(line, of: lineCount, table)
      var field = old
      guard start <= difference, scanner.plainField(at: start, &field) == end,
        field.known == old.known, takeOver(field, line, bytes, table, &isOther)
      else { return nil }
      unsafe memcpy(memory + start, bytes.base + start, end &- start)
      unsafe table.fields[line] = field
      line &+= 1
      difference = firstDifference(bytes, from: end)
    }
    if isOther { generation &+= 1 }
    return head
  }

  @inline(__always)
  private func lineEnd(_ line: Int, of lineCount: Int, _ table: HeaderTable) -> Int {
    // The empty line's two bytes do not belong to the last field.
    line &+ 1 == lineCount ? count &- 2 : unsafe Int(table.fields[line &+ 1].nameStart)
  }

  /// Whether the head stays what it is with a new value of this field, but for the body's length.
  @inline(__always)
  private mutating func takeOver(
    _ field: HeaderField, _ line: Int, _ bytes: ByteView, _ table: HeaderTable,
    _ isOther: inout Bool
  ) -> Bool {
    switch field.known {
    case .transferEncoding, .connection, .host, .expect: return false
    case .contentLength:
      guard case .length = head.framing, table.firstIndex(of: .contentLength) == line,
        table.firstIndex(of: .contentLength, from: line &+ 1) == nil,
        let length = bytes[field.value].decimalLength
      else { return false }
      head.framing = .length(length)
      return true
    default:
      isOther = true
      return true
    }
  }
}
