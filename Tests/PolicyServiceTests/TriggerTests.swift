// SPDX-License-Identifier: MIT

import EventLoop
import Foundation
import PolicyService
import Synchronization
import Testing

/// Triggers on a loop and thread of their own.
private final class TriggerThread: @unchecked Sendable {
  private let loop: Loop
  private let triggers: PolicyTriggers
  private let ended = DispatchSemaphore(value: 0)
  let outcomes = Mutex<[(PolicyTriggers.Cause, Bool)]>([])

  init(_ host: TestHost, signal: Int32?) throws {
    loop = try Loop()
    let box = Box()
    triggers = try PolicyTriggers(
      on: loop, folder: PolicyFolder(path: host.folder.path), state: host.state, signal: signal
    ) { cause, outcome in
      var isLoaded = false
      if case .loaded = outcome { isLoaded = true }
      box.thread?.outcomes.withLock { $0.append((cause, isLoaded)) }
    }
    box.thread = self
    Thread { [self] in
      loop.run()
      loop.close()
      ended.signal()
    }.start()
  }

  private final class Box: @unchecked Sendable {
    weak var thread: TriggerThread?
  }

  func eventually(_ holds: ([(PolicyTriggers.Cause, Bool)]) -> Bool) async throws -> Bool {
    for _ in 0..<500 {
      if outcomes.withLock({ holds($0) }) { return true }
      try await Task.sleep(for: .milliseconds(10))
    }
    return false
  }

  /// True if the loop ended, with every handle closed, within five seconds.
  func finish() async -> Bool {
    loop.execute { [self] in
      triggers.close()
      loop.stop()
    }
    return await withCheckedContinuation { done in
      Thread { done.resume(returning: self.ended.wait(timeout: .now() + 5) == .success) }.start()
    }
  }
}

@Suite(.serialized, .timeLimit(.minutes(1))) struct TriggerTests {
  private let allow = #"@id("base") permit (principal, action, resource);"#

  @Test func aChangedFileReloads() async throws {
    let host = try TestHost(allow)
    try host.folder.write("teams/readme.txt", "")
    let thread = try TriggerThread(host, signal: nil)
    try host.folder.write("more.cedar", #"@id("more") permit (principal, action, resource);"#)
    #expect(try await thread.eventually { $0.count >= 1 })
    #expect(host.state.status().policyCount == 2)
    // A wrong file changes nothing; in a subfolder as well.
    let count = thread.outcomes.withLock { $0.count }
    try host.folder.write("teams/wrong.cedar", "permit (")
    #expect(try await thread.eventually { $0.count > count && $0.last?.1 == false })
    #expect(host.state.status().policyCount == 2)
    try host.folder.remove("teams/wrong.cedar")
    #expect(try await thread.eventually { $0.last?.1 == true })
    #expect(host.state.status().lastReloadProblem == nil)
    #expect(await thread.finish())
  }

  @Test func aSignalReloads() async throws {
    let host = try TestHost(allow)
    let thread = try TriggerThread(host, signal: SIGHUP)
    kill(getpid(), SIGHUP)
    #expect(try await thread.eventually { $0.first?.0 == .signal && $0.first?.1 == true })
    #expect(await thread.finish())
  }
}
