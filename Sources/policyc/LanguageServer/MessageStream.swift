// SPDX-License-Identifier: MIT

import CedarSyntax
import Foundation

/// Messages of the base protocol on standard input and output: `Content-Length` heads and JSON.
final class MessageStream {
  /// A message as it came.
  enum Incoming {
    case message(CedarJSON)
    /// The body is no JSON; what is wrong with it.
    case invalid(String)
  }

  /// Longest message and head, in bytes.
  static let bodyMax = 64 << 20
  static let headMax = 16 << 10

  private var buffer: [UInt8] = []

  /// The next message; nil at the end of the input, and when it is none of this protocol.
  func read() -> Incoming? {
    guard let length = readHead(), (0...Self.bodyMax).contains(length) else { return nil }
    while buffer.count < length { guard fill() else { return nil } }
    let body = String(decoding: buffer[..<length], as: UTF8.self)
    buffer.removeFirst(length)
    do throws(CedarJSON.SyntaxError) {
      return .message(try CedarJSON(parsing: body))
    } catch {
      return .invalid("\(error.message) at byte \(error.offset)")
    }
  }

  func write(_ message: CedarJSON) {
    let body = message.text
    Console.out("Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  /// Reads a head up to its empty line; the length that it names.
  private func readHead() -> Int? {
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let place = buffer.firstRange(of: end) {
        let head = String(decoding: buffer[..<place.lowerBound], as: UTF8.self)
        buffer.removeFirst(place.upperBound)
        return Self.length(head)
      }
      guard buffer.count < Self.headMax, fill() else { return nil }
    }
  }

  private static func length(_ head: String) -> Int? {
    for line in head.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "content-length" else { continue }
      return Int(parts[1].trimmingCharacters(in: .whitespaces))
    }
    return nil
  }

  /// Waits for more input; false at its end.
  private func fill() -> Bool {
    let more = FileHandle.standardInput.availableData
    buffer += more
    return !more.isEmpty
  }
}
