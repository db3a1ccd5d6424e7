// SPDX-License-Identifier: MIT

public import Clocks
internal import Glibc

/// What the kernel says about this process, under the names that Prometheus clients agree on.
public struct ProcessSample: Sendable, Equatable {
  public var residentBytes: Int64 = 0
  public var processorNanoseconds: Int64 = 0
  public var openFileCount: Int64 = 0
  public var startNanosecondsSinceEpoch: Int64 = 0

  /// A file in `/proc` that cannot be read leaves its figures at zero.
  ///
  /// - Parameter startedAt: when the process began, as its first reading of the wall clock.
  public init(startedAt: Timestamp) {
    startNanosecondsSinceEpoch = startedAt.nanosecondsSinceEpoch
    if let pages = ProcessSample.residentPages() {
      residentBytes = pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }
    var usage = rusage()
    if unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
      processorNanoseconds =
        (Int64(usage.ru_utime.tv_sec) + Int64(usage.ru_stime.tv_sec)) * 1_000_000_000
        + (Int64(usage.ru_utime.tv_usec) + Int64(usage.ru_stime.tv_usec)) * 1_000
    }
    openFileCount = ProcessSample.countOpenFiles()
  }

  /// The second field of `/proc/self/statm` (proc(5)).
  private static func residentPages() -> Int64? {
    let file = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 128)
    let length = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe read(file, buffer.baseAddress, buffer.count)
    }
    guard length > 0 else { return nil }
    let fields = bytes[..<length].split(separator: UInt8(ascii: " "))
    guard fields.count > 1 else { return nil }
    return Int64(String(decoding: fields[1], as: UTF8.self))
  }

  private static func countOpenFiles() -> Int64 {
    guard let directory = unsafe opendir("/proc/self/fd") else { return 0 }
    defer { unsafe closedir(directory) }
    var count: Int64 = 0
    while unsafe readdir(directory) != nil { count += 1 }
    // `.`, `..` and the descriptor of this very directory.
    return max(0, count - 3)
  }
}
