// SPDX-License-Identifier: MIT

import CCurl
import EventLoop
import Synchronization

/// One exchange of an `HTTPClient`: curl's handle, what has been received, and who waits for it.
///
/// SAFETY: `@unchecked Sendable` because all but `isFinished` is used on the loop's thread. The
/// client keeps the transfer while curl has its address.
final class HTTPTransfer: @unchecked Sendable {
  /// Bytes kept for a slow consumer before curl is told to pause.
  static let bufferedBytesMaximum = 256 << 10

  let easy: UnsafeMutableRawPointer
  /// Set once, on the loop; nothing comes after it.
  let isFinished = Atomic<Bool>(false)
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var head = HTTPClientHead()
  private var isHeadComplete = false
  private var isFollowing: Bool
  private var buffer: [UInt8] = []
  private var isPaused = false
  private var failure: HTTPClientError?
  private var headWaiter: CheckedContinuation<HTTPClientHead, any Error>?
  private var partWaiter: CheckedContinuation<[UInt8]?, any Error>?

  /// - Throws: `invalidRequest`.
  init(_ request: HTTPClientRequest) throws(HTTPClientError) {
    guard let easy = ccurl_easy_init() else {
      throw HTTPClientError(.exchangeFailed, "out of memory for a transfer")
    }
    self.easy = easy
    isFollowing = request.redirectsMaximum > 0
    // All members are set: if this throws, `deinit` frees the handle.
    headerList = try request.configure(easy)
    let address = Unmanaged.passUnretained(self).toOpaque()
    _ = ccurl_set_pointer(easy, CURLOPT_PRIVATE, address)
    _ = ccurl_set_pointer(easy, CURLOPT_WRITEDATA, address)
    _ = ccurl_set_pointer(easy, CURLOPT_HEADERDATA, address)
    _ = ccurl_set_data_callback(easy, CURLOPT_WRITEFUNCTION, transferBody)
    _ = ccurl_set_data_callback(easy, CURLOPT_HEADERFUNCTION, transferHeader)
  }

  deinit {
    ccurl_easy_cleanup(easy)
    ccurl_slist_free_all(headerList)
  }

  // MARK: From curl

  func headerLine(_ line: String) {
    if line.hasPrefix("HTTP/") {
      // A new head: what came before was an interim response or a redirect.
      head = HTTPClientHead()
      head.version = line.hasPrefix("HTTP/2") ? 20 : line.hasPrefix("HTTP/1.0") ? 10 : 11
      head.status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
      return
    }
    guard let colon = line.firstIndex(of: ":") else {
      if line.isEmpty { endOfHead() }
      return
    }
    let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
    head.headers.append((String(line[..<colon]), String(value)))
  }

  private func endOfHead() {
    if head.status < 200 { return }
    let isRedirect = (300..<400).contains(head.status) && head.header("location") != nil
    if isFollowing && isRedirect { return }
    completeHead()
  }

  private func completeHead() {
    if isHeadComplete { return }
    isHeadComplete = true
    headWaiter?.resume(returning: head)
    headWaiter = nil
  }

  /// False to pause: curl keeps the bytes and offers them again.
  func body(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    completeHead()
    if let waiter = partWaiter, buffer.isEmpty {
      partWaiter = nil
      waiter.resume(returning: Array(bytes))
      return true
    }
    if buffer.count + bytes.count > HTTPTransfer.bufferedBytesMaximum && !buffer.isEmpty {
      isPaused = true
      return false
    }
    buffer += bytes
    return true
  }

  /// Nil error: the response is complete.
  func finish(_ error: HTTPClientError?) {
    if isFinished.exchange(true, ordering: .relaxed) { return }
    failure = error
    if let error {
      headWaiter?.resume(throwing: error)
      partWaiter?.resume(throwing: error)
    } else {
      completeHead()
      partWaiter?.resume(returning: nil)
    }
    headWaiter = nil
    partWaiter = nil
  }

  // MARK: To the consumer

  func awaitHead(_ continuation: CheckedContinuation<HTTPClientHead, any Error>) {
    if isHeadComplete { return continuation.resume(returning: head) }
    if let failure { return continuation.resume(throwing: failure) }
    headWaiter = continuation
  }

  /// - Returns: true if curl was paused and must go on now.
  func awaitPart(_ continuation: CheckedContinuation<[UInt8]?, any Error>) -> Bool {
    if !buffer.isEmpty {
      let part = buffer
      buffer = []
      continuation.resume(returning: part)
    } else if let failure {
      continuation.resume(throwing: failure)
    } else if isFinished.load(ordering: .relaxed) {
      continuation.resume(returning: nil)
    } else {
      partWaiter = continuation
    }
    defer { isPaused = false }
    return isPaused && !isFinished.load(ordering: .relaxed)
  }
}

private func transferBody(
  _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ argument: UnsafeMutableRawPointer?
) -> Int {
  guard let data, let argument else { return 0 }
  let transfer = Unmanaged<HTTPTransfer>.fromOpaque(argument).takeUnretainedValue()
  let taken = data.withMemoryRebound(to: UInt8.self, capacity: size * count) {
    transfer.body(UnsafeBufferPointer(start: $0, count: size * count))
  }
  return taken ? size * count : Int(CURL_WRITEFUNC_PAUSE)
}

private func transferHeader(
  _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ argument: UnsafeMutableRawPointer?
) -> Int {
  guard let data, let argument else { return 0 }
  let transfer = Unmanaged<HTTPTransfer>.fromOpaque(argument).takeUnretainedValue()
  let line = data.withMemoryRebound(to: UInt8.self, capacity: size * count) {
    var bytes = UnsafeBufferPointer(start: $0, count: size * count)[...]
    while let last = bytes.last, last == 0x0d || last == 0x0a { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
  transfer.headerLine(line)
  return size * count
}
