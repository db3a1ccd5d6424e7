// SPDX-License-Identifier: MIT

import ControlPlane
@testable import FakeProviders

/// One request to the provider in memory, and its answer taken apart again.
struct ProviderExchange {
  let steps: [WireStep]
  let bytes: [UInt8]
  let status: Int
  let headers: [String: String]
  let body: [UInt8]

  init(
    _ provider: ScriptedProvider, _ target: String, _ json: String? = nil,
    headers: [(name: String, value: String)] = []
  ) {
    let request = ReceivedRequest(
      method: json == nil ? "GET" : "POST", target: target, headers: headers,
      body: Array((json ?? "").utf8))
    self.init(steps: provider.respond(to: request))
  }

  init(_ target: String, _ json: String? = nil) {
    self.init(ScriptedProvider { 1_700_000_000 }, target, json)
  }

  init(steps: [WireStep]) {
    self.steps = steps
    bytes = steps.flatMap { step in
      if case .send(let bytes) = step { return bytes }
      return []
    }
    let end = Self.headEnd(bytes)
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
    status = lines.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } ?? 0
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ": ", maxSplits: 1)
      headers[parts[0].lowercased()] = parts.count == 2 ? String(parts[1]) : ""
    }
    self.headers = headers
    let rest = Array(bytes[end...])
    body = headers["transfer-encoding"] == "chunked" ? Self.unchunked(rest) : rest
  }

  private static func headEnd(_ bytes: [UInt8]) -> Int {
    let mark = Array("\r\n\r\n".utf8)
    for index in bytes.indices where bytes[index...].starts(with: mark) { return index + 4 }
    return bytes.count
  }

  private static func unchunked(_ bytes: [UInt8]) -> [UInt8] {
    var rest = bytes[...]
    var result: [UInt8] = []
    while let line = rest.firstIndex(of: 0x0D) {
      let size = Int(String(decoding: rest[rest.startIndex..<line], as: UTF8.self), radix: 16) ?? 0
      let start = line + 2
      if size == 0 || start + size > rest.endIndex { break }
      result += rest[start..<(start + size)]
      rest = rest[min(start + size + 2, rest.endIndex)...]
    }
    return result
  }

  var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }

  var text: String { String(decoding: body, as: UTF8.self) }

  /// The data of each server-sent event.
  var events: [String] {
    text.split(separator: "\n\n").compactMap { event in
      event.hasPrefix("data: ") ? String(event.dropFirst(6)) : nil
    }
  }

  /// The server-sent events that have a name, in order, in either form of line ends.
  var namedEvents: [(name: String, data: JSONValue)] {
    text.split(separator: "\n\n").compactMap { event in
      let lines = event.split(separator: "\n")
      guard lines.count == 2, lines[0].hasPrefix("event: "), lines[1].hasPrefix("data: ") else {
        return nil
      }
      let data = try? JSONValue(parsing: Array(lines[1].dropFirst(6).utf8))
      return (String(lines[0].dropFirst(7)), data ?? .null)
    }
  }

  /// The events that are JSON.
  var chunks: [JSONValue] { events.compactMap { try? JSONValue(parsing: Array($0.utf8)) } }

  /// The content of choice `index`, put together from the stream.
  func streamedText(choice index: Int64 = 0) -> String {
    chunks.flatMap { $0["choices"]?.arrayValue ?? [] }
      .filter { $0["index"]?.integerValue == index }
      .compactMap { ($0["delta"]?["content"] ?? $0["text"])?.stringValue }.joined()
  }
}
