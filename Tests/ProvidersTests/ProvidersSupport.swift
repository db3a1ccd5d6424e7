// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire
import JSON
import Providers

func withBytes<Result>(_ bytes: [UInt8], _ body: (ByteView) throws -> Result) rethrows -> Result {
  let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
  defer { copy.deallocate() }
  for (index, byte) in bytes.enumerated() { copy[index] = byte }
  return try body(ByteView(base: UnsafePointer(copy), count: bytes.count))
}

func withTable<Result>(_ body: (inout HeaderTable) -> Result) -> Result {
  let storage = UnsafeMutablePointer<HeaderField>.allocate(capacity: 64)
  defer { storage.deallocate() }
  var table = HeaderTable(storage: storage, capacity: 64)
  return body(&table)
}

func withWriter(capacity: Int, _ body: (inout ByteWriter) -> Void) -> String {
  let storage = UnsafeMutablePointer<UInt8>.allocate(capacity: max(capacity, 1))
  defer { storage.deallocate() }
  var writer = ByteWriter(base: storage, capacity: capacity)
  body(&writer)
  return writer.written.string
}

/// Text as a view that lives as long as the process; tests only.
func forever(_ text: String) -> ByteView {
  let bytes = Array(text.utf8)
  let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
  for (index, byte) in bytes.enumerated() { copy[index] = byte }
  return ByteView(base: UnsafePointer(copy), count: bytes.count)
}

/// The head that goes upstream for a client's head; nil where it did not fit.
func upstreamHead(
  _ operation: OpenAIOperation, _ endpoint: UpstreamEndpoint, client: String,
  contentLength: UInt64, capacity: Int = 4_096
) -> String? {
  var fits = false
  let text = withWriter(capacity: capacity) { writer in
    withTable { table in
      withBytes(Array(client.utf8)) { view in
        var parser = RequestHeadParser()
        guard case .complete(let head) = parser.parse(view, limits: HeadLimits(), table: &table)
        else { return }
        let start = withWriter(capacity: 4_096) {
          OpenAICompatible.appendRequestStart(operation, to: endpoint, writer: &$0)
        }
        let fields = withWriter(capacity: 4_096) {
          OpenAICompatible.appendRequestFields(head, head: view, table: table, writer: &$0)
        }
        fits = start.withByteView { start in
          fields.withByteView { fields in
            OpenAICompatible.appendRequestHead(
              start: start, contentLength: contentLength, passedFields: fields, writer: &writer)
          }
        }
      }
    }
  }
  return fits ? text : nil
}
