// SPDX-License-Identifier: MIT

import Bytes
import Foundation
import Network
import Testing

@Suite struct TLSMemoryTests {
  private func residentBytes() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let pages = try #require(Int(text.split(separator: " ")[1]))
    return pages * 4_096
  }

  /// Idle sessions own no record buffers: what is left is OpenSSL's own state, for both ends of a
  /// pair. Other tests allocate meanwhile, so the smallest of a few measurements counts; all pairs
  /// live to the end, so that none is made of memory another has freed.
  @Test func idleSessionsAreSmall() throws {
    let peer = try TestTLS.peer()
    let context = try TestTLS.server()
    let workspaces = (TLSWorkspace(), TLSWorkspace())
    var pairs: [TLSPair] = []
    var smallest = Int.max
    let count = 200
    for _ in 0..<5 {
      let before = try residentBytes()
      for _ in 0..<count {
        let pair = try TLSPair(peer, context, in: workspaces)
        pair.pump()
        #expect(pair.send([1], from: pair.client) == 1)
        pair.pump()
        pairs.append(pair)
      }
      smallest = min(smallest, (try residentBytes() - before) / count)
    }
    print("resident bytes per idle pair of TLS sessions: \(smallest)")
    #expect(smallest < 60_000)
    #expect(pairs.allSatisfy { $0.client.isOpen })
    #expect(workspaces.0.sessionCount == 5 * count)
    pairs = []
    workspaces.0.destroy()
    workspaces.1.destroy()
  }
}
