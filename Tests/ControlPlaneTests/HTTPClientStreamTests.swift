// SPDX-License-Identifier: MIT

import ControlPlane
import EventLoop
import Foundation
import Network
import Synchronization
import Testing

@Suite struct HTTPClientStreamTests {
  @Test func partsComeAsTheyAreSent() async throws {
    let goOn = Mutex(false)
    let scene = try await ClientScene { _ in
      HTTPResponse(
        status: 200,
        body: .stream { writer in
          try await writer.write("first")
          while !goOn.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(2)) }
          try await writer.write("second")
        })
    }
    let stream = try await scene.client.open(scene.request("GET", "/"))
    #expect(stream.head.status == 200)
    // The second part is only sent once the first has been read.
    #expect(try await stream.next() == Array("first".utf8))
    goOn.withLock { $0 = true }
    #expect(try await stream.next() == Array("second".utf8))
    #expect(try await stream.next() == nil)
    #expect(try await stream.next() == nil)
    #expect(await scene.finish())
  }

  @Test func aSlowConsumerHoldsTheServerBack() async throws {
    let written = Mutex(0)
    let block = String(repeating: "x", count: 100_000)
    let scene = try await ClientScene { _ in
      HTTPResponse(
        status: 200,
        body: .stream { writer in
          for _ in 0..<400 {
            try await writer.write(block)
            written.withLock { $0 += 1 }
          }
        })
    }
    let stream = try await scene.client.open(scene.request("GET", "/"))
    try await Task.sleep(for: .milliseconds(300))
    #expect(written.withLock { $0 } < 300)
    var count = 0
    while let part = try await stream.next() { count += part.count }
    #expect(count == 400 * block.utf8.count)
    #expect(await scene.finish())
  }

  @Test(arguments: ["task", "stream", "drop"]) func leavingEndsTheExchange(
    _ way: String
  ) async throws {
    let scene = try await ClientScene { request in
      if request.path == "/waits" { try? await Task.sleep(for: .seconds(20)) }
      return HTTPResponse(
        status: 200,
        body: .stream { writer in
          try await writer.write("hello")
          try await Task.sleep(for: .seconds(20))
        })
    }
    if way == "task" {
      let task = Task { try await scene.client.send(scene.request("GET", "/waits")) }
      try await waitUntil { await scene.thread.connectionCount() == 1 }
      task.cancel()
      await #expect(throws: HTTPClientError.self) { _ = try await task.value }
    } else {
      var stream: HTTPClientStream? = try await scene.client.open(scene.request("GET", "/"))
      #expect(try await stream?.next() == Array("hello".utf8))
      if way == "stream" {
        stream?.cancel()
        await #expect(throws: HTTPClientError.self) { _ = try await stream?.next() }
      }
      stream = nil
    }
    try await waitUntil { await scene.thread.connectionCount() == 0 }
    #expect(await scene.finish())
  }

  @Test func closingTheClientEndsExchanges() async throws {
    let scene = try await ClientScene { request in
      try? await Task.sleep(for: .seconds(20))
      return await HTTPServerTests.echo(request)
    }
    let task = Task { try await scene.client.send(scene.request("GET", "/")) }
    try await waitUntil { await scene.thread.connectionCount() == 1 }
    #expect(await scene.finish())
    await #expect(throws: HTTPClientError.self) { _ = try await task.value }
  }
}
