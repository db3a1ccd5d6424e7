// SPDX-License-Identifier: MIT

internal import Bytes

extension [UInt8] {
  /// Calls `body` with a view of the elements, valid for the call only.
  func withByteView<Result>(_ body: (ByteView) throws -> Result) rethrows -> Result {
    try withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return try body(.empty) }
      return try body(ByteView(base: base, count: bytes.count))
    }
  }
}
