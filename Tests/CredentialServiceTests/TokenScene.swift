// SPDX-License-Identifier: MIT

import Bytes
import ControlPlane
import CredentialService
import Credentials
import Dispatch
import EventLoop
import ModelCatalog
import Network
import Synchronization

/// A token server and a credential service on one loop, on a thread of its own.
final class TokenScene: @unchecked Sendable {
  /// What the server does, changed while it runs.
  struct Script: Sendable {
    var status = 200
    var lifeSeconds = 3_600
    var delayMilliseconds = 0
  }

  let script = Mutex(Script())
  let requestCount = Atomic<Int>(0)
  let reports = Mutex<[String]>([])
  private let loop: Loop
  private let server: HTTPServer
  private let service: CredentialService
  private let thread: LoopThread

  /// - Parameter source: made for the port that the server got.
  init(_ source: (UInt16) -> CredentialSource) throws {
    let loop = try Loop()
    self.loop = loop
    let box = SceneBox()
    server = try HTTPServer(
      on: loop, address: SocketAddress(host: "127.0.0.1", port: 0)!,
      configuration: HTTPServerConfiguration()
    ) { _ in await box.answer() }
    service = CredentialService(
      [CredentialedGateway(name: "g", source: source(server.address.port), style: .bearer)],
      on: loop, environment: [:]
    ) { _, report in box.note(report) }
    thread = try LoopThread(name: "scene") {
      loop.run()
      loop.close()
    }
    box.scene = self
  }

  var slot: CredentialSlot { service.slots[0] }

  func start() {
    loop.execute { [service] in
      do { try service.start() } catch { fatalError("\(error)") }
    }
  }

  func reload() { loop.execute { [service] in service.reload() } }

  func finish() async {
    await withCheckedContinuation { done in
      loop.execute { [service] in
        service.close()
        done.resume()
      }
    }
    await server.closeAll()
    loop.stop()
    await withCheckedContinuation { done in
      DispatchQueue.global().async { [self] in
        thread.join()
        done.resume()
      }
    }
  }

  /// Waits, five seconds at most, until `condition` holds.
  func eventually(_ condition: () -> Bool) async -> Bool {
    for _ in 0..<500 {
      if condition() { return true }
      try? await Task.sleep(for: .milliseconds(10))
    }
    return condition()
  }

  /// The header field served; nil when there is none.
  var field: String? {
    guard case .ready(let credential) = slot.standing else { return nil }
    return credential.field.string
  }

  var failure: String? {
    guard case .failed(let failure, _) = slot.standing else { return nil }
    return failure.summary
  }

  fileprivate func answer() async -> HTTPResponse {
    let number = requestCount.add(1, ordering: .relaxed).newValue
    let script = script.withLock { $0 }
    if script.delayMilliseconds > 0 {
      try? await Task.sleep(for: .milliseconds(script.delayMilliseconds))
    }
    guard script.status == 200 else {
      return HTTPResponse(status: script.status, json: ["error": "temporarily_unavailable"])
    }
    return HTTPResponse(
      json: [
        "access_token": .string("token-\(number)"), "expires_in": JSONValue(script.lifeSeconds),
      ])
  }
}

/// What the server's handler holds before the scene is whole.
///
/// SAFETY: `@unchecked Sendable` because it is filled before the first request is made.
private final class SceneBox: @unchecked Sendable {
  weak var scene: TokenScene?

  func answer() async -> HTTPResponse { await scene?.answer() ?? HTTPResponse(status: 500) }

  func note(_ report: CredentialReport) {
    let text =
      switch report {
      case .obtained(let origin, _): "obtained: \(origin)"
      case .failed(let failure, _): "failed: \(failure)"
      }
    scene?.reports.withLock { $0.append(text) }
  }
}
