// SPDX-License-Identifier: MIT

import Foundation

/// Why a line cannot be taken for text.
enum LineProblem: Error, CustomStringConvertible {
  case tooLong
  case notUTF8

  var description: String {
    switch self {
    case .tooLong: "the line is longer than \(LineReader.lineMax >> 20) MiB"
    case .notUTF8: "the line is not valid UTF-8"
    }
  }
}

/// Reads a file line by line, in memory that grows with the longest line only.
final class LineReader {
  /// Longest line accepted, in bytes.
  static let lineMax = 64 << 20
  private static let chunk = 1 << 18

  private let handle: FileHandle
  private var buffer = [UInt8](repeating: 0, count: 2 * LineReader.chunk)
  private var start = 0
  private var end = 0
  private var isAtEnd = false
  /// The line given last was too long, and its rest is still to come.
  private(set) var isInsideLongLine = false

  /// - Parameter path: a file or pipe; `-` for standard input.
  /// - Throws: an exit code, after saying why it cannot be opened.
  init(path: String) throws {
    do throws(FileProblem) {
      handle = try Files.open(path)
    } catch {
      throw Console.fail("cannot read `\(path)`: \(error)")
    }
  }

  /// Gives the bytes of the next line, without its end, to `body`; nil at the end of the file. Of a
  /// line that is too long (`isInsideLongLine` then) it is the beginning.
  func next<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result? {
    if isInsideLongLine { skipLine() }
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
    isInsideLongLine = !isAtEnd
    return try give(line, body)
  }

  /// The next line as text; nil at the end of the file.
  func nextText() throws(LineProblem) -> String? {
    let read = next { bytes -> Swift.Result<String, LineProblem> in
      isInsideLongLine ? .failure(.tooLong) : Self.text(bytes)
    }
    return try read?.get()
  }

  /// Invalid bytes are never repaired: different ones would become the same.
  static func text(_ line: UnsafeRawBufferPointer) -> Swift.Result<String, LineProblem> {
    guard let text = String(validating: line, as: UTF8.self) else { return .failure(.notUTF8) }
    return .success(text)
  }

  private func skipLine() {
    while true {
      if let newline = lineEnd(from: start) {
        start = newline + 1
        break
      }
      start = end
      if isAtEnd { break }
      fill()
    }
    isInsideLongLine = false
  }

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
