// SPDX-License-Identifier: MIT

import Bytes
import Foundation
import JSON
import Testing

@testable import Translation

/// The data of the golden tests: what clients ask and providers answer stands there as it goes over
/// the wire, and beside it what the translators made of it. `REGENERATE=1` writes the latter anew;
/// the difference is for reading before it is committed.
enum Goldens {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/Translation")

  /// `requests/CLIENT/CASE.json`: what a client sends.
  static func requests(of client: String) -> [(name: String, bytes: [UInt8])] {
    files(in: "requests/\(client)", ending: ".json")
  }

  /// `answers/PROVIDER/CASE.json`: what a provider answers; `CASE.400.json` with that status.
  static func answers(of provider: String) -> [(name: String, bytes: [UInt8])] {
    files(in: "answers/\(provider)", ending: ".json")
  }

  /// `answers/PROVIDER/CASE.stream`: a provider's stream; of Amazon's binary ones `CASE.frames`, a
  /// line `EVENT JSON` for each message, `!EVENT JSON` for an exception.
  static func streams(of provider: String) -> [(name: String, bytes: [UInt8])] {
    files(in: "answers/\(provider)", ending: ".stream")
      + files(in: "answers/\(provider)", ending: ".frames").map { file in
        (file.name, AmazonFrames.encode(String(decoding: file.bytes, as: UTF8.self)))
      }
  }

  private static func files(
    in path: String, ending suffix: String
  ) -> [(name: String, bytes: [UInt8])] {
    let folder = Self.folder.appending(path: path)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(suffix) }.sorted().compactMap { name in
      guard let data = try? Data(contentsOf: folder.appending(path: name)) else { return nil }
      return (String(name.dropLast(suffix.count)), [UInt8](data))
    }
  }

  /// Compares with `goldens/PATH`, one file for a pair of APIs with a section for each case; or
  /// writes it when asked to.
  static func check(_ sections: [(name: String, text: String)], _ path: String) throws {
    guard !sections.isEmpty else { return }
    let file = folder.appending(path: "goldens/\(path)")
    let text = sections.map { "=== \($0.name)\n\($0.text)\n" }.joined()
    if ProcessInfo.processInfo.environment["REGENERATE"] == "1" {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
      return
    }
    let wanted = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    for section in sections {
      #expect(
        wanted.contains("=== \(section.name)\n\(section.text)\n"),
        "\(path) \(section.name) differs; REGENERATE=1 writes it anew")
    }
    #expect(text.count == wanted.count, "\(path) has cases that are gone")
  }

  static let context = AnswerContext(
    requestID: "0123456789abcdef01234567", createdSeconds: 1_700_000_000, model: "client-model",
    wantsStreamUsage: true, elapsedMilliseconds: 250)
}

enum AmazonFrames {
  /// Binary messages from lines `EVENT JSON` or `!EXCEPTION JSON`.
  static func encode(_ lines: String) -> [UInt8] {
    var output: [UInt8] = []
    for line in lines.split(separator: "\n") {
      let isException = line.hasPrefix("!")
      let parts = line.drop { $0 == "!" }.split(separator: " ", maxSplits: 1)
      let payload = parts.count > 1 ? [UInt8](parts[1].utf8) : []
      append(
        headers: [
          (isException ? ":exception-type" : ":event-type", String(parts[0])),
          (":content-type", "application/json"),
          (":message-type", isException ? "exception" : "event"),
        ], payload, to: &output)
    }
    return output
  }

  private static func append(
    headers: [(String, String)], _ payload: [UInt8], to output: inout [UInt8]
  ) {
    var fields: [UInt8] = []
    for (name, value) in headers {
      fields += [UInt8(name.utf8.count)] + name.utf8
      fields += [7, UInt8(value.utf8.count >> 8), UInt8(value.utf8.count & 255)] + value.utf8
    }
    var message = word(UInt32(16 + fields.count + payload.count)) + word(UInt32(fields.count))
    message += word(crc(message))
    message += fields + payload
    output += message + word(crc(message))
  }

  private static func word(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// Bit by bit, as ISO 3309 writes it: independent of the table under test.
  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    var sum = ~UInt32(0)
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
    }
    return ~sum
  }
}

extension [UInt8] {
  /// Calls `body` with a view of the bytes.
  func withView<Result>(_ body: (ByteView) throws -> Result) rethrows -> Result {
    try withUnsafeBufferPointer { buffer in
      try body(buffer.baseAddress.map { ByteView(base: $0, count: buffer.count) } ?? .empty)
    }
  }
}
