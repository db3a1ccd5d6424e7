// SPDX-License-Identifier: MIT

import Glibc

/// Reads key and token files. Blocks: for the thread pool.
enum SmallFile {
  static let bytesMaximum = 1 << 20

  struct Problem: Error {
    /// In words, without the path.
    let reason: String
  }

  /// - Throws: what the system says, or that the file is none or too large.
  static func read(_ path: String) throws(Problem) -> [UInt8] {
    // Without waiting: a pipe nobody writes to would hold the thread for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Problem(reason: words(errno)) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Problem(reason: words(errno)) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw Problem(reason: "it is no file") }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = Glibc.read(descriptor, &part, part.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw Problem(reason: words(errno))
      }
      if count == 0 { return bytes }
      bytes += part[..<count]
      if bytes.count > bytesMaximum {
        throw Problem(reason: "it is larger than \(bytesMaximum) bytes")
      }
    }
  }

  private static func words(_ code: Int32) -> String {
    String(cString: strerror(code)).lowercased()
  }
}
