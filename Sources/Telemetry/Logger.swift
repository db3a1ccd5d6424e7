// SPDX-License-Identifier: MIT

public import Clocks

/// Writes structured log lines: one JSON object a line, with `time`, `level`, `component` and
/// `message` first and then the fields in the order given.
///
/// For the control plane and for rare events; the request path records metrics instead.
public struct Logger: Sendable {
  public let component: String
  public let minimumLevel: LogLevel
  private let sink: LogSink
  private let clock: WallClock

  public init(
    component: String, minimumLevel: LogLevel = .info, sink: LogSink = .standardError,
    clock: WallClock = .system
  ) {
    self.component = component
    self.minimumLevel = minimumLevel
    self.sink = sink
    self.clock = clock
  }

  /// The same sink and level under another component's name.
  public func named(_ component: String) -> Logger {
    Logger(component: component, minimumLevel: minimumLevel, sink: sink, clock: clock)
  }

  public func debug(_ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
    log(.debug, message, fields)
  }

  public func info(_ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
    log(.info, message, fields)
  }

  public func warning(_ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
    log(.warning, message, fields)
  }

  public func error(_ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
    log(.error, message, fields)
  }

  public func log(
    _ level: LogLevel, _ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]
  ) {
    guard level >= minimumLevel else { return }
    var line: [UInt8] = []
    line.reserveCapacity(256)
    line.append(contentsOf: "{\"time\":\"".utf8)
    clock.now().appendRFC3339(to: &line)
    line.append(contentsOf: "\",\"level\":\"\(level.label)\",\"component\":".utf8)
    appendJSONString(component, to: &line)
    line.append(contentsOf: ",\"message\":".utf8)
    appendJSONString(message, to: &line)
    for (name, value) in fields {
      line.append(UInt8(ascii: ","))
      appendJSONString(name, to: &line)
      line.append(UInt8(ascii: ":"))
      value.appendJSON(to: &line)
    }
    line.append(UInt8(ascii: "}"))
    sink.write(line)
  }
}
