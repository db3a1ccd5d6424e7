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
  /// pair. Other tests allocate meanwhile, so the smallest of a few measurements counts.
  @Test func idleSessionsAreSmall() throws {
    let peer = try TestTLS.peer()
    let context = try TestTLS.server()
    let perPair = try (0..<5).map { _ in try measure(peer, context, count: 200) }.min() ?? .max
    print("resident bytes per idle pair of TLS sessions: \(perPair)")
    #expect(perPair < 60_000)
  }

  private func measure(_ peer: TLSPeer, _ context: TLSContext, count: Int) throws -> Int {
    let workspaces = (TLSWorkspace(), TLSWorkspace())
    var pairs: [TLSPair] = []
    let before = try residentBytes()
    for _ in 0..<count {
      let pair = try TLSPair(peer, context, in: workspaces)
      pair.pump()
      #expect(pair.send([1], from: pair.client) == 1)
      pair.pump()
      pairs.append(pair)
    }
    let perPair = (try residentBytes() - before) / count
    #expect(pairs.allSatisfy { $0.client.isOpen })
    #expect(workspaces.0.sessionCount == count)
    pairs = []
    workspaces.0.destroy()
    workspaces.1.destroy()
    return perPair
  }
}
