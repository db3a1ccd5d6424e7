// SPDX-License-Identifier: MIT

import Foundation

extension Files {
  /// Most bytes that are read at once.
  static let bytesMax = 2 << 30
  private static let chunk = 1 << 18

  /// A file or pipe opened for reading; `-` is standard input.
  static func open(_ path: String) throws(FileProblem) -> FileHandle {
    if path == "-" { return .standardInput }
    let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw errno == ENOENT ? .noSuchFile : FileProblem(number: errno)
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileProblem(number: errno) }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw FileProblem(number: EISDIR) }
    return handle
  }

  /// All that is in a file or comes through a pipe.
  static func contents(_ path: String) throws(FileProblem) -> [UInt8] {
    let handle = try open(path)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: chunk)
    while true {
      let count = read(handle.fileDescriptor, &buffer, chunk)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileProblem(number: errno) }
      guard count > 0 else { return bytes }
      guard bytes.count + count <= bytesMax else {
        throw FileProblem("it is longer than \(bytesMax >> 30) GiB")
      }
      bytes += buffer[..<count]
    }
  }
}
