// SPDX-License-Identifier: MIT

import Foundation

/// Reads a file line by line, in memory that grows with the longest line only.
final class LineReader {
  /// Longest line accepted, in bytes; a longer one is cut.
  static let lineMax = 64 << 20
  private static let chunk = 1 << 18

  private let handle: FileHandle
  private var buffer = [UInt8](repeating: 0, count: 2 * LineReader.chunk)
  private var start = 0
  private var end = 0
  private var isAtEnd = false

  /// - Parameter path: a file or pipe; `-` for standard input.
  /// - Throws: an exit code, after saying why it cannot be opened.
  init(path: String) throws {
    do throws(FileProblem) {
      handle = try Files.open(path)
    } catch {
      throw Console.fail("cannot read `\(path)`: \(error)")
    }
  }

  /// Gives the bytes of the next line, without its end, to `body`; nil at the end of the file.
  func next<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result? {
    var searched = start
    while true {
      if let length = lineEnd(from: searched) {
        let line = start..<length
        start = length + 1
        return try give(line, body)
      }
      searched = end
      if isAtEnd || end - start > Self.lineMax { break }
      let moved = start
      fill()
      searched -= moved - start
    }
    guard start < end else { return nil }
    let line = start..<end
    start = end
    return try give(line, body)
  }

  /// The next line as text; nil at the end of the file.
  func next() -> String? { next { String(decoding: $0, as: UTF8.self) } }

  private func give<Result>(
    _ line: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try buffer.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[line])) }
  }

  /// Where the next newline stands.
  private func lineEnd(from place: Int) -> Int? {
    buffer.withUnsafeBytes { bytes in
      guard place < end, let base = bytes.baseAddress,
        let found = memchr(base + place, 0x0A, end - place)
      else { return nil }
      return UnsafeRawPointer(found) - base
    }
  }

  /// Moves what is left to the front and reads more behind it.
  private func fill() {
    if start > 0 {
      buffer.withUnsafeMutableBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        memmove(base, base + start, end - start)
      }
      end -= start
      start = 0
    }
    if buffer.count - end < Self.chunk {
      buffer += [UInt8](repeating: 0, count: buffer.count)
    }
    let count = buffer.withUnsafeMutableBytes { bytes -> Int in
      guard let base = bytes.baseAddress else { return 0 }
      while true {
        let count = read(handle.fileDescriptor, base + end, Self.chunk)
        if count >= 0 || errno != EINTR { return count }
      }
    }
    if count > 0 { end += count } else { isAtEnd = true }
  }
}
