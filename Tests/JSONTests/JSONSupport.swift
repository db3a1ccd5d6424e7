// SPDX-License-Identifier: MIT

import Bytes
import JSON

/// Runs `body` on a copy whose last byte is the last of its allocation, so that AddressSanitizer
/// sees a read beyond it.
func withBytes<Result>(_ bytes: [UInt8], _ body: (ByteView) throws -> Result) rethrows -> Result {
  let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
  defer { copy.deallocate() }
  for (index, byte) in bytes.enumerated() { copy[index] = byte }
  return try body(ByteView(base: UnsafePointer(copy), count: bytes.count))
}

func withWriter(capacity: Int = 4_096, _ body: (inout ByteWriter) -> Void) -> String {
  let storage = UnsafeMutablePointer<UInt8>.allocate(capacity: max(capacity, 1))
  defer { storage.deallocate() }
  var writer = ByteWriter(base: storage, capacity: capacity)
  body(&writer)
  return writer.written.string
}

enum ScanOutcome: Equatable {
  case accepted
  case refused(JSONError.Reason, Int)
}

func scanRequest(_ text: [UInt8]) -> (ScanOutcome, ChatRequestFacts) {
  var facts = ChatRequestFacts()
  return withBytes(text) { view in
    do throws(JSONError) {
      try ChatRequestScanner.scan(view, into: &facts)
      return (.accepted, facts)
    } catch {
      return (.refused(error.reason, Int(error.offset)), facts)
    }
  }
}

func scanRequest(_ text: String) -> (ScanOutcome, ChatRequestFacts) {
  scanRequest(Array(text.utf8))
}

func scanResponse(_ text: String) -> ResponseFacts {
  var facts = ResponseFacts()
  withBytes(Array(text.utf8)) { ResponseScanner.scan($0, into: &facts) }
  return facts
}

extension String {
  /// The text in a range of bytes.
  func bytes(_ range: ByteRange) -> String {
    String(decoding: Array(utf8)[range.lowerBound..<range.upperBound], as: UTF8.self)
  }
}
