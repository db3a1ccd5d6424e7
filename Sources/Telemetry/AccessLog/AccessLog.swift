// SPDX-License-Identifier: MIT

internal import Bytes
internal import Glibc
internal import Synchronization

/// Where access log lines end up.
public enum AccessLogTarget: Hashable, Sendable {
  case standardOutput
  case standardError
  case file(String)

  var name: String {
    switch self {
    case .standardOutput: "standard output"
    case .standardError: "standard error"
    case .file(let path): path
    }
  }
}

/// Why an access log cannot be written.
public struct AccessLogError: Error, CustomStringConvertible {
  public let path: String
  public let code: Int32

  public var description: String { "\(path): \(unsafe String(cString: strerror(code)))" }
}

/// What is to be told of an access log that is being written.
public enum AccessLogProblem: Sendable {
  /// The file cannot be opened anew; lines go on to where they went.
  case notReopened(AccessLogError)
  /// Lines lost since the last such report; nil where only the writer was too slow for them.
  case linesDropped(count: Int, AccessLogError?)
}

/// The access log: a ring of lines for each worker, and one thread that writes them out. A worker
/// never waits for a file: what the thread cannot write in time is dropped and counted.
///
/// SAFETY: `@unchecked Sendable` because the descriptor and what goes with it is used in `init` and
/// then by the one thread in `run` only.
public final class AccessLog: @unchecked Sendable {
  /// Lines are on their way for so long at most.
  static let pauseMilliseconds: Int32 = 50
  /// How long an end waits for a pipe that takes nothing.
  static let endMillisecondsMaximum: Int32 = 1_000
  /// A pipe that is ready takes so many bytes without blocking (POSIX's PIPE_BUF on Linux).
  static let pipePieceBytes = 4_096
  /// Losses are told of so often at most.
  static let reportMilliseconds: Int64 = 10_000

  private let target: AccessLogTarget
  private let rings: [LineRing]
  private let onProblem: @Sendable (AccessLogProblem) -> Void
  private let wantsReopen = Atomic<Bool>(false)
  private let isEnding = Atomic<Bool>(false)
  private let lost = Atomic<Int>(0)
  private var descriptor: Int32
  private var isRegularFile = false
  /// A line was cut by a write that failed: the next one must not continue it.
  private var isInsideLine = false
  private var endWaitMilliseconds: Int32 = 0
  private var toldCount = 0
  private var toldMilliseconds: Int64?
  /// Why the last line was lost that could not be written; 0 for none since the last report.
  private var writeErrorCode: Int32 = 0

  /// - Throws: when the file cannot be opened.
  public init(
    _ target: AccessLogTarget, workerCount: Int,
    onProblem: @escaping @Sendable (AccessLogProblem) -> Void
  ) throws(AccessLogError) {
    self.target = target
    self.onProblem = onProblem
    rings = (0..<workerCount).map { _ in LineRing() }
    descriptor = try Self.open(target)
    isRegularFile = Self.isRegular(descriptor)
  }

  deinit { if case .file = target { close(descriptor) } }

  /// What worker `index` writes its lines to.
  public func ring(worker index: Int) -> LineRing { rings[index] }

  /// Lines that were dropped because a ring was full, or could not be written.
  public var droppedLineCount: Int {
    rings.reduce(lost.load(ordering: .relaxed)) { $0 + $1.droppedCount }
  }

  /// Opens the file anew before the next line, for whoever has moved the old one away.
  public func reopen() { wantsReopen.store(true, ordering: .relaxed) }

  /// Lets `run` return once all lines are written.
  public func end() { isEnding.store(true, ordering: .releasing) }

  /// Writes lines until `end` is called: the body of a thread of its own.
  public func run() {
    while true {
      let isLast = isEnding.load(ordering: .acquiring)
      if wantsReopen.exchange(false, ordering: .relaxed) { openAnew() }
      for ring in rings { ring.read(write) }
      tellOfLosses(isLast: isLast)
      if isLast { return }
      poll(nil, 0, Self.pauseMilliseconds)
    }
  }

  // MARK: The thread's own

  private func tellOfLosses(isLast: Bool) {
    let count = droppedLineCount
    guard count > toldCount else { return }
    let now = Self.nowMilliseconds()
    if !isLast, let told = toldMilliseconds, now - told < Self.reportMilliseconds { return }
    let error =
      writeErrorCode == 0 ? nil : AccessLogError(path: target.name, code: writeErrorCode)
    onProblem(.linesDropped(count: count - toldCount, error))
    (toldCount, toldMilliseconds, writeErrorCode) = (count, now, 0)
  }

  private static func nowMilliseconds() -> Int64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
  }

  private func openAnew() {
    guard case .file = target else { return }
    do throws(AccessLogError) {
      let fresh = try Self.open(target)
      close(descriptor)
      descriptor = fresh
      isRegularFile = Self.isRegular(fresh)
      isInsideLine = false
    } catch {
      // The lines go on to where they went: better than nowhere.
      onProblem(.notReopened(error))
    }
  }

  private func write(_ lines: ByteView) {
    var rest = lines
    if isInsideLine {
      var feed: UInt8 = 10
      if unsafe Glibc.write(descriptor, &feed, 1) == 1 { isInsideLine = false }
    }
    while !rest.isEmpty {
      guard isReady() else { return lose(rest) }
      let count = isRegularFile ? rest.count : min(rest.count, Self.pipePieceBytes)
      let written = unsafe Glibc.write(descriptor, rest.base, count)
      if written > 0 {
        rest = rest.dropFirst(written)
      } else if errno != EINTR && errno != EAGAIN {
        writeErrorCode = errno
        return lose(rest)
      }
    }
  }

  private func lose(_ rest: ByteView) {
    var count = 0
    for index in 0..<rest.count where rest[index] == 10 { count += 1 }
    lost.add(count, ordering: .relaxed)
    isInsideLine = true
  }

  /// Waits until a pipe or terminal takes something; false when the end has waited long enough.
  private func isReady() -> Bool {
    if isRegularFile { return true }
    while true {
      var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      let count = unsafe poll(&wanted, 1, Self.pauseMilliseconds)
      if count > 0 {
        if wanted.revents & Int16(POLLOUT) != 0 { return true }
        writeErrorCode = EPIPE
        return false
      }
      guard isEnding.load(ordering: .relaxed) else { continue }
      endWaitMilliseconds += Self.pauseMilliseconds
      if endWaitMilliseconds > Self.endMillisecondsMaximum { return false }
    }
  }

  private static func open(_ target: AccessLogTarget) throws(AccessLogError) -> Int32 {
    switch target {
    case .standardOutput: return STDOUT_FILENO
    case .standardError: return STDERR_FILENO
    case .file(let path):
      let descriptor = unsafe Glibc.open(
        path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
      guard descriptor >= 0 else { throw AccessLogError(path: path, code: errno) }
      return descriptor
    }
  }

  private static func isRegular(_ descriptor: Int32) -> Bool {
    var facts = stat()
    return unsafe fstat(descriptor, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
  }
}
