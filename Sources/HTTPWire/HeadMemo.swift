// SPDX-License-Identifier: MIT

import Bytes
import CKernels

/// The head that was parsed last into a `HeaderTable`, so that the next one need be parsed only
/// where it differs. Clients and providers repeat themselves: of one SDK's requests only the
/// Content-Length changes, of a provider's answers the date, the request id and the rate limits.
///
/// A head that is the same to the last byte is answered without a look at its fields, which are
/// still in the table; otherwise each line that is the same as the line in its place was takes its
/// entry over. As equal bytes parse equally, results do not depend on the memo.
///
/// One memo goes with one table and one kind of head; whoever parses into the table without the
/// memo must call `forget()`.
///
/// Comparisons take the same time wherever the difference is: a head holds a credential, and one
/// client must not find out another's by the clock.
///
/// SAFETY: `memory` holds `bytesMax` bytes of the owner's; lengths are compared with that before a
/// copy. Not to be shared between threads.
@safe
@frozen
public struct HeadMemo<Head: Sendable>: @unchecked Sendable {
  /// Longer heads are not remembered.
  @inlinable public static var bytesMax: Int { 4096 }

  @usableFromInline let memory: UnsafeMutablePointer<UInt8>
  @usableFromInline var count: Int
  @usableFromInline var head: Head
  /// Changes whenever the head remembered does: what was derived from that head may be kept as
  /// long as this stays the same.
  public private(set) var generation: UInt64

  /// - Parameter head: any value; it is not given out before something was remembered.
  /// - Precondition: `bytesMax` bytes are writable at `memory` while the memo is in use.
  public init(memory: UnsafeMutablePointer<UInt8>, head: Head) {
    unsafe self.memory = memory
    self.head = head
    count = 0
    generation = 0
  }

  /// The head at the start of `bytes`, if it is the one remembered.
  @inline(__always)
  func head(of bytes: ByteView) -> Head? {
    guard count > 0, bytes.count >= count, unsafe ck_equal(bytes.base, memory, count) != 0 else {
      return nil
    }
    return head
  }

  /// The bytes remembered; empty for none.
  @inline(__always)
  var bytes: ByteView { unsafe ByteView(base: UnsafePointer(memory), count: count) }

  /// Takes `bytes` as the head that stands in the table.
  @inline(__always)
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
  @inline(__always)
  public mutating func forget() {
    count = 0
    generation &+= 1
  }
}
