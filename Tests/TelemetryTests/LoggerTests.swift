// SPDX-License-Identifier: MIT

import Clocks
import Glibc
import Telemetry
import Testing

@Suite struct LoggerTests {
  @Test func linesAreJSONInOrder() {
    let sink = LogSink.memory()
    let logger = Logger(
      component: "policies", sink: sink, clock: SimulatedTime().wallClock)
    logger.warning(
      "reload refused",
      [
        "file": "routing-rules.cedar", "line": 12, "ratio": .number(0.5), "kept": true,
        "nothing": .number(.nan),
      ])
    #expect(
      sink.lines == [
        "{\"time\":\"2026-01-01T00:00:00.000Z\",\"level\":\"warning\",\"component\":\"policies\","
          + "\"message\":\"reload refused\",\"file\":\"routing-rules.cedar\",\"line\":12,"
          + "\"ratio\":0.5,\"kept\":true,\"nothing\":null}"
      ])
  }

  @Test func lowerLevelsAreDropped() {
    let sink = LogSink.memory()
    let logger = Logger(component: "a", minimumLevel: .warning, sink: sink).named("b")
    logger.debug("no")
    logger.info("no")
    logger.warning("yes")
    logger.error("yes")
    #expect(sink.lines.count == 2)
    #expect(sink.lines.allSatisfy { $0.contains("\"component\":\"b\"") })
  }

  @Test func foreignTextCannotBreakOut() {
    let sink = LogSink.memory()
    let logger = Logger(component: "a", sink: sink, clock: SimulatedTime().wallClock)
    logger.info("x\n{\"level\":\"error\"}\u{1b}[2J\u{7f}\t\r\\é")
    #expect(
      sink.lines[0].hasSuffix(
        "\"message\":\"x\\n{\\\"level\\\":\\\"error\\\"}\\u001b[2J\\u007f\\t\\r\\\\é\"}"))
  }

  @Test func descriptorsGetWholeLines() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { close(ends[0]) }
    let sink = LogSink(descriptor: ends[1])
    let logger = Logger(component: "a", sink: sink)
    logger.info("first")
    logger.info("second")
    close(ends[1])
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = read(ends[0], &bytes, bytes.count)
    let text = String(decoding: bytes[..<max(0, count)], as: UTF8.self)
    #expect(text.split(separator: "\n").count == 2)
    #expect(text.hasSuffix("\"second\"}\n"))
    #expect(sink.lostLineCount == 0)
  }

  @Test func lostLinesAreCounted() {
    let sink = LogSink(descriptor: -1)
    Logger(component: "a", sink: sink).info("gone")
    #expect(sink.lostLineCount == 1)
  }

  @Test func levelsReadTheirLabels() {
    #expect(LogLevel(label: "warning") == .warning)
    #expect(LogLevel(label: "loud") == nil)
    #expect(LogLevel.debug < .error)
  }
}
