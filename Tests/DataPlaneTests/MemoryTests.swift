// SPDX-License-Identifier: MIT

import Testing

@testable import DataPlane
@testable import EventLoop

/// What connections and decisions hold: it grows unseen, a field at a time.
@Suite struct MemoryTests {
  @Test func decisionsTakeWhatWasAskedFor() {
    #expect(DecisionLog.byteCount(recordCount: 10_000) == 10_000 * DecisionLog.bytesPerRecord)
    #expect(DecisionLog.byteCount(recordCount: 0) == 64 << 10)
  }

  /// A stream holds a client's connection and an upstream's, and a socket for each.
  @Test func aStreamHoldsLittle() {
    #expect(MemoryLayout<Exchange>.size <= 1_024)
    #expect(MemoryLayout<ClientConnection>.size <= 1_536)
    #expect(MemoryLayout<UpstreamConnection>.size <= 256)
    #expect(MemoryLayout<SocketState>.size <= 704)
  }
}
