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
/// or 64 at a time only where so many are left. What is known of the head before was in bounds
/// of `known`, which holds just that head, and a line of it is compared only where the text has as
/// many bytes left. Fields are written at `used`, compared with the capacity just before.
@safe
struct HeadScanner {
  let bytes: ByteView
  let isRequest: Bool
  /// The head whose fields stand in the table when a scan begins, and how many they are.
  let known: ByteView
  let knownCount: Int

  @inline(__always)
  init(bytes: ByteView, isRequest: Bool, known: ByteView, knownCount: Int) {
    self.bytes = bytes
    self.isRequest = isRequest
    self.known = known
    self.knownCount = known.isEmpty ? 0 : knownCount
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
  /// Nearly all fields are taken by `plainField`, whose state is in registers; what it does not
  /// take (rare characters, odd white space, the last bytes received, errors) `field` looks at
  /// again with care.
  @inline(never)
  func fields(
    from start: Int, into table: inout HeaderTable
  ) throws(ScanStop) -> (end: Int, repeated: UInt64) {
    let target = table
    var index = start
    var used = 0
    var present: UInt64 = 0
    var repeated: UInt64 = 0
    while true {
      var field = HeaderField(nameStart: 0, nameCount: 0, known: .other, value: .empty)
      var next = used < knownCount ? knownField(at: index, target, used, &field) : 0
      if next == 0 { next = plainField(at: index, &field) }
      if next == 0 {
        guard index < bytes.count else { throw .needMore }
        if bytes[index] == 0x0d {
          let end = try lineEnd(index, otherwise: .bareCarriageReturn)
          table.used = used
          table.presentMask = present
          return (end, repeated)
        }
        (next, field) = try carefulField(at: index)
      }
      guard used < target.capacity else { throw .failure(.fieldsTooMany) }
      unsafe target.fields[used] = field
      let bit: UInt64 = 1 &<< UInt64(field.known.rawValue)
      if present & bit == 0 {
        unsafe target.positions[Int(field.known.rawValue)] = UInt8(truncatingIfNeeded: used)
        present |= bit
      } else {
        repeated |= bit
      }
      used &+= 1
      index = next
    }
  }

  /// Takes over what is known of line `number` of the head before, if the line at `index` is the
  /// same; returns where the next line starts, or 0.
  ///
  /// Entries from `number` on are still those of that head: they are written over one by one, each
  /// after it has been looked at here.
  @inline(__always)
  private func knownField(
    at index: Int, _ table: HeaderTable, _ number: Int, _ field: inout HeaderField
  ) -> Int {
    let old = unsafe table.fields[number]
    let start = Int(old.nameStart)
    let isLast = number &+ 1 == knownCount
    // The empty line's two bytes do not belong to the last field.
    let end = isLast ? known.count &- 2 : unsafe Int(table.fields[number &+ 1].nameStart)
    let length = end &- start
    guard length > 0, index &+ length <= bytes.count,
      unsafe ck_equal(bytes.base + index, known.base + start, length) != 0
    else { return 0 }
    field = old
    field.nameStart = UInt32(truncatingIfNeeded: index)
    field.value.start = UInt32(truncatingIfNeeded: Int(old.value.start) &+ index &- start)
    return index &+ length
  }

  /// Reads the field line at `index` if it is an ordinary one with enough bytes behind it for a
  /// read of 64; returns where the next line starts, or 0.
  ///
  /// The 64 bytes hold nearly every line whole: one mask of them says where the name ends, another
  /// where the line does.
  @inline(__always)
  func plainField(at index: Int, _ field: inout HeaderField) -> Int {
    let base = unsafe bytes.base
    guard index &+ 64 <= bytes.count else { return 0 }
    let start = unsafe base + index
    let colons = unsafe ck_match32(start, 0x3a)
    let stops = unsafe ck_http_value_stop64(start)
    guard colons != 0 else { return 0 }
    let nameCount = colons.trailingZeroBitCount
    let lineEnd = stops != 0 ? index &+ stops.trailingZeroBitCount : longLineEnd(from: index &+ 64)
    var valueStart = index &+ nameCount &+ 1
    guard valueStart <= lineEnd, lineEnd &+ 1 < bytes.count, isLineEnd(at: lineEnd) else {
      return 0
    }
    let known = unsafe KnownHeader(start, nameCount)
    if known == .other {
      // A known name consists of tchars; any other has to be looked at.
      var stops = unsafe ck_http_name_stop16(start)
      if nameCount > 16 { unsafe stops |= ck_http_name_stop16(start + 16) << 16 }
      guard nameCount > 0 && stops & ((1 &<< UInt32(nameCount)) &- 1) == 0 else { return 0 }
    }
    if unsafe base[valueStart] == 0x20 { valueStart &+= 1 }
    // More white space is cut off with care. (HTAB ends a line here, so it is not looked for. An
    // empty value has its colon or its space before the line's end.)
    if unsafe base[valueStart] == 0x20 || base[lineEnd &- 1] == 0x20 { return 0 }
    field = HeaderField(
      nameStart: UInt32(truncatingIfNeeded: index),
      nameCount: UInt16(truncatingIfNeeded: nameCount), known: known,
      value: ByteRange(
        start: UInt32(truncatingIfNeeded: valueStart),
        count: UInt32(truncatingIfNeeded: lineEnd &- valueStart)))
    return lineEnd &+ 2
  }

  /// Where a line ends whose first 64 bytes are plain, or `Int.max` when that is not to be seen in
  /// whole blocks.
  @inline(never)
  private func longLineEnd(from start: Int) -> Int {
    var index = start
    while index &+ 16 <= bytes.count {
      let stops = unsafe ck_http_value_stop16(bytes.base + index)
      if stops != 0 { return index &+ stops.trailingZeroBitCount }
      index &+= 16
    }
    return .max &- 1
  }

  /// Reads the field line at `index`, whatever it is like.
  @inline(never)
  private func carefulField(
    at index: Int
  ) throws(ScanStop) -> (next: Int, field: HeaderField) {
    let (nameEnd, start) = try afterName(start: index)
    var valueStart = start
    while valueStart < bytes.count && isBlank(bytes[valueStart]) { valueStart += 1 }
    var valueEnd = bytes.fieldValueEnd(from: valueStart)
    let next = try lineEnd(valueEnd, otherwise: .fieldValueInvalid)
    while valueEnd > valueStart && isBlank(bytes[valueEnd - 1]) { valueEnd -= 1 }
    var field = unsafe HeaderField(
      nameStart: UInt32(truncatingIfNeeded: index),
      nameCount: UInt16(truncatingIfNeeded: nameEnd - index),
      known: KnownHeader(bytes.base + index, nameEnd - index),
      value: ByteRange(valueStart, valueEnd))
    field.spaceBeforeColon = UInt8(clamping: start - nameEnd - 1)
    return (next, field)
  }

  /// Where the name that starts at `start` ends and its value starts, or what is wrong.
  ///
  /// A proxy must remove white space before the colon of a response's field (RFC 9112 section 5.1);
  /// in a request it is refused.
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
