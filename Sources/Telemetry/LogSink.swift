// SPDX-License-Identifier: MIT

internal import Glibc
internal import Synchronization

/// Where log lines go: a file descriptor, or memory in tests.
///
/// Lines are whole: each is one `write`. A descriptor that does not take a line (a full pipe that
/// does not block, a closed terminal) loses it, and the loss is counted.
public final class LogSink: Sendable {
  private enum Target: Sendable {
    case descriptor(Int32)
    case memory
  }

  private let target: Target
  private let kept = Mutex<[String]>([])
  private let lost = Atomic<Int>(0)

  public static let standardError = LogSink(descriptor: STDERR_FILENO)

  /// The descriptor stays the caller's.
  public init(descriptor: Int32) { target = .descriptor(descriptor) }

  private init(target: Target) { self.target = target }

  /// Keeps the lines for a test to read.
  public static func memory() -> LogSink { LogSink(target: .memory) }

  /// The lines that a memory sink was given, without their line feeds.
  public var lines: [String] { kept.withLock { $0 } }

  /// Lines that could not be written.
  public var lostLineCount: Int { lost.load(ordering: .relaxed) }

  /// - Parameter line: without its line feed.
  func write(_ line: [UInt8]) {
    switch target {
    case .memory: kept.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
    case .descriptor(let descriptor):
      var rest = (line + [UInt8(ascii: "\n")])[...]
      while !rest.isEmpty {
        let length = unsafe rest.withUnsafeBytes { buffer in
          unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
        }
        if length > 0 {
          rest = rest.dropFirst(length)
        } else if errno != EINTR {
          lost.add(1, ordering: .relaxed)
          return
        }
      }
    }
  }
}
