// SPDX-License-Identifier: MIT

import Bytes
import Network

/// A client and a server session back to back, each with a workspace of its own; ciphertext moves
/// between them in pieces of a chosen size.
final class TLSPair {
  let clientWorkspace: TLSWorkspace
  let serverWorkspace: TLSWorkspace
  private let ownsWorkspaces: Bool
  let client: TLSSession
  let server: TLSSession
  /// On the way, in both directions.
  var toServer: [UInt8] = []
  var toClient: [UInt8] = []
  var clientPlaintext: [UInt8] = []
  var serverPlaintext: [UInt8] = []
  var clientEnd: TLSRead?
  var serverEnd: TLSRead?

  init(
    _ peer: TLSPeer, _ context: TLSContext, in shared: (TLSWorkspace, TLSWorkspace)? = nil
  ) throws {
    (clientWorkspace, serverWorkspace) = shared ?? (TLSWorkspace(), TLSWorkspace())
    ownsWorkspaces = shared == nil
    client = try TLSSession.client(peer, in: clientWorkspace)
    server = try TLSSession.server(context, in: serverWorkspace)
    client.handshake()
    collect()
  }

  deinit {
    client.destroy()
    server.destroy()
    if !ownsWorkspaces { return }
    clientWorkspace.destroy()
    serverWorkspace.destroy()
  }

  func collect() {
    toServer += clientWorkspace.output.array
    clientWorkspace.clearOutput()
    toClient += serverWorkspace.output.array
    serverWorkspace.clearOutput()
  }

  /// Moves ciphertext until both directions are dry.
  func pump(piece: Int = .max) {
    while !toServer.isEmpty || !toClient.isEmpty {
      let forward = Array(toServer.prefix(piece))
      toServer.removeFirst(forward.count)
      serverEnd = deliver(forward, server, serverWorkspace, &serverPlaintext) ?? serverEnd
      let back = Array(toClient.prefix(piece))
      toClient.removeFirst(back.count)
      clientEnd = deliver(back, client, clientWorkspace, &clientPlaintext) ?? clientEnd
    }
  }

  private func deliver(
    _ bytes: [UInt8], _ session: TLSSession, _ workspace: TLSWorkspace,
    _ plaintext: inout [UInt8]
  ) -> TLSRead? {
    if bytes.isEmpty { return nil }
    return bytes.withUnsafeBufferPointer { buffer -> TLSRead? in
      session.feed(ByteView(base: buffer.baseAddress!, count: buffer.count))
      let target = workspace.plaintext
      while true {
        let step = session.read(into: target.baseAddress!, capacity: target.count)
        collect()
        switch step {
        case .bytes(let count): plaintext += target.prefix(count)
        case .wantsInput: return nil
        case .wantsOutput: continue
        case .closed, .failed: return step
        }
      }
    }
  }

  /// Sends all of `bytes`, however often the output has to be emptied on the way.
  func send(_ bytes: [UInt8], from session: TLSSession) -> Int {
    var sent = 0
    bytes.withUnsafeBufferPointer { buffer in
      while sent < buffer.count {
        let taken = session.write(
          ByteView(base: buffer.baseAddress! + sent, count: buffer.count - sent))
        collect()
        if taken == 0 { return }
        sent += taken
      }
    }
    return sent
  }
}

extension ByteView {
  var array: [UInt8] { Array(UnsafeBufferPointer(start: base, count: count)) }
}

/// Contexts most tests want.
enum TestTLS {
  static func peer(
    _ name: String = "localhost", configuration: TLSClientConfiguration? = nil
  ) throws -> TLSPeer {
    let trusting = TLSClientConfiguration(
      trust: .authorities(file: TestCertificates.shared.authority))
    return try TLSPeer(context: TLSContext(client: configuration ?? trusting), name: name)
  }

  static func server(
    _ names: [String] = ["localhost"], _ change: (inout TLSServerConfiguration) -> Void = { _ in }
  ) throws -> TLSContext {
    var configuration = TLSServerConfiguration(
      certificates: names.map(TestCertificates.shared.certificate))
    change(&configuration)
    return try TLSContext(server: configuration)
  }
}
