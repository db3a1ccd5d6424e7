// SPDX-License-Identifier: MIT

import Bytes
import Telemetry

extension FuzzTarget {
  /// A `traceparent` that is read is written back as a valid one of version 00 that reads the same;
  /// values of `tracestate` and `baggage` that pass hold nothing that could end a header line.
  static let traceContext = FuzzTarget(
    name: "trace-context",
    dictionary: [
      "00-", "-01", "ff", "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331",
      "00000000000000000000000000000000", ",", "=", ";", " ", "\t", "@", "%20", "\r\n", "A", "é",
    ]
  ) { input in
    try withView(input) { view in
      if let context = TraceContext(traceparent: view) { try checkContext(context, view) }
      if PropagatedFields.isTraceState(view) {
        try require(view.count <= PropagatedFields.traceStateBytesMaximum, "a long trace state")
        try requireFieldValue(view)
      }
      if PropagatedFields.isBaggage(view) {
        try require(view.count <= PropagatedFields.baggageBytesMaximum, "long baggage")
        try requireFieldValue(view)
      }
    }
  }
}

private func checkContext(_ context: TraceContext, _ text: ByteView) throws {
  try require(context.traceHigh | context.traceLow != 0, "a trace of zeros")
  try require(context.spanID != 0, "a span of zeros")
  try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: TraceContext.textCount) { memory in
    var writer = ByteWriter(base: memory.baseAddress!, capacity: memory.count)
    context.append(to: &writer)
    let written = writer.written
    try require(written.count == TraceContext.textCount, "\(written.count) bytes")
    try require(TraceContext(traceparent: written) == context, "read otherwise than written")
    // The ids stand where they stood.
    try require(written[3..<52].equals(text[3..<52]), "other ids")
  }
}

/// Visible ASCII, spaces and tabs: nothing that a head's parser would stumble over.
private func requireFieldValue(_ view: ByteView) throws {
  for index in 0..<view.count {
    let byte = view[index]
    try require(byte == 0x09 || (0x20...0x7e).contains(byte), "a byte that no field may hold")
  }
}
