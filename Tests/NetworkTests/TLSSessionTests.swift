// SPDX-License-Identifier: MIT

import Bytes
import Network
import Testing

@Suite struct TLSSessionTests {
  static let versions: [TLSVersion] = [.tls12, .tls13]

  /// A peer and a server that speak only `version`.
  static func parties(_ version: TLSVersion) throws -> (TLSPeer, TLSContext) {
    let configuration = TLSClientConfiguration(
      trust: .authorities(file: TestCertificates.shared.authority), minimumVersion: version,
      maximumVersion: version)
    return (try TestTLS.peer(configuration: configuration), try TestTLS.server())
  }

  @Test(arguments: versions) func carriesBothWays(_ version: TLSVersion) throws {
    let (peer, context) = try Self.parties(version)
    let pair = try TLSPair(peer, context)
    pair.pump()
    #expect(pair.client.isOpen && pair.server.isOpen)
    #expect(pair.client.version == version && pair.server.version == version)
    #expect(pair.client.applicationProtocol == .http11)
    #expect(pair.server.applicationProtocol == .http11)
    #expect(pair.server.serverName == "localhost")
    #expect(pair.send(Array("hello".utf8), from: pair.client) == 5)
    #expect(pair.send(Array("welcome".utf8), from: pair.server) == 7)
    pair.pump()
    #expect(pair.serverPlaintext == Array("hello".utf8))
    #expect(pair.clientPlaintext == Array("welcome".utf8))
  }

  /// Every prefix of the ciphertext stream ends somewhere awkward if pieces are one byte long.
  @Test(arguments: versions, [1, 2, 3, 5, 7, 1_000]) func survivesCuts(
    _ version: TLSVersion, _ piece: Int
  ) throws {
    let (peer, context) = try Self.parties(version)
    let pair = try TLSPair(peer, context)
    pair.pump(piece: piece)
    #expect(pair.client.isOpen && pair.server.isOpen)
    let text = (0..<3_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    #expect(pair.send(text, from: pair.client) == text.count)
    #expect(pair.send(text, from: pair.server) == text.count)
    pair.client.close()
    pair.server.close()
    pair.collect()
    pair.pump(piece: piece)
    #expect(pair.serverPlaintext == text)
    #expect(pair.clientPlaintext == text)
    #expect(pair.clientEnd == .closed && pair.serverEnd == .closed)
  }

  @Test func movesMoreThanTheOutputHolds() throws {
    let pair = try TLSPair(try TestTLS.peer(), try TestTLS.server())
    pair.pump()
    let large = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 ^ ($0 >> 8)) }
    #expect(pair.send(large, from: pair.client) == large.count)
    pair.pump()
    #expect(pair.serverPlaintext == large)
  }

  @Test func writesNothingWhenTheOutputIsFull() throws {
    let pair = try TLSPair(try TestTLS.peer(), try TestTLS.server())
    pair.pump()
    let block = [UInt8](repeating: 1, count: 100_000)
    block.withUnsafeBufferPointer { buffer in
      let view = ByteView(base: buffer.baseAddress!, count: buffer.count)
      let first = pair.client.write(view)
      #expect(first >= 3 * TLSWorkspace.recordPlaintextMaximum && first < block.count)
      #expect(pair.client.write(view) == 0)
    }
    #expect(pair.client.isOpen)
  }

  @Test func writeWaitsForTheHandshake() throws {
    let pair = try TLSPair(try TestTLS.peer(), try TestTLS.server())
    "early".withByteView { #expect(pair.client.write($0) == 0) }
    #expect(pair.client.isHandshaking)
  }

  @Test func closeIsOrderly() throws {
    let pair = try TLSPair(try TestTLS.peer(), try TestTLS.server())
    pair.pump()
    pair.client.close()
    pair.collect()
    pair.pump()
    #expect(pair.serverEnd == .closed)
    #expect(pair.server.endOfInput() == .closed)
    "after".withByteView { #expect(pair.client.write($0) == 0) }
    // The other half stays usable: the server may still answer.
    #expect(pair.send(Array("late".utf8), from: pair.server) == 4)
    pair.pump()
    #expect(pair.clientPlaintext == Array("late".utf8))
  }

  @Test func endWithoutCloseIsTruncation() throws {
    let pair = try TLSPair(try TestTLS.peer(), try TestTLS.server())
    pair.pump()
    #expect(pair.server.endOfInput() == .failed)
    #expect(pair.server.error.kind == .truncated)
  }

  @Test func alteredRecordFails() throws {
    let pair = try TLSPair(try TestTLS.peer(), try TestTLS.server())
    pair.pump()
    _ = pair.send(Array("hello".utf8), from: pair.client)
    pair.toServer[pair.toServer.count - 1] ^= 1
    pair.pump()
    #expect(pair.serverEnd == .failed)
    #expect(pair.server.error.kind == .protocolFailure)
    #expect(pair.serverPlaintext.isEmpty)
    #expect(pair.clientEnd == .failed)
    #expect(pair.client.error.kind == .peerAlert)
  }

  @Test func plainHTTPOnATLSPort() throws {
    let pair = try TLSPair(try TestTLS.peer(), try TestTLS.server())
    pair.toServer = Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
    pair.pump()
    #expect(pair.serverEnd == .failed)
    #expect(pair.server.error.kind == .notTLS)
  }

  @Test func plainHTTPAnswerToAClient() throws {
    let pair = try TLSPair(try TestTLS.peer(), try TestTLS.server())
    pair.toServer = []
    pair.toClient = Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)
    pair.pump()
    #expect(pair.client.error.kind == .notTLS)
  }

  @Test func garbageNeverTraps() throws {
    var random = SystemRandomNumberGenerator()
    for round in 0..<200 {
      let pair = try TLSPair(try TestTLS.peer(), try TestTLS.server())
      if round % 2 == 0 {
        let index = Int.random(in: 0..<pair.toServer.count, using: &random)
        pair.toServer[index] = UInt8.random(in: 0...255, using: &random)
      } else {
        pair.toServer = (0..<300).map { _ in UInt8.random(in: 0...255, using: &random) }
      }
      pair.pump()
      #expect(pair.serverPlaintext.isEmpty)
    }
  }
}
