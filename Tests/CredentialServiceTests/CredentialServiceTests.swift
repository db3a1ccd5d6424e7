// SPDX-License-Identifier: MIT

import Credentials
import Foundation
import ModelCatalog
import Synchronization
import Testing

@testable import CredentialService

@Suite(.serialized) struct CredentialServiceTests {
  func entra(_ port: UInt16) -> CredentialSource {
    var settings = EntraSettings()
    settings.tenantID = "tenant"
    settings.clientID = "client"
    settings.clientSecret = Secret("hush")
    settings.authorityURL = "http://127.0.0.1:\(port)"
    return .entra(settings)
  }

  @Test func aTokenIsFetchedAndPublished() async throws {
    let scene = try TokenScene(entra)
    let count = Atomic<Int>(0)
    scene.slot.subscribe { count.add(1, ordering: .relaxed) }
    scene.start()
    #expect(await scene.eventually { scene.field == "authorization: Bearer token-1\r\n" })
    // Pending, then ready.
    #expect(await scene.eventually { count.load(ordering: .relaxed) == 2 })
    #expect(scene.reports.withLock { $0 } == ["obtained: the client's secret"])
    await scene.finish()
  }

  /// However many ask for a newer one while it is under way.
  @Test func fiftyWishesMakeOneFetch() async throws {
    let scene = try TokenScene(entra)
    scene.start()
    #expect(await scene.eventually { scene.field != nil })
    scene.script.withLock { $0.delayMilliseconds = 200 }
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<50 { group.addTask { scene.slot.wish(.renew) } }
    }
    #expect(scene.field == "authorization: Bearer token-1\r\n")
    #expect(await scene.eventually { scene.field == "authorization: Bearer token-2\r\n" })
    #expect(scene.requestCount.load(ordering: .relaxed) == 2)
    await scene.finish()
  }

  @Test func shortLivedTokensAreRefreshedBeforeTheyExpire() async throws {
    let scene = try TokenScene(entra)
    scene.script.withLock { $0.lifeSeconds = 1 }
    scene.start()
    #expect(await scene.eventually { scene.field != nil })
    var gaps = 0
    let end = ContinuousClock.now + .seconds(3)
    while ContinuousClock.now < end {
      if scene.field == nil { gaps += 1 }
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(gaps == 0)
    #expect((3...8).contains(scene.requestCount.load(ordering: .relaxed)))
    await scene.finish()
  }

  @Test func aServerThatIsDownIsAnErrorUntilItIsBack() async throws {
    let scene = try TokenScene(entra)
    scene.script.withLock { $0.status = 503 }
    scene.start()
    #expect(
      await scene.eventually {
        scene.failure == "Microsoft Entra answered 503 (temporarily_unavailable)"
      })
    scene.script.withLock { $0.status = 200 }
    #expect(await scene.eventually { scene.field != nil })
    #expect(scene.reports.withLock { $0.last } == "obtained: the client's secret")
    await scene.finish()
  }

  @Test func aKeyFileIsReadAnewOnReload() async throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "key-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data("first\n".utf8).write(to: file)
    let scene = try TokenScene { _ in .keyFile(path: file.path) }
    scene.start()
    #expect(await scene.eventually { scene.field == "authorization: Bearer first\r\n" })
    try Data("second".utf8).write(to: file)
    scene.reload()
    #expect(await scene.eventually { scene.field == "authorization: Bearer second\r\n" })
    try FileManager.default.removeItem(at: file)
    scene.reload()
    #expect(
      await scene.eventually {
        scene.reports.withLock { $0.last?.contains("cannot be read") } == true
      }
    )
    // The old one goes on being served.
    #expect(scene.field == "authorization: Bearer second\r\n")
    await scene.finish()
  }

  @Test func filesThatAreNoneAreSaidToBe() throws {
    #expect(throws: SmallFile.Problem.self) { try SmallFile.read("/nonexistent") }
    #expect(throws: SmallFile.Problem.self) { try SmallFile.read("/tmp") }
    #expect(throws: SmallFile.Problem.self) { try SmallFile.read("/dev/zero") }
    #expect(try SmallFile.read(#filePath).count > 1_000)
  }
}
