// SPDX-License-Identifier: MIT

import ControlPlane
import Foundation
import Testing

@testable import FakeProviders

/// A blocking client socket: the tests see the very bytes, resets and ends.
private final class Client {
  enum End: Equatable {
    case closed
    case reset
    case timedOut
  }

  private let descriptor: Int32

  init(port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(status == 0)
    setTimeout(seconds: 10)
  }

  deinit { _ = Glibc.close(descriptor) }

  func setTimeout(seconds: Int, microseconds: Int = 0) {
    var limit = timeval(tv_sec: seconds, tv_usec: microseconds)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  func write(_ text: String) {
    let bytes = Array(text.utf8)
    #expect(send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
  }

  /// Reads until `mark` has been seen or the connection ends.
  func read(until mark: String? = nil) -> (bytes: [UInt8], end: End?) {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count == 0 { return (all, .closed) }
      if count < 0 { return (all, errno == ECONNRESET ? .reset : .timedOut) }
      all += buffer[..<count]
      if let mark, String(decoding: all, as: UTF8.self).contains(mark) { return (all, nil) }
    }
  }
}

private func post(_ script: String, stream: Bool = false) -> String {
  let body =
    #"{"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":\#(stream),"#
    + #""user":"script:\#(script)"}"#
  return "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)"
    + "\r\n\r\n\(body)"
}

@Suite(.timeLimit(.minutes(1))) struct LiveTests {
  private let server: ScriptedProviderServer

  init() throws {
    server = try ScriptedProviderServer(
      ScriptedProvider { 1_700_000_000 }, bodyBytesMaximum: 10_000, recordedRequestsMaximum: 2)
  }

  /// Waits until the counters say so; false after two seconds.
  private func eventually(_ holds: (ScriptedProviderServer.Activity) -> Bool) -> Bool {
    for _ in 0..<400 {
      if holds(server.activity) { return true }
      usleep(5_000)
    }
    return false
  }

  private func exchange(_ script: String, stream: Bool = false) -> ProviderExchange {
    let body =
      #"{"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":\#(stream),"#
      + #""user":"script:\#(script)"}"#
    return ProviderExchange("/v1/chat/completions", body)
  }

  @Test func theWireCarriesWhatTheMemoryDriverSays() throws {
    for script in ["", "tokens=300", "split_bytes=7", "status=429,retry_after=3", "html"] {
      for stream in [false, true] {
        let client = try Client(port: server.port)
        client.write(post("close,\(script)", stream: stream))
        let (bytes, end) = client.read()
        #expect(bytes == exchange("close,\(script)", stream: stream).bytes)
        #expect(end == .closed)
      }
    }
  }

  @Test func connectionsAreKeptAndPipelined() throws {
    let client = try Client(port: server.port)
    let count = 50
    client.write(String(repeating: post("delay_ms=1"), count: count) + post("close"))
    let (bytes, end) = client.read()
    let one = exchange("delay_ms=1").bytes
    #expect(bytes == Array(repeatElement(one, count: count).joined()) + exchange("close").bytes)
    #expect(end == .closed)
    #expect(server.activity.connections == 1)
    #expect(server.activity.requests == count + 1)
    #expect(server.activity.completed == count + 1)
  }

  @Test func resetsAreResets() throws {
    for script in ["reset", "reset_at=10"] {
      let client = try Client(port: server.port)
      client.write(post(script))
      #expect(client.read().end == .reset)
    }
  }

  @Test func cutsAreOrderlyEnds() throws {
    let client = try Client(port: server.port)
    client.write(post("half"))
    let (bytes, end) = client.read()
    #expect(bytes == exchange("half").bytes)
    #expect(end == .closed)
  }

  @Test func stallsLastUntilTheClientLeaves() throws {
    do {
      let client = try Client(port: server.port)
      client.write(post("stall_at=5"))
      client.setTimeout(seconds: 0, microseconds: 100_000)
      let (bytes, end) = client.read()
      #expect(bytes == exchange("stall_at=5").bytes)
      #expect(end == .timedOut)
      #expect(server.activity.openConnections == 1)
    }
    #expect(eventually { $0.openConnections == 0 && $0.abandoned == 1 })
  }

  @Test func aClientThatLeavesFreesItsStream() throws {
    do {
      let client = try Client(port: server.port)
      client.write(post("tokens=1000,chunk_delay_ms=5", stream: true))
      _ = client.read(until: "\r\n\r\n")
    }
    #expect(eventually { $0.openConnections == 0 && $0.abandoned == 1 })
  }

  @Test func pausesTakeTheirTime() throws {
    let client = try Client(port: server.port)
    let start = ContinuousClock.now
    client.write(post("close,tokens=4,delay_ms=20,chunk_delay_ms=10", stream: true))
    let (bytes, _) = client.read()
    // The loop counts whole milliseconds: each of the seven pauses may lack a part of one.
    #expect(ContinuousClock.now - start >= .milliseconds(20 + 10 * 6 - 7))
    #expect(bytes == exchange("close,tokens=4,delay_ms=20", stream: true).bytes)
  }

  @Test func nonsenseIsAnsweredAndClosed() throws {
    let long = "POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n"
    for (text, status) in [("nonsense\r\n\r\n", 400), (long, 413)] {
      let client = try Client(port: server.port)
      client.write(text)
      let (bytes, end) = client.read()
      #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 \(status) "))
      #expect(end == .closed)
    }
  }

  @Test func theLastRequestsAreKept() throws {
    let client = try Client(port: server.port)
    client.write(post("tokens=1") + post("tokens=2") + post("close,tokens=3"))
    _ = client.read()
    let users = server.requests.map { (try? JSONValue(parsing: $0.body))?["user"]?.stringValue }
    #expect(users == ["script:tokens=2", "script:close,tokens=3"])
    #expect(server.requests.last?.header("HOST") == "x")
  }

  @Test func stoppingEndsOpenConnections() throws {
    let client = try Client(port: server.port)
    client.write(post("stall"))
    #expect(eventually { $0.requests == 1 })
    server.stop()
    #expect(client.read().end != .timedOut)
    #expect(server.activity.openConnections == 0)
    server.stop()
  }

  @Test func largeStreamsArriveWhole() throws {
    let client = try Client(port: server.port)
    client.write(post("close,tokens=20000", stream: true))
    usleep(50_000)
    let (bytes, end) = client.read()
    #expect(bytes.count == exchange("close,tokens=20000", stream: true).bytes.count)
    #expect(end == .closed)
  }
}
