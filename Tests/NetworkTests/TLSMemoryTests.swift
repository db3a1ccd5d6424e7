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

  /// Idle sessions own no record buffers: what is left is OpenSSL's own state. Both ends of a pair
  /// are counted, and other tests allocate meanwhile: hence the slack.
  @Test func idleSessionsAreSmall() throws {
    let peer = try TestTLS.peer()
    let context = try TestTLS.server()
    let workspaces = (TLSWorkspace(), TLSWorkspace())
    var pairs: [TLSPair] = []
    let count = 500
    let before = try residentBytes()
    for _ in 0..<count {
      let pair = try TLSPair(peer, context, in: workspaces)
      pair.pump()
      #expect(pair.send([1], from: pair.client) == 1)
      pair.pump()
      pairs.append(pair)
    }
    let perPair = (try residentBytes() - before) / count
    print("resident bytes per idle pair of TLS sessions: \(perPair)")
    #expect(perPair < 60_000)
    #expect(pairs.allSatisfy { $0.client.isOpen })
    #expect(workspaces.0.sessionCount == count)
    pairs = []
    workspaces.0.destroy()
    workspaces.1.destroy()
  }
}
