// SPDX-License-Identifier: MIT

import ControlPlane
import EventLoop
import Foundation
import Network
import Testing

/// A server and a client on one loop.
final class ClientScene: Sendable {
  let thread: ServerThread
  let client: HTTPClient

  init(
    configuration: HTTPServerConfiguration = HTTPServerConfiguration(), tls: TLSContextSlot? = nil,
    handler: @escaping HTTPHandler = HTTPServerTests.echo
  ) async throws {
    let thread = try ServerThread(configuration: configuration, tls: tls, handler: handler)
    self.thread = thread
    client = try await withCheckedThrowingContinuation { done in
      thread.loop.execute { done.resume(with: Result { try HTTPClient(on: thread.loop) }) }
    }
  }

  func url(_ path: String, scheme: String = "http") -> String {
    "\(scheme)://127.0.0.1:\(thread.port)\(path)"
  }

  func request(_ method: String = "GET", _ path: String, body: String = "") -> HTTPClientRequest {
    var request = HTTPClientRequest(method, url(path), body: Array(body.utf8))
    request.proxy = .none
    return request
  }

  /// The kind of the error that `request` ends with; nil if it has an answer.
  func failure(_ request: HTTPClientRequest) async -> HTTPClientError.Kind? {
    do {
      _ = try await client.send(request)
      return nil
    } catch {
      return (error as? HTTPClientError)?.kind
    }
  }

  func finish() async -> Bool {
    await withCheckedContinuation { done in
      thread.loop.execute { [client] in
        client.close()
        done.resume()
      }
    }
    return await thread.finish()
  }
}

extension HTTPClientResponse {
  var text: String { String(decoding: body, as: UTF8.self) }
}

@Suite struct HTTPClientTests {
  @Test func sendsMethodsAndBodies() async throws {
    let scene = try await ClientScene()
    for (method, body) in [
      ("GET", ""), ("POST", "b"), ("POST", ""), ("PUT", "put"), ("DELETE", ""), ("PATCH", "p"),
    ] {
      let answer = try await scene.client.send(scene.request(method, "/x", body: body))
      #expect(answer.status == 200 && answer.text == "\(method) /x \(body)")
      #expect(answer.head.version == 11)
      #expect(answer.head.header("Content-Type") == "text/plain")
    }
    let head = try await scene.client.send(scene.request("HEAD", "/x"))
    #expect(head.status == 200 && head.body.isEmpty)
    let large = String(repeating: "x", count: 3_000_000)
    let echoed = try await scene.client.send(scene.request("POST", "/", body: large))
    #expect(echoed.body.count == large.utf8.count + 7)
    #expect(await scene.finish())
  }

  @Test func sendsOnlyTheHeadersItWasGiven() async throws {
    let scene = try await ClientScene { request in
      let names = request.fields.all.map { "\($0.name.lowercased())=\($0.value)" }.sorted()
      return HTTPResponse(contentType: "text/plain", text: names.joined(separator: "|"))
    }
    var request = scene.request("POST", "/", body: "{}")
    request.headers = [("X-One", "1"), ("X-Empty", "")]
    let text = try await scene.client.send(request).text
    #expect(
      text == "accept=*/*|content-length=2|host=127.0.0.1:\(scene.thread.port)|x-empty=|x-one=1")
    #expect(await scene.finish())
  }

  @Test func manyAtATimeShareConnections() async throws {
    let scene = try await ClientScene()
    let texts = try await withThrowingTaskGroup(of: String.self) { group in
      for index in 0..<200 {
        group.addTask { try await scene.client.send(scene.request("GET", "/\(index)")).text }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(texts == Set((0..<200).map { "GET /\($0) " }))
    #expect(await scene.thread.connectionCount() <= HTTPClient.connectionsPerHostMaximum)
    #expect(await scene.finish())
  }

  @Test func redirectsAreHandedBackOrFollowed() async throws {
    let scene = try await ClientScene { request in
      if request.path == "/end" { return await HTTPServerTests.echo(request) }
      return HTTPResponse(
        status: 302, fields: ["location": request.path == "/loop" ? "/loop" : "/end"])
    }
    var request = scene.request("GET", "/start")
    let redirect = try await scene.client.send(request)
    #expect(redirect.status == 302 && redirect.head.header("location") == "/end")
    request.redirectsMaximum = 3
    let followed = try await scene.client.send(request)
    #expect(followed.status == 200 && followed.text == "GET /end ")
    request.url = scene.url("/loop")
    #expect(await scene.failure(request) == .tooManyRedirects)
    #expect(await scene.finish())
  }

  @Test func failuresHaveKinds() async throws {
    let scene = try await ClientScene { request in
      if request.path == "/slow" { try? await Task.sleep(for: .seconds(20)) }
      if request.path == "/broken" {
        return HTTPResponse(
          status: 200, fields: ["content-length": "9"],
          body: .stream { writer in try await writer.write("half") })
      }
      return HTTPResponse(contentType: "text/plain", text: String(repeating: "x", count: 1_000))
    }
    var slow = scene.request("GET", "/slow")
    slow.totalTimeoutMilliseconds = 100
    #expect(await scene.failure(slow) == .timedOut)
    #expect(await scene.failure(scene.request("GET", "/broken")) == .exchangeFailed)
    var small = scene.request("GET", "/")
    small.bodyBytesMaximum = 999
    #expect(await scene.failure(small) == .bodyTooLarge)
    small.bodyBytesMaximum = 1_000
    #expect(await scene.failure(small) == nil)
    func failure(_ url: String) async -> HTTPClientError.Kind? {
      var request = HTTPClientRequest("GET", url)
      request.proxy = .none
      return await scene.failure(request)
    }
    // Port 1 of the loopback has no server.
    #expect(await failure("http://127.0.0.1:1/") == .connectFailed)
    #expect(await failure("http://nobody.invalid/") == .nameNotFound)
    #expect(await failure("file:///etc/passwd") == .invalidRequest)
    #expect(await failure("") == .invalidRequest)
    var injected = scene.request("GET", "/")
    injected.headers = [("x-a", "1\r\nx-b: 2")]
    #expect(await scene.failure(injected) == .invalidRequest)
    injected.headers = []
    injected.method = "GET / HTTP/1.1\r\nx:"
    #expect(await scene.failure(injected) == .invalidRequest)
    #expect(await scene.finish())
  }

  @Test func proxiesAreAsked() async throws {
    let scene = try await ClientScene { request in
      HTTPResponse(contentType: "text/plain", text: request.target)
    }
    var request = HTTPClientRequest("GET", "http://somewhere.invalid/path?q=1")
    request.proxy = .url("http://127.0.0.1:\(scene.thread.port)")
    #expect(try await scene.client.send(request).text == "http://somewhere.invalid/path?q=1")
    #expect(await scene.finish())
  }

  @Test func certificatesAreVerified() async throws {
    let scene = try await ClientScene(tls: TestIdentity.slot())
    var request = HTTPClientRequest("GET", scene.url("/tls", scheme: "https"))
    request.proxy = .none
    #expect(await scene.failure(request) == .tlsFailed)
    request.trust = .authorities(file: TestIdentity.shared.chainFile)
    #expect(try await scene.client.send(request).text == "GET /tls ")
    request.trust = .unverified
    #expect(try await scene.client.send(request).text == "GET /tls ")
    request.url = "https://127.0.0.2:\(scene.thread.port)/"
    request.trust = .authorities(file: TestIdentity.shared.chainFile)
    #expect(await scene.failure(request) != nil)
    #expect(await scene.finish())
  }
}
