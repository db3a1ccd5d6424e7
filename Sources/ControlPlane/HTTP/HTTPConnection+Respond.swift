// SPDX-License-Identifier: MIT

import Bytes
import Clocks
import EventLoop
import HTTPWire
import Network

/// How far the response to one request has come.
struct HTTPResponseProgress {
  enum Framing {
    case none
    case chunked
    /// So many bytes are still owed; less than 0 means too many were written.
    case length(Int)
    case untilClose
  }

  let keepsAlive: Bool
  let isHead: Bool
  let allowsChunks: Bool
  var framing = Framing.none
  /// A `wire` response that ended in `stall`.
  var isStalled = false

  init(_ request: HTTPRequest) {
    keepsAlive = request.keepsAlive
    isHead = request.method == "HEAD"
    allowsChunks = request.minorVersion == 1
  }
}

extension HTTPConnection {
  enum SendProgress: Sendable {
    case goOn
    case wait
    case gone
  }

  /// Sends what the handler answered.
  func answer(_ answer: HTTPResponse) async {
    switch answer.body {
    case .bytes:
      await onLoop { $0.sendWhole(answer) }
    case .stream(let write):
      guard await onLoop({ $0.beginStream(answer) }) else { return }
      var isWhole = true
      do { try await write(HTTPBodyWriter(connection: self)) } catch { isWhole = false }
      let wasWritten = isWhole
      await onLoop { $0.endStream(isWhole: wasWritten) }
    case .wire(let write):
      await onLoop { $0.response?.framing = .untilClose }
      let end = try? await write(HTTPBodyWriter(connection: self))
      await onLoop { $0.endWire(end ?? .reset) }
    }
  }

  private func sendWhole(_ answer: HTTPResponse) {
    guard phase == .responding, let progress = response else { return }
    let closes = !progress.keepsAlive || server.isDraining
    sendHead(answer, closes: closes, isChunked: false, isHead: progress.isHead)
    if phase != .responding { return }
    finishResponse(keepsAlive: !closes)
  }

  /// False when there is no one to write to, or nothing may be written.
  private func beginStream(_ answer: HTTPResponse) -> Bool {
    guard phase == .responding, let progress = response else { return false }
    let length = answer.fields["content-length"].flatMap { Int($0) }
    let isChunked = length == nil && progress.allowsChunks
    let closes =
      !progress.keepsAlive || server.isDraining || (length == nil && !progress.allowsChunks)
    response?.framing = length.map { .length($0) } ?? (isChunked ? .chunked : .untilClose)
    sendHead(answer, closes: closes, isChunked: isChunked, isHead: progress.isHead)
    if phase != .responding { return false }
    if progress.isHead {
      finishResponse(keepsAlive: !closes)
      return false
    }
    return true
  }

  private func endStream(isWhole: Bool) {
    guard phase == .responding, let progress = response else { return }
    if !isWhole { return close(isReset: true) }
    switch progress.framing {
    case .chunked: send(Array("0\r\n\r\n".utf8))
    case .length(let missing) where missing != 0: return close(isReset: true)
    case .untilClose: return finishResponse(keepsAlive: false)
    case .length, .none: break
    }
    if phase != .responding { return }
    finishResponse(keepsAlive: progress.keepsAlive && !server.isDraining)
  }

  private func endWire(_ end: HTTPResponse.WireEnd) {
    guard phase == .responding, let progress = response else { return }
    switch end {
    case .keepOpen: finishResponse(keepsAlive: progress.keepsAlive)
    case .close: finishResponse(keepsAlive: false)
    case .reset: close(isReset: true)
    case .stall: isClientGone ? close() : (response?.isStalled = true)
    }
  }

