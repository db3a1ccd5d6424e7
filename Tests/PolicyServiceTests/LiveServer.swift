// SPDX-License-Identifier: MIT

import ControlPlane
import EventLoop
import Foundation

/// The API on a real socket, on a loop and thread of its own, for one exchange.
final class LiveServer: @unchecked Sendable {
  private let loop: Loop
  private let server: HTTPServer
  private let ended = DispatchSemaphore(value: 0)

  init(_ table: RouteTable) throws {
    let loop = try Loop()
    self.loop = loop
    guard let address = SocketAddress(host: "127.0.0.1", port: 0) else {
      throw LoopError.invalidArgument
    }
    server = try HTTPServer(on: loop, address: address, handler: table.answer)
    Thread { [self] in
      loop.run()
      loop.close()
      ended.signal()
    }.start()
  }

  /// Sends one request and reads the answer to the connection's end.
  func exchange(_ method: String, _ path: String, _ body: String) async -> [UInt8] {
    let text =
      "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
      + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    let port = server.address.port
    return await Self.blocking { Self.exchange(Array(text.utf8), port: port) }
  }

  /// True if the loop ended within five seconds.
  func finish() async -> Bool {
    await server.closeAll()
    loop.stop()
    return await Self.blocking { self.ended.wait(timeout: .now() + 5) == .success }
  }

  /// Runs what blocks on a thread of its own: the pool of tasks has as few threads as cores.
  private static func blocking<Result: Sendable>(
    _ body: @escaping @Sendable () -> Result
  ) async -> Result {
    await withCheckedContinuation { done in
      Thread { done.resume(returning: body()) }.start()
    }
  }

  private static func exchange(_ request: [UInt8], port: UInt16) -> [UInt8] {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { _ = close(descriptor) }
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0, send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) > 0 else {
      return []
    }
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count <= 0 { return all }
      all += buffer[..<count]
    }
  }
}
