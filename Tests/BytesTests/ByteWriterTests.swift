// SPDX-License-Identifier: MIT

import Bytes
import Testing

@Suite struct ByteWriterTests {
  private func written(capacity: Int = 64, _ body: (inout ByteWriter) -> Void) -> String {
    let storage = UnsafeMutablePointer<UInt8>.allocate(capacity: max(capacity, 1))
    defer { storage.deallocate() }
    var writer = ByteWriter(base: storage, capacity: capacity)
    body(&writer)
    return writer.written.string
  }

  @Test func decimals() {
    let values: [UInt64] = [
      0, 1, 9, 10, 99, 100, 12_345, 999_999_999_999_999_999, 1_000_000_000_000_000_000,
      9_999_999_999_999_999_999, 10_000_000_000_000_000_000, .max,
    ]
    for value in values {
      #expect(written { $0.append(decimal: value) } == String(value))
      #expect(written { $0.append(hexadecimal: value) } == String(value, radix: 16))
    }
    for shift in 0..<64 {
      let value = UInt64(1) << UInt64(shift)
      #expect(written { $0.append(hexadecimal: value) } == String(value, radix: 16))
      #expect(written { $0.append(decimal: value &- 1) } == String(value &- 1))
    }
    #expect(written { $0.append(decimal: 7, width: 2) } == "07")
    #expect(written { $0.append(decimal: 1994, width: 2) } == "1994")
    #expect(written { $0.append(decimal: 0, width: 5) } == "00000")
  }

  @Test func overflowWritesNothingAndStays() {
    let text = written(capacity: 5) { writer in
      writer.append("abc")
      writer.append("def")
      #expect(writer.overflowed && writer.count == 3)
      // There would be room for this one, but a hole before it would go unseen.
      writer.append(0x78)
      writer.append(decimal: 1)
      #expect(writer.overflowed && writer.count == 3)
      writer.truncate(to: 2)
      #expect(!writer.overflowed && writer.space == 3)
      writer.append("cde")
      #expect(!writer.overflowed && writer.space == 0)
    }
    #expect(text == "abcde")
    #expect(written(capacity: 0) { $0.append(0x61) } == "")
  }
}