  /// One piece of a streaming body, framed as the head said.
  func sendPart(_ bytes: [UInt8]) -> SendProgress {
    guard phase == .responding, !isClientGone, let progress = response else { return .gone }
    if bytes.isEmpty { return .goOn }
    switch progress.framing {
    case .chunked:
      let size = Array("\(String(bytes.count, radix: 16))\r\n".utf8)
      send(size, bytes, [0x0d, 0x0a])
    case .length(let missing):
      response?.framing = .length(missing - bytes.count)
      // What goes beyond the announced length would be taken for the next response.
      if missing < bytes.count {
        close(isReset: true)
        return .gone
      }
      send(bytes)
    case .untilClose, .none: send(bytes)
    }
    if isClientGone { return .gone }
    return transport.queuedByteCount > server.configuration.queuedBytesHighWater ? .wait : .goOn
  }

  /// Head and, if the body is bytes, the body.
  func sendHead(_ answer: HTTPResponse, closes: Bool, isChunked: Bool, isHead: Bool) {
    var head = "HTTP/1.1 \(answer.status) "
    head += "\(ResponseHeadWriter.reason(UInt16(clamping: answer.status)))\r\n"
    for field in answer.fields.all {
      // A value with a line break would be a field, or a response, of somebody else's making.
      if field.name.isEmpty || !field.name.utf8.allSatisfy(HTTPConnection.isNameByte) { continue }
      let value = field.value.utf8.map { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f ? 0x20 : $0 }
      head += "\(field.name): \(String(decoding: value, as: UTF8.self))\r\n"
    }
    head += "date: \(server.date)\r\n"
    if closes { head += "connection: close\r\n" }
    if isChunked { head += "transfer-encoding: chunked\r\n" }
    guard case .bytes(let body) = answer.body else { return send(Array((head + "\r\n").utf8)) }
    if answer.status != 204 && answer.status != 304 { head += "content-length: \(body.count)\r\n" }
    head += "\r\n"
    let isBodiless = isHead || answer.status == 204 || answer.status == 304
    isBodiless ? send(Array(head.utf8)) : send(Array(head.utf8), body)
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: ":")
  }

  func send(_ parts: [UInt8]...) {
    if phase == .closed { return }
    let result = HTTPConnection.withViews(parts) { transport.write($0) }
    switch result {
    case .sent: return
    case .queued:
      if !isArmed { arm(server.configuration.stallTimeoutMilliseconds) }
    case .failed: close()
    }
  }

  /// Calls `body` with views of the arrays, which stay put meanwhile.
  private static func withViews(
    _ parts: [[UInt8]], _ body: (UnsafeBufferPointer<ByteView>) -> TCPSocket.WriteResult
  ) -> TCPSocket.WriteResult {
    if parts.count == 1 {
      return parts[0].withUnsafeBufferPointer { bytes in
        guard let base = bytes.baseAddress else { return .sent }
        let view = ByteView(base: base, count: bytes.count)
        return withUnsafePointer(to: view) { body(UnsafeBufferPointer(start: $0, count: 1)) }
      }
    }
    return withUnsafeTemporaryAllocation(of: ByteView.self, capacity: parts.count) { views in
      fill(parts[...], views, 0, body)
    }
  }

  private static func fill(
    _ rest: ArraySlice<[UInt8]>, _ views: UnsafeMutableBufferPointer<ByteView>, _ count: Int,
    _ body: (UnsafeBufferPointer<ByteView>) -> TCPSocket.WriteResult
  ) -> TCPSocket.WriteResult {
    guard let first = rest.first else {
      return body(UnsafeBufferPointer(start: views.baseAddress, count: count))
    }
    return first.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else {
        return fill(rest.dropFirst(), views, count, body)
      }
      (views.baseAddress! + count).initialize(to: ByteView(base: base, count: bytes.count))
      return fill(rest.dropFirst(), views, count + 1, body)
    }
  }
}

extension HTTPServerConfiguration {
  /// The answer to bytes that never became a request.
  func refusal(_ status: Int, _ message: String) -> HTTPResponse {
    HTTPError(status: status, code: "bad_request", message: message).response(requestID: nil)
  }
}
