// SPDX-License-Identifier: MIT

import Bytes
import Foundation
import Glibc
import Synchronization
import Telemetry
import Testing

@Suite struct AccessLogTests {
  private static func append(_ text: String, to ring: LineRing) {
    var text = text
    text.withUTF8 { ring.append(ByteView(base: $0.baseAddress!, count: $0.count)) }
  }

  private static func read(_ ring: LineRing) -> String {
    var bytes: [UInt8] = []
    ring.read { view in bytes += (0..<view.count).map { view[$0] } }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func linesComeOutInOrderAcrossTheEdge() {
    let ring = LineRing()
    let line = String(repeating: "x", count: 999) + "\n"
    var expected = 0
    for round in 0..<5_000 {
      Self.append("\(round) \(line)", to: ring)
      guard round % 700 == 699 else { continue }
      for part in Self.read(ring).split(separator: "\n") {
        #expect(part.hasPrefix("\(expected) x"))
        #expect(part.count == 1_000 + "\(expected)".count)
        expected += 1
      }
    }
    #expect(expected == 4_900)
    #expect(ring.droppedCount == 0)
  }

  @Test func aFullRingDropsWholeLines() {
    let ring = LineRing()
    let line = String(repeating: "x", count: 99_999) + "\n"
    for _ in 0..<15 { Self.append(line, to: ring) }
    #expect(ring.droppedCount == 5)
    #expect(Self.read(ring) == String(repeating: line, count: 10))
    Self.append("again\n", to: ring)
    #expect(Self.read(ring) == "again\n")
  }

  @Test func twoThreadsLoseNothingButWhatIsCounted() async {
    let ring = LineRing()
    let isOver = Atomic<Bool>(false)
    let writer = Thread {
      for index in 0..<200_000 { Self.append("\(index)\n", to: ring) }
      isOver.store(true, ordering: .releasing)
    }
    writer.start()
    var last = -1
    var count = 0
    var rest = ""
    while true {
      let ended = isOver.load(ordering: .acquiring)
      let lines = (rest + Self.read(ring)).split(
        separator: "\n", omittingEmptySubsequences: false)
      rest = String(lines.last ?? "")
      for line in lines.dropLast() {
        let number = Int(line) ?? -1
        #expect(number > last)
        last = number
        count += 1
      }
      if ended { break }
    }
    #expect(count + ring.droppedCount == 200_000)
  }

  @Test func aMovedFileIsOpenedAnew() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "access-log-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "access.log").path
    let log = try AccessLog(.file(path), workerCount: 2) { Issue.record("\($0)") }
    let writer = Thread { log.run() }
    writer.start()
    Self.append("first\n", to: log.ring(worker: 0))
    try wait { try String(contentsOfFile: path, encoding: .utf8) == "first\n" }
    try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
    log.reopen()
    try wait { FileManager.default.fileExists(atPath: path) }
    Self.append("second\n", to: log.ring(worker: 1))
    log.end()
    try wait { try String(contentsOfFile: path, encoding: .utf8) == "second\n" }
    #expect(try String(contentsOfFile: path + ".1", encoding: .utf8) == "first\n")
    #expect(log.droppedLineCount == 0)
  }

  @Test func aFileThatCannotBeOpenedIsAnError() {
    #expect(throws: AccessLogError.self) {
      try AccessLog(.file("/nowhere/access.log"), workerCount: 1) { _ in }
    }
  }

  /// A device that is full takes nothing: the lines are counted and told of, and the end comes all
  /// the same.
  @Test func linesOfAFullDiskAreCountedAndToldOf() throws {
    let told = Mutex<[String]>([])
    let log = try AccessLog(.file("/dev/full"), workerCount: 1) { problem in
      guard case .linesDropped(let count, let error) = problem else { return }
      told.withLock { $0.append("\(count) \(error?.description ?? "-")") }
    }
    Self.append("one\ntwo\n", to: log.ring(worker: 0))
    log.end()
    log.run()
    #expect(log.droppedLineCount == 2)
    #expect(told.withLock { $0 } == ["2 /dev/full: No space left on device"])
    // What is lost soon after is told of at the end, and only that.
    Self.append("three\n", to: log.ring(worker: 0))
    log.run()
    #expect(told.withLock { $0.last } == "1 /dev/full: No space left on device")
    log.run()
    #expect(told.withLock { $0.count } == 2)
  }

  @Test func linesThatComeTooFastAreToldOf() throws {
    let told = Mutex<[Int]>([])
    let log = try AccessLog(.file("/dev/null"), workerCount: 1) { problem in
      guard case .linesDropped(let count, nil) = problem else { return }
      told.withLock { $0.append(count) }
    }
    let line = String(repeating: "x", count: 99_999) + "\n"
    for _ in 0..<15 { Self.append(line, to: log.ring(worker: 0)) }
    log.end()
    log.run()
    #expect(told.withLock { $0 } == [5])
  }

  private func wait(_ condition: () throws -> Bool) throws {
    for _ in 0..<500 {
      if (try? condition()) == true { return }
      usleep(10_000)
    }
    Issue.record("not in time")
  }
}
