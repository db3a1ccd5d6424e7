// SPDX-License-Identifier: MIT

import ControlPlane
import EventLoop
import Foundation
import Network

/// A loop on a thread of its own with one server on it; `finish` stops both.
final class ServerThread: @unchecked Sendable {
  let loop: Loop
  let server: HTTPServer
  private let ended = DispatchSemaphore(value: 0)

  init(
    configuration: HTTPServerConfiguration = HTTPServerConfiguration(), tls: TLSContextSlot? = nil,
    handler: @escaping HTTPHandler
  ) throws {
    let loop = try Loop()
    self.loop = loop
    server = try HTTPServer(
      on: loop, address: SocketAddress(host: "127.0.0.1", port: 0)!, configuration: configuration,
      tls: tls, handler: handler)
    let thread = Thread { [self] in
      loop.run()
      loop.close()
      ended.signal()
    }
    thread.start()
  }

  var port: UInt16 { server.address.port }

  func connectionCount() async -> Int {
    await withCheckedContinuation { done in
      loop.execute { [self] in done.resume(returning: server.connectionCount) }
    }
  }

  /// True if the loop ended within five seconds.
  func finish() async -> Bool {
    await server.closeAll()
    loop.stop()
    return await RawClient.blocking { self.ended.wait(timeout: .now() + 5) == .success }
  }
}
