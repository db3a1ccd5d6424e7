// SPDX-License-Identifier: MIT

import ControlPlane
import EventLoop
import Foundation
import Network
import Synchronization
import Testing

@Suite struct HTTPServerTests {
  /// Says what it was asked.
  @Sendable static func echo(_ request: HTTPRequest) async -> HTTPResponse {
    let text = "\(request.method) \(request.path) \(String(decoding: request.body, as: UTF8.self))"
    return HTTPResponse(contentType: "text/plain", text: text)
  }

  private func request(_ path: String, _ more: String = "") -> String {
    "GET \(path) HTTP/1.1\r\nHost: h\r\n\(more)\r\n"
  }

  @Test func answersAndKeepsTheConnection() async throws {
    let thread = try ServerThread(handler: Self.echo)
    let client = try await RawClient.connect(thread.port)
    for path in ["/one", "/two"] {
      await client.send(request(path))
      let answer = await client.receive(until: path)
      #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(answer.contains("content-length: \(path.count + 5)\r\n"))
      #expect(answer.contains("date: ") && answer.contains(" GMT\r\n"))
    }
    #expect(await thread.connectionCount() == 1)
    await client.send(request("/three", "Connection: close\r\n"))
    let last = try #require(await client.receiveAll())
    #expect(last.contains("connection: close\r\n") && last.hasSuffix("GET /three "))
    client.close()
    try await waitUntil { await thread.connectionCount() == 0 }
    #expect(await thread.finish())
  }

  @Test func answersPipelinedRequestsInOrder() async throws {
    let thread = try ServerThread { request in
      // The first takes longest.
      if request.path == "/0" { try? await Task.sleep(for: .milliseconds(50)) }
      return await Self.echo(request)
    }
    let client = try await RawClient.connect(thread.port)
    let count = 200
    await client.send((0..<count).map { request("/\($0)") }.joined())
    await client.send(request("/end", "Connection: close\r\n"))
    let all = try #require(await client.receiveAll())
    let found = all.components(separatedBy: "GET /").dropFirst().map { $0.prefix { $0 != " " } }
    #expect(found == (0..<count).map { Substring(String($0)) } + ["end"])
    #expect(await thread.finish())
  }

  @Test func answersAClientThatEndedItsSide() async throws {
    let thread = try ServerThread(handler: Self.echo)
    let client = try await RawClient.connect(thread.port)
    await client.send(request("/half"))
    client.endSending()
    #expect(await client.receiveAll()?.hasSuffix("GET /half ") == true)
    #expect(await thread.finish())
  }

  @Test func headAndOldVersions() async throws {
    let thread = try ServerThread(handler: Self.echo)
    let head = try await RawClient.connect(thread.port)
    await head.send("HEAD /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    let answer = try #require(await head.receiveAll())
    #expect(answer.contains("content-length: 8\r\n") && answer.hasSuffix("\r\n\r\n"))
    let old = try await RawClient.connect(thread.port)
    await old.send("GET /old HTTP/1.0\r\n\r\n")
    #expect(await old.receiveAll()?.hasSuffix("GET /old ") == true)
    #expect(await thread.finish())
  }

  @Test func continuesAndRefuses() async throws {
    let configuration = HTTPServerConfiguration(bodyBytesMaximum: 100)
    let thread = try ServerThread(configuration: configuration, handler: Self.echo)
    let polite = try await RawClient.connect(thread.port)
    let head = "POST /p HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: "
    await polite.send(head + "3\r\n\r\n")
    #expect(await polite.receive(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
    await polite.send("abc")
    #expect(await polite.receive(until: "abc").hasPrefix("HTTP/1.1 200 OK"))

    let large = try await RawClient.connect(thread.port)
    await large.send(head + "101\r\n\r\n")
    let refusal = try #require(await large.receiveAll())
    #expect(refusal.hasPrefix("HTTP/1.1 413 Content Too Large\r\n"))
    #expect(refusal.contains("connection: close\r\n"))
    #expect(refusal.contains("\"message\":\"The body is larger than 100 bytes.\""))

    let broken = try await RawClient.connect(thread.port)
    await broken.send("GET / HTTP/1.1\nHost: h\n\n")
    #expect(await broken.receiveAll()?.hasPrefix("HTTP/1.1 400 ") == true)
    #expect(await thread.finish())
  }

  @Test func slowClientsAreSentAway() async throws {
    let configuration = HTTPServerConfiguration(
      idleTimeoutMilliseconds: 1_000, requestTimeoutMilliseconds: 150)
    let thread = try ServerThread(configuration: configuration, handler: Self.echo)
    let silent = try await RawClient.connect(thread.port)
    #expect(await silent.receiveAll() == "")
    let slow = try await RawClient.connect(thread.port)
    // The first byte starts the request's deadline; on a loaded machine the task may come late.
    await slow.send("G")
    let sending = Task {
      for byte in "ET / HTTP/1.1\r\nHost: hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh" {
        await slow.send(String(byte))
        try await Task.sleep(for: .milliseconds(20))
      }
    }
    // Each byte restarts nothing: the deadline is the whole request's.
    #expect(await slow.receive(until: "408").hasPrefix("HTTP/1.1 408 Request Timeout"))
    sending.cancel()
    slow.close()
    try await waitUntil { await thread.connectionCount() == 0 }
    #expect(await thread.finish())
  }

  @Test func fieldsCannotBeInjected() async throws {
    let thread = try ServerThread { _ in
      HTTPResponse(status: 200, fields: ["x-a": "1\r\nx-evil: 2", "x b\r\n": "3"])
    }
    let client = try await RawClient.connect(thread.port)
    await client.send(request("/", "Connection: close\r\n"))
    let answer = try #require(await client.receiveAll())
    #expect(answer.contains("x-a: 1  x-evil: 2\r\n") && !answer.contains("\nx-evil"))
    #expect(!answer.contains("x b"))
    #expect(await thread.finish())
  }

  @Test func drainsGracefully() async throws {
    let hasBegun = Mutex(false)
    let mayEnd = Mutex(false)
    let thread = try ServerThread { request in
      hasBegun.withLock { $0 = true }
      while !mayEnd.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(2)) }
      return await Self.echo(request)
    }
    let idle = try await RawClient.connect(thread.port)
    let busy = try await RawClient.connect(thread.port)
    await busy.send(request("/busy"))
    try await waitUntil {
      await thread.connectionCount() == 2 && hasBegun.withLock { $0 }
    }
    async let drained = thread.server.drain(limitMilliseconds: 5_000)
    // The idle connection's end shows that the drain has begun.
    #expect(await idle.receiveAll() == "")
    mayEnd.withLock { $0 = true }
    let answer = try #require(await busy.receiveAll())
    #expect(answer.contains("connection: close\r\n") && answer.hasSuffix("GET /busy "))
    busy.close()
    #expect(await drained)
    await #expect(throws: (any Error).self) { _ = try await RawClient.connect(thread.port) }
    #expect(await thread.finish())
  }

  @Test func drainHasALimit() async throws {
    let thread = try ServerThread { request in
      try? await Task.sleep(for: .seconds(60))
      return await Self.echo(request)
    }
    let busy = try await RawClient.connect(thread.port)
    await busy.send(request("/busy"))
    try await waitUntil { await thread.connectionCount() == 1 }
    #expect(await thread.server.drain(limitMilliseconds: 100) == false)
    #expect(await busy.receiveAll() == nil)
    #expect(await thread.finish())
  }
}
