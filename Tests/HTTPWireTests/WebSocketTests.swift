// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire
import Testing

@Suite struct WebSocketTests {
  static let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
  static let plain = [
    "Host: a", "Upgrade: websocket", "Connection: Upgrade", key, "Sec-WebSocket-Version: 13",
  ]

  static func verdict(
    _ lines: [String], start: String = "GET /v1/realtime HTTP/1.1"
  )
    -> WebSocketUpgrade?
  {
    let text = ([start] + lines).joined(separator: "\r\n") + "\r\n\r\n"
    return withTable { table in
      withBytes(bytes(text)) { view in
        var parser = RequestHeadParser()
        guard case .complete(let head) = parser.parse(view, limits: HeadLimits(), table: &table)
        else { return nil }
        return WebSocketUpgrade(head, bytes: view, table: table)
      }
    }
  }

  @Test func handshakesAreTold() {
    #expect(Self.verdict(Self.plain) == .valid)
    let mixed = [
      "Host: a", "upgrade: h2c, WebSocket", "connection: keep-alive, upgrade", Self.key,
      "sec-websocket-version: 13",
    ]
    #expect(Self.verdict(mixed) == .valid)
    func without(_ index: Int) -> [String] {
      Self.plain.enumerated().filter { $0.offset != index }.map(\.element)
    }
    #expect(Self.verdict(without(1)) == .notAsked && Self.verdict(without(2)) == .notAsked)
    #expect(Self.verdict(without(3)) == .malformed)
    #expect(Self.verdict(without(4)) == .versionUnsupported)
    #expect(Self.verdict(Self.plain + [Self.key]) == .malformed)
    #expect(Self.verdict(Self.plain + ["Content-Length: 3"]) == .malformed)
    #expect(Self.verdict(without(3) + ["Sec-WebSocket-Key: short=="]) == .malformed)
    #expect(Self.verdict(without(4) + ["Sec-WebSocket-Version: 8"]) == .versionUnsupported)
    #expect(Self.verdict(Self.plain, start: "POST /v1/realtime HTTP/1.1") == .notAsked)
    #expect(Self.verdict(Self.plain, start: "GET /v1/realtime HTTP/1.0") == .notAsked)
  }

  static let frames: [[UInt8]] = [
    [0x81, 0x02, 0x68, 0x69], [0x89, 0x00], [0x81, 0x83, 1, 2, 3, 4, 5, 6, 7],
    [0x82, 126, 0, 3, 9, 9, 9], [0x82, 127, 0, 0, 0, 0, 0, 0, 0, 2, 9, 9],
    [0x82, 0xfe, 0, 1, 1, 2, 3, 4, 9],
  ]

  @Test func boundariesAreFoundHoweverTheBytesAreCut() {
    let all = Self.frames.flatMap { $0 }
    var ends: Set<Int> = [0]
    for frame in Self.frames { ends.insert(ends.max()! + frame.count) }
    var stepwise = WebSocketFrames()
    for (index, byte) in all.enumerated() {
      #expect(stepwise.isBetweenFrames == ends.contains(index), "\(index)")
      withBytes([byte]) { stepwise.scan($0) }
    }
    #expect(stepwise.isBetweenFrames && !stepwise.hasClosed)
    for cut in 0...all.count {
      var frames = WebSocketFrames()
      withBytes(Array(all[..<cut])) { frames.scan($0) }
      #expect(frames.isBetweenFrames == ends.contains(cut), "\(cut)")
      withBytes(Array(all[cut...])) { frames.scan($0) }
      #expect(frames == stepwise)
    }
  }

  @Test func aCloseIsSeenAndAnAbsurdLengthBorne() {
    var frames = WebSocketFrames()
    withBytes([0x88, 0x02, 0x03, 0xe8]) { frames.scan($0) }
    #expect(frames.hasClosed && frames.isBetweenFrames)
    frames = WebSocketFrames()
    withBytes([0x82, 0xff] + [UInt8](repeating: 0xff, count: 8) + [1, 2, 3]) { frames.scan($0) }
    #expect(!frames.isBetweenFrames)
  }
}
