// SPDX-License-Identifier: MIT

import Bytes
import Network
import Testing

/// What the two ends make of each other's certificates, names, versions and protocols.
@Suite struct TLSVerificationTests {
  private func refusal(_ name: String, shown certificate: String) throws -> TLSError? {
    let pair = try TLSPair(try TestTLS.peer(name), try TestTLS.server([certificate]))
    pair.pump()
    if pair.client.isOpen { return nil }
    // The server learns it from the alert.
    #expect(pair.serverEnd == .failed)
    #expect(pair.server.error.kind == .peerAlert)
    return pair.client.error
  }

  @Test func rightNamesAreBelieved() throws {
    #expect(try refusal("localhost", shown: "localhost") == nil)
    #expect(try refusal("127.0.0.1", shown: "localhost") == nil)
    #expect(try refusal("a.example.test", shown: "wild") == nil)
  }

  @Test func wrongNamesAreRefused() throws {
    #expect(try refusal("localhost", shown: "other")?.kind == .hostNameMismatch)
    #expect(try refusal("127.0.0.2", shown: "localhost")?.kind == .hostNameMismatch)
    #expect(try refusal("a.b.example.test", shown: "wild")?.kind == .hostNameMismatch)
    #expect(try refusal("example.test", shown: "wild")?.kind == .hostNameMismatch)
  }

  @Test func expiredAndUnknownAreRefused() throws {
    let expired = try #require(try refusal("localhost", shown: "expired"))
    #expect(expired.kind == .certificateExpired)
    #expect(expired.reason == "certificate has expired")
    let alone = try #require(try refusal("localhost", shown: "alone"))
    #expect(alone.kind == .certificateUntrusted)
    #expect(alone.reason.contains("self-signed"))
  }

  @Test func systemStoreDoesNotKnowTheTestAuthority() throws {
    let peer = try TestTLS.peer(configuration: TLSClientConfiguration(trust: .system))
    let pair = try TLSPair(peer, try TestTLS.server())
    pair.pump()
    #expect(pair.client.error.kind == .certificateUntrusted)
  }

  @Test func unverifiedTakesAnything() throws {
    let peer = try TestTLS.peer(configuration: TLSClientConfiguration(trust: .unverified))
    let pair = try TLSPair(peer, try TestTLS.server(["expired"]))
    pair.pump()
    #expect(pair.client.isOpen)
  }

  @Test func choosesTheCertificateByName() throws {
    let server = try TestTLS.server(["localhost", "wild", "other"])
    for name in ["other.test", "b.example.test", "localhost"] {
      let pair = try TLSPair(try TestTLS.peer(name), server)
      pair.pump()
      #expect(pair.client.isOpen, "\(name): \(pair.client.error)")
    }
    // A name nobody has sees the first certificate, which is for localhost.
    let pair = try TLSPair(try TestTLS.peer("nobody.test"), server)
    pair.pump()
    #expect(pair.client.error.kind == .hostNameMismatch)
  }

  @Test func agreesOnTheServersProtocol() throws {
    let configuration = TLSClientConfiguration(
      trust: .authorities(file: TestCertificates.shared.authority),
      applicationProtocols: [.http11, .http2])
    let peer = try TestTLS.peer(configuration: configuration)
    let both = try TestTLS.server { $0.applicationProtocols = [.http2, .http11] }
    let pair = try TLSPair(peer, both)
    pair.pump()
    #expect(pair.client.applicationProtocol == .http2)
    #expect(pair.server.applicationProtocol == .http2)

    let silent = try TestTLS.server { $0.applicationProtocols = [] }
    let unanswered = try TLSPair(peer, silent)
    unanswered.pump()
    #expect(unanswered.client.isOpen && unanswered.client.applicationProtocol == nil)
  }

  @Test func noProtocolInCommonFails() throws {
    let server = try TestTLS.server { $0.applicationProtocols = [.http2] }
    let pair = try TLSPair(try TestTLS.peer(), server)
    pair.pump()
    #expect(pair.client.error.kind == .noApplicationProtocol)
    #expect(pair.serverEnd == .failed)
  }

  @Test func noVersionInCommonFails() throws {
    let configuration = TLSClientConfiguration(
      trust: .authorities(file: TestCertificates.shared.authority), maximumVersion: .tls12)
    let server = try TestTLS.server { $0.minimumVersion = .tls13 }
    let pair = try TLSPair(try TestTLS.peer(configuration: configuration), server)
    pair.pump()
    #expect(pair.server.error.kind == .noCommonVersion)
    #expect(pair.client.error.kind == .noCommonVersion)
  }

  @Test func badFilesAreErrors() throws {
    let certificates = TestCertificates.shared
    func kind(_ certificate: TLSCertificate) -> TLSError.Kind? {
      let configuration = TLSServerConfiguration(certificates: [certificate])
      do { _ = try TLSContext(server: configuration) } catch { return error.kind }
      return nil
    }
    #expect(kind(TLSCertificate(chainFile: "/nowhere", keyFile: "/nowhere")) == .certificateFile)
    let good = certificates.certificate("localhost")
    let stranger = certificates.certificate("other").keyFile
    #expect(
      kind(TLSCertificate(chainFile: good.chainFile, keyFile: stranger)) == .certificateFile)
    #expect(
      kind(TLSCertificate(chainFile: good.keyFile, keyFile: good.keyFile)) == .certificateFile)
    #expect(kind(good) == nil)
    #expect(throws: TLSError.self) {
      _ = try TLSContext(client: TLSClientConfiguration(trust: .authorities(file: "/nowhere")))
    }
    #expect(throws: TLSError.self) { _ = try TestTLS.peer("") }
    #expect(throws: TLSError.self) { _ = try TLSContext(server: .init(certificates: [])) }
  }
}
