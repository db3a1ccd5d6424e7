// SPDX-License-Identifier: MIT

import EventLoop
import Foundation
import Testing

private final class Counter: @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0
  func add() { lock.withLock { count += 1 } }
  var value: Int { lock.withLock { count } }
}

/// A loop on a thread of its own; `finish` stops and closes it.
private final class LoopThread: @unchecked Sendable {
  let loop: Loop
  private let ended = DispatchSemaphore(value: 0)
  init() throws {
    loop = try Loop()
    let thread = Thread { [self] in
      loop.run()
      loop.close()
      ended.signal()
    }
    thread.start()
  }
  func finish() -> Bool {
    loop.stop()
    return ended.wait(timeout: .now() + 5) == .success
  }
}

@Suite struct LoopTests {
  @Test func workOfOtherThreadsRunsOnTheLoop() async throws {
    let thread = try LoopThread()
    let counter = Counter()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<1000 {
            thread.loop.execute {
              #expect(thread.loop.isOnLoopThread)
              counter.add()
            }
          }
        }
      }
    }
    await withCheckedContinuation { done in thread.loop.execute { done.resume() } }
    #expect(counter.value == 8000)
    #expect(thread.finish())
  }

  @Test func asyncFunctionsRunOnTheLoop() async throws {
    let thread = try LoopThread()
    let loop = thread.loop
    let sum = await Task(executorPreference: loop) {
      var sum = 0
      for index in 0..<100 {
        #expect(loop.isOnLoopThread)
        sum += await later(index)
      }
      return sum
    }.value
    #expect(sum == 4950)
    let onPool = await loop.runOnThreadPool { loop.isOnLoopThread }
    #expect(!onPool)
    #expect(thread.finish())
  }

  @Test func tasksSleepOnTheLoop() async throws {
    let thread = try LoopThread()
    let loop = thread.loop
    let spent = try await Task(executorPreference: loop) {
      let start = ContinuousClock.now
      try await Task.sleep(for: .milliseconds(30))
      #expect(loop.isOnLoopThread)
      try await Task.sleep(until: .now + .milliseconds(30), clock: .suspending)
      #expect(loop.isOnLoopThread)
      try await Task.sleep(nanoseconds: 1)
      try await Task.sleep(for: .seconds(-1))
      return ContinuousClock.now - start
    }.value
    #expect(spent >= .milliseconds(60) && spent < .seconds(5))
    #expect(thread.finish())
  }

  @Test func aSleepOnTheLoopCanBeCancelled() async throws {
    let thread = try LoopThread()
    let task = Task(executorPreference: thread.loop) { try await Task.sleep(for: .seconds(600)) }
    try await Task.sleep(for: .milliseconds(20))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(thread.finish())
  }

  @Test func questionsAreAnsweredUntilTheLoopIsClosed() async throws {
    let thread = try LoopThread()
    let loop = thread.loop
    #expect(await loop.ask { loop.isOnLoopThread } == true)
    let inside = await Task(executorPreference: loop) { await loop.ask { 7 } }.value
    #expect(inside == 7)
    // Work that throws the loop's end and the question together: one of the two comes first.
    loop.stop()
    _ = await loop.ask { 8 }
    #expect(thread.finish())
    #expect(await loop.ask { 9 } == nil)
  }

  @Test func fileWatchGathersChanges() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "file-watch-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let thread = try LoopThread()
    let counter = Counter()
    let path = folder.path
    let watch: WatchBox = await withCheckedContinuation { done in
      thread.loop.execute {
        let box = WatchBox()
        box.watch = try? FileWatch(on: thread.loop, path: path, quietMilliseconds: 50) {
          counter.add()
        }
        done.resume(returning: box)
      }
    }
    #expect(watch.watch != nil)
    for index in 0..<5 {
      try Data("x".utf8).write(to: folder.appendingPathComponent("file\(index)"))
    }
    for _ in 0..<200 where counter.value == 0 { try await Task.sleep(for: .milliseconds(10)) }
    #expect(counter.value == 1)
    await withCheckedContinuation { done in
      thread.loop.execute {
        watch.watch?.close()
        done.resume()
      }
    }
    #expect(thread.finish())
  }

  @Test func resolvesNames() async throws {
    let thread = try LoopThread()
    let loop = thread.loop
    let result: Result<[SocketAddress], LoopError> = await withCheckedContinuation { done in
      loop.execute {
        Resolver.resolve("localhost", port: 4321, on: loop) { done.resume(returning: $0) }
      }
    }
    let addresses = try result.get()
    #expect(addresses.contains { $0.isLoopback && $0.port == 4321 })
    #expect(thread.finish())
  }
}

private final class WatchBox: @unchecked Sendable { var watch: FileWatch? }

private func later(_ value: Int) async -> Int {
  await Task.yield()
  return value
}
