// SPDX-License-Identifier: MIT

import ControlPlane
import EventLoop
import Foundation
import Network
import Testing

/// What a handler saw of its client's leaving.
private final class Witness: @unchecked Sendable {
  private let lock = NSLock()
  private var seen: [String] = []
  func note(_ text: String) { lock.withLock { seen.append(text) } }
  var all: [String] { lock.withLock { seen } }
}

@Suite struct HTTPStreamTests {
  private static let ask = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

  private func stream(
    _ fields: HTTPFields = HTTPFields(),
    _ write: @escaping @Sendable (HTTPBodyWriter) async throws -> Void
  ) throws -> ServerThread {
    try ServerThread { _ in HTTPResponse(status: 200, fields: fields, body: .stream(write)) }
  }

  @Test func streamsInChunksAndKeepsTheConnection() async throws {
    let thread = try stream { writer in
      for index in 0..<3 {
        try await writer.write("data: \(index)\n\n")
        try await Task.sleep(for: .milliseconds(5))
      }
      try await writer.write([])
    }
    let client = try await RawClient.connect(thread.port)
    for _ in 0..<2 {
      await client.send(Self.ask)
      let answer = await client.receive(until: "\r\n0\r\n\r\n")
      #expect(answer.contains("transfer-encoding: chunked\r\n"))
      let chunks = (0..<3).map { "9\r\ndata: \($0)\n\n\r\n" }.joined()
      #expect(answer.contains("\r\n\r\n" + chunks))
    }
    // HTTP/1.0 knows no chunks: the end is the connection's.
    let old = try await RawClient.connect(thread.port)
    await old.send("GET / HTTP/1.0\r\n\r\n")
    #expect(await old.receiveAll()?.hasSuffix("\r\n\r\ndata: 0\n\ndata: 1\n\ndata: 2\n\n") == true)
    #expect(await thread.finish())
  }

  @Test func aBrokenStreamIsNeverAWholeOne() async throws {
    let throwing = try stream { writer in
      try await writer.write("half")
      throw CancellationError()
    }
    let first = try await RawClient.connect(throwing.port)
    await first.send(Self.ask)
    #expect(await first.receiveAll() == nil)
    #expect(await throwing.finish())

    for text in ["four", "too many"] {
      let short = try stream(["content-length": "5"]) { writer in try await writer.write(text) }
      let second = try await RawClient.connect(short.port)
      await second.send(Self.ask)
      #expect(await second.receiveAll() == nil)
      #expect(await short.finish())
    }
    let exact = try stream(["content-length": "5"]) { writer in try await writer.write("exact") }
    let third = try await RawClient.connect(exact.port)
    await third.send(Self.ask)
    #expect(await third.receive(until: "exact").hasSuffix("\r\n\r\nexact"))
    #expect(await exact.finish())
  }

  @Test func aSlowReaderHoldsTheWriterBack() async throws {
    let witness = Witness()
    let block = String(repeating: "x", count: 100_000)
    let thread = try stream { writer in
      for index in 0..<400 {
        try await writer.write(block)
        witness.note("\(index)")
      }
    }
    let client = try await RawClient.connect(thread.port)
    await client.send(Self.ask)
    try await Task.sleep(for: .milliseconds(300))
    // 40 MB were to be written; kernel buffers and the high-water mark hold a part of that.
    let held = witness.all.count
    #expect(held < 300)
    let all = await client.receive(until: "\r\n0\r\n\r\n")
    #expect(all.utf8.count > 400 * block.utf8.count)
    #expect(witness.all.count == 400)
    #expect(await thread.finish())
  }

  @Test(arguments: [true, false]) func aClientThatLeavesEndsTheHandler(_ waits: Bool) async throws {
    let witness = Witness()
    let thread = try stream { writer in
      try await writer.write("hello")
      do {
        if waits { try await Task.sleep(for: .seconds(60)) }
        while true {
          try await writer.write("more")
          try await Task.sleep(for: .milliseconds(1))
        }
      } catch {
        witness.note("\(type(of: error))")
        throw error
      }
    }
    let client = try await RawClient.connect(thread.port)
    await client.send(Self.ask)
    _ = await client.receive(until: "hello")
    client.close()
    try await waitUntil { witness.all.count == 1 }
    #expect(waits ? witness.all == ["CancellationError"] : true)
    try await waitUntil { await thread.connectionCount() == 0 }
    #expect(await thread.finish())
  }

  @Test func wireResponsesAreTheHandlersOwn() async throws {
    let thread = try ServerThread { request in
      HTTPResponse(
        status: 0,
        body: .wire { writer in
          try await writer.write("HTTP/9.9 two hundred\r\n\r\n")
          switch request.path {
          case "/keep": return .keepOpen
          case "/close": return .close
          case "/reset": return .reset
          default: return .stall
          }
        })
    }
    func ask(_ path: String) async throws -> RawClient {
      let client = try await RawClient.connect(thread.port)
      await client.send("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n")
      return client
    }
    let keep = try await ask("/keep")
    #expect(await keep.receive(until: "\r\n\r\n") == "HTTP/9.9 two hundred\r\n\r\n")
    await keep.send("GET /close HTTP/1.1\r\nHost: h\r\n\r\n")
    #expect(await keep.receiveAll() == "HTTP/9.9 two hundred\r\n\r\n")
    #expect(await (try ask("/reset")).receiveAll() == nil)
    keep.close()
    let stall = try await ask("/stall")
    #expect(await stall.receive(until: "\r\n\r\n") == "HTTP/9.9 two hundred\r\n\r\n")
    try await Task.sleep(for: .milliseconds(50))
    #expect(await thread.connectionCount() >= 1)
    stall.close()
    try await waitUntil { await thread.connectionCount() == 0 }
    #expect(await thread.finish())
  }
}
