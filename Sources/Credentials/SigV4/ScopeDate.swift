// SPDX-License-Identifier: MIT

internal import Bytes
internal import Clocks

/// A time in the forms of Signature Version 4: `20150830T123600Z`, and its day alone.
struct ScopeDate {
  private let civil: CivilTime

  init(_ time: Timestamp) { civil = CivilTime(time) }

  func isSameDay(as other: ScopeDate) -> Bool {
    civil.day == other.civil.day && civil.month == other.civil.month
      && civil.year == other.civil.year
  }

  func appendDay(to writer: inout ByteWriter) {
    writer.append(decimal: UInt64(clamping: civil.year), width: 4)
    writer.append(decimal: UInt64(clamping: civil.month), width: 2)
    writer.append(decimal: UInt64(clamping: civil.day), width: 2)
  }

  func appendTime(to writer: inout ByteWriter) {
    appendDay(to: &writer)
    writer.append(0x54)
    writer.append(decimal: UInt64(clamping: civil.hour), width: 2)
    writer.append(decimal: UInt64(clamping: civil.minute), width: 2)
    writer.append(decimal: UInt64(clamping: civil.second), width: 2)
    writer.append(0x5a)
  }

  /// Calls `body` with the eight digits of the day, valid for the call.
  func withDay<Result>(_ body: (ByteView) -> Result) -> Result {
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { memory in
      guard let base = memory.baseAddress else { return body(.empty) }
      var writer = unsafe ByteWriter(base: base, capacity: 24)
      appendDay(to: &writer)
      return body(writer.written)
    }
  }
}
