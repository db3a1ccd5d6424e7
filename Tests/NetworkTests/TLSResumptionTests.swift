// SPDX-License-Identifier: MIT

import Bytes
import Network
import Testing

@Suite struct TLSResumptionTests {
  /// Connects, exchanges a byte each way (a TLS 1.3 ticket comes with the answer), says goodbye.
  private func visit(_ peer: TLSPeer, _ context: TLSContext) throws -> Bool {
    let pair = try TLSPair(peer, context)
    pair.pump()
    #expect(pair.client.isOpen && pair.server.isOpen, "\(pair.client.error)")
    #expect(pair.send([1], from: pair.client) == 1)
    pair.pump()
    #expect(pair.serverPlaintext == [1])
    #expect(pair.send([2], from: pair.server) == 1)
    pair.pump()
    #expect(pair.clientPlaintext == [2])
    #expect(pair.client.isResumed == pair.server.isResumed)
    return pair.client.isResumed
  }

  @Test(arguments: TLSSessionTests.versions) func secondVisitResumes(_ version: TLSVersion) throws {
    let (peer, context) = try TLSSessionTests.parties(version)
    #expect(try !visit(peer, context))
    #expect(peer.resumableSessionCount > 0)
    for _ in 0..<20 { #expect(try visit(peer, context)) }
    #expect(peer.resumableSessionCount <= 8)
  }

  @Test func oneTicketComesWithTheFirstAnswer() throws {
    let (peer, context) = try TLSSessionTests.parties(.tls13)
    let pair = try TLSPair(peer, context)
    pair.pump()
    #expect(pair.send([1], from: pair.client) == 1)
    pair.pump()
    #expect(pair.serverPlaintext == [1] && peer.resumableSessionCount == 0)
    for count in 1...3 {
      #expect(pair.send([2], from: pair.server) == 1)
      pair.pump()
      #expect(pair.clientPlaintext.count == count)
      #expect(peer.resumableSessionCount == 1)
    }
  }

  @Test func resumesBehindAServerName() throws {
    let peer = try TestTLS.peer("other.test")
    let context = try TestTLS.server(["localhost", "other"])
    #expect(try !visit(peer, context))
    #expect(try visit(peer, context))
  }

  @Test func strangersTicketIsAFullHandshake() throws {
    let peer = try TestTLS.peer()
    #expect(try !visit(peer, try TestTLS.server()))
    #expect(try !visit(peer, try TestTLS.server()))
  }

  @Test func resumptionCanBeOff() throws {
    let configuration = TLSClientConfiguration(
      trust: .authorities(file: TestCertificates.shared.authority), sessionsPerPeerMaximum: 0)
    let peer = try TestTLS.peer(configuration: configuration)
    let context = try TestTLS.server()
    #expect(try !visit(peer, context))
    #expect(try !visit(peer, context))
    #expect(peer.resumableSessionCount == 0)
  }

  @Test func reloadKeepsOpenSessionsAndTickets() throws {
    let slot = TLSContextSlot(try TestTLS.server(["localhost"]))
    let peer = try TestTLS.peer()
    let pair = try TLSPair(peer, slot.current)
    pair.pump()

    let certificates = TestCertificates.shared
    try slot.reload(
      TLSServerConfiguration(
        certificates: [certificates.certificate("localhost"), certificates.certificate("other")]))
    // The open connection does not notice.
    #expect(pair.send([7], from: pair.server) == 1)
    pair.pump()
    #expect(pair.clientPlaintext == [7])
    // A new one resumes with the old ticket; a new name has the new certificate.
    #expect(try visit(peer, slot.current))
    #expect(try !visit(try TestTLS.peer("other.test"), slot.current))
  }

  @Test func failedReloadKeepsTheOldContext() throws {
    let slot = TLSContextSlot(try TestTLS.server())
    let before = slot.current
    #expect(throws: TLSError.self) {
      try slot.reload(
        TLSServerConfiguration(certificates: [.init(chainFile: "/nowhere", keyFile: "/nowhere")]))
    }
    #expect(slot.current === before)
  }
}
