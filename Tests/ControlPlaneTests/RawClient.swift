// SPDX-License-Identifier: MIT

import Foundation
import Glibc

/// A blocking socket that sends exactly what it is told to; every receive ends after five seconds.
final class RawClient: @unchecked Sendable {
  private var descriptor: Int32

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

  /// Runs `body` on a thread of its own: a test must not block the pool that tests share.
  static func blocking<Result: Sendable>(
    _ body: @escaping @Sendable () -> Result
  ) async -> Result {
    await withCheckedContinuation { done in
      Thread.detachNewThread { done.resume(returning: body()) }
    }
  }

  static func connect(_ port: UInt16) async throws -> RawClient {
    let descriptor: Int32 = await blocking {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var limit = timeval(tv_sec: 5, tv_usec: 0)
      setsockopt(
        descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      let status = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      return status == 0 ? descriptor : -1
    }
    if descriptor < 0 { throw POSIXError(.ECONNREFUSED) }
    return RawClient(descriptor)
  }

  func send(_ text: String) async {
    await RawClient.blocking { [self] in
      var bytes = Array(text.utf8)[...]
      while !bytes.isEmpty {
        let sent = bytes.withUnsafeBytes {
          Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if sent <= 0 { return }
        bytes = bytes.dropFirst(sent)
      }
    }
  }

  /// Sends FIN.
  func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  func close() {
    Glibc.close(descriptor)
    descriptor = -1
  }

  /// What has come when `text` has, or the connection's end.
  func receive(until text: String) async -> String {
    await RawClient.blocking { [self] in
      var all: [UInt8] = []
      while true {
        guard let more = receiveOnce(), !more.isEmpty else { break }
        all += more
        // Only the end is looked at: what came before was, too.
        let tail = String(decoding: all.suffix(more.count + text.utf8.count), as: UTF8.self)
        if tail.contains(text) { break }
      }
      return String(decoding: all, as: UTF8.self)
    }
  }

  /// Everything up to the connection's end; nil if it ended by a reset or timed out.
  func receiveAll() async -> String? {
    await RawClient.blocking { [self] in
      var all: [UInt8] = []
      while true {
        guard let more = receiveOnce() else { return nil }
        if more.isEmpty { return String(decoding: all, as: UTF8.self) }
        all += more
      }
    }
  }

  private func receiveOnce() -> ArraySlice<UInt8>? {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count < 0 ? nil : buffer.prefix(count)
  }
}

struct TimedOut: Error {}

/// Asks every few milliseconds; throws after `seconds`.
func waitUntil(seconds: Double = 5, _ condition: () async throws -> Bool) async throws {
  let end = Date().addingTimeInterval(seconds)
  while try await !condition() {
    if Date() > end { throw TimedOut() }
    try await Task.sleep(for: .milliseconds(2))
  }
}
