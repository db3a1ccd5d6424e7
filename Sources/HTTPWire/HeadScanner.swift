// SPDX-License-Identifier: MIT

import Bytes
import CKernels

/// Why a scan stopped before the head was complete.
enum ScanStop: Error {
  case needMore
  case failure(WireError)
}

/// The part of parsing which requests and responses share: the field lines.
///
/// SAFETY: bytes are read through the base only at indices compared with the count just before, 16
/// at a time only where so many are left. Fields are written at `used`, compared with the capacity
/// just before.
@safe
struct HeadScanner {
  let bytes: ByteView
  let isRequest: Bool

  @inline(__always)
  init(bytes: ByteView, isRequest: Bool) {
    self.bytes = bytes
    self.isRequest = isRequest
  }

  /// Where the line after the one that must end at `index` starts.
  @inline(__always)
  func lineEnd(_ index: Int, otherwise error: WireError) throws(ScanStop) -> Int {
    guard index &+ 1 < bytes.count, isLineEnd(at: index) else {
      throw lineEndFault(index, otherwise: error)
    }
    return index &+ 2
  }

  /// - Precondition: two bytes are there.
  @inline(__always)
  private func isLineEnd(at index: Int) -> Bool {
    let address = unsafe UnsafeRawPointer(bytes.base + index)
    return unsafe address.loadUnaligned(as: UInt16.self).littleEndian == 0x0a0d
  }

  @inline(never)
  private func lineEndFault(_ index: Int, otherwise error: WireError) -> ScanStop {
    guard index < bytes.count else { return .needMore }
    let byte = bytes[index]
    guard byte == 0x0d else { return .failure(byte == 0x0a ? .bareLineFeed : error) }
    guard index + 1 < bytes.count else { return .needMore }
    return .failure(.bareCarriageReturn)
  }

  /// Reads field lines from `start` up to and over the empty line; returns where the body starts
  /// and which known headers occur more than once.
  ///
  /// The state of the loop is in locals, written to the table once at the end: that is a third of
  /// its instructions.
  @inline(never)
  func fields(
    from start: Int, into table: inout HeaderTable
  ) throws(ScanStop) -> (end: Int, repeated: UInt64) {
    let bytes = self.bytes
    let base = unsafe bytes.base
    let count = bytes.count
    var index = start
    var used = 0
    var present: UInt64 = 0
    var repeated: UInt64 = 0
    while true {
      guard index < count else { throw .needMore }
      if unsafe base[index] == 0x0d {
        let end = try lineEnd(index, otherwise: .bareCarriageReturn)
        table.used = used
        table.presentMask = present
        return (end, repeated)
      }
      var nameEnd = colon(from: index)
      var known = KnownHeader.other
      if nameEnd < count { unsafe known = KnownHeader(base + index, nameEnd &- index) }
      var valueStart = nameEnd &+ 1
      var spaceBeforeColon: UInt8 = 0
      // A known name consists of tchars; any other has to be looked at.
      if known == .other && !isPlainName(index, nameEnd) {
        (nameEnd, valueStart) = try afterName(start: index)
        if nameEnd &+ 1 != valueStart {
          unsafe known = KnownHeader(base + index, nameEnd &- index)
          spaceBeforeColon = UInt8(clamping: valueStart &- nameEnd &- 1)
        }
      }
      while unsafe valueStart < count && isBlank(base[valueStart]) { valueStart &+= 1 }
      var valueEnd = bytes.fieldValueEnd(from: valueStart)
      guard valueEnd &+ 1 < count, isLineEnd(at: valueEnd) else {
        throw lineEndFault(valueEnd, otherwise: .fieldValueInvalid)
      }
      let next = valueEnd &+ 2
      while unsafe valueEnd > valueStart && isBlank(base[valueEnd &- 1]) { valueEnd &-= 1 }

      guard used < table.capacity else { throw .failure(.fieldsTooMany) }
      var field = HeaderField(
        nameStart: UInt32(truncatingIfNeeded: index),
        nameCount: UInt16(truncatingIfNeeded: nameEnd &- index), known: known,
        value: ByteRange(
          start: UInt32(truncatingIfNeeded: valueStart),
          count: UInt32(truncatingIfNeeded: valueEnd &- valueStart)))
      field.spaceBeforeColon = spaceBeforeColon
      unsafe table.fields[used] = field
      let bit: UInt64 = 1 &<< UInt64(known.rawValue)
      if present & bit == 0 {
        unsafe table.positions[Int(known.rawValue)] = UInt8(truncatingIfNeeded: used)
        present |= bit
      } else {
        repeated |= bit
      }
      used &+= 1
      index = next
    }
  }

  /// The index of the next colon from `start` on, or the number of bytes.
  @inline(__always)
  private func colon(from start: Int) -> Int {
    var index = start
    while index &+ 16 <= bytes.count {
      let mask = unsafe ck_match16(bytes.base + index, 0x3a)
      if mask != 0 { return index &+ mask.trailingZeroBitCount }
      index &+= 16
    }
    while unsafe index < bytes.count && bytes.base[index] != 0x3a { index &+= 1 }
    return index
  }

  /// Whether 1 to 16 letters, digits and '-' are all there is up to a colon at `end`: the quick
  /// look that settles nearly all names.
  @inline(__always)
  private func isPlainName(_ start: Int, _ end: Int) -> Bool {
    let length = end &- start
    // (No colon at all means `end` is the number of bytes: more may come.)
    guard start &+ 16 < bytes.count && length <= 16 && length > 0 else { return false }
    let stops = unsafe ck_http_name_stop16(bytes.base + start)
    return stops & ((1 &<< UInt32(truncatingIfNeeded: length)) &- 1) == 0
  }

  /// Where the name that starts at `start` ends and its value starts, or what is wrong.
  ///
  /// A proxy must remove white space before the colon of a response's field (RFC 9112 section 5.1);
  /// in a request it is refused.
  @inline(never)
  private func afterName(start: Int) throws(ScanStop) -> (nameEnd: Int, valueStart: Int) {
    let end = bytes.tokenEnd(from: start)
    guard end < bytes.count else { throw .needMore }
    guard end - start <= Int(UInt16.max) else { throw .failure(.headTooLarge) }
    let byte = bytes[end]
    if byte == 0x0a { throw .failure(.bareLineFeed) }
    if byte == 0x3a && end == start { throw .failure(.fieldNameEmpty) }
    if byte == 0x3a { return (end, end + 1) }
    if byte == 0x0d { throw .failure(.fieldColonMissing) }
    guard isBlank(byte) else { throw .failure(.fieldNameInvalid) }
    if end == start { throw .failure(.fieldFolded) }
    if isRequest { throw .failure(.fieldSpaceBeforeColon) }
    var colon = end
    while colon < bytes.count && isBlank(bytes[colon]) { colon += 1 }
    guard colon < bytes.count else { throw .needMore }
    guard bytes[colon] == 0x3a else { throw .failure(.fieldNameInvalid) }
    return (end, colon + 1)
  }
}

/// Space or HTAB.
@inline(__always)
func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
