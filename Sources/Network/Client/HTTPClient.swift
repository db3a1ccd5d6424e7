// SPDX-License-Identifier: MIT

import CCurl
public import EventLoop
import Synchronization

/// An HTTP client on a loop: libcurl's multi interface over the loop's polls and a timer, with
/// HTTP/2, proxies and connection reuse. For the control plane; the request path has its own.
///
/// SAFETY: `@unchecked Sendable` because curl's multi handle and everything it calls are used on
/// the loop's thread only. curl is given this object's address and is closed before it goes.
public final class HTTPClient: @unchecked Sendable {
  public let loop: Loop
  private let multi: UnsafeMutableRawPointer
  private let timer: LoopTimer
  private var polls: [Int32: Poll] = [:]
  private var transfers: [UnsafeMutableRawPointer: HTTPTransfer] = [:]
  private var isClosed = false

  /// Connections kept open for reuse.
  public static let idleConnectionsMaximum = 32
  /// Connections to one host at a time; further requests wait.
  public static let connectionsPerHostMaximum = 16

  /// SAFETY: once per process, before any other call, as `curl_global_init` demands.
  private static let isLoaded = ccurl_load() != 0

  /// To be called on the loop's thread, or before the loop runs.
  ///
  /// Loads libcurl, if it is the process's first client.
  ///
  /// - Throws: what the system says of another timer; `ENOMEM` if there is no libcurl, or no memory
  ///   for it.
  public init(on loop: Loop) throws(LoopError) {
    guard HTTPClient.isLoaded, let multi = ccurl_multi_init() else {
      throw LoopError.outOfMemory
    }
    do throws(LoopError) {
      timer = try LoopTimer(on: loop)
    } catch {
      ccurl_multi_cleanup(multi)
      throw error
    }
    self.loop = loop
    self.multi = multi
    let address = Unmanaged.passUnretained(self).toOpaque()
    _ = ccurl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, address)
    _ = ccurl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, address)
    _ = ccurl_multi_set_socket_callback(multi, clientSocketChanged)
    _ = ccurl_multi_set_timer_callback(multi, clientTimerChanged)
    _ = ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, HTTPClient.idleConnectionsMaximum)
    _ = ccurl_multi_set_long(
      multi, CURLMOPT_MAX_HOST_CONNECTIONS, HTTPClient.connectionsPerHostMaximum)
  }

  deinit { assert(isClosed, "an HTTP client was dropped without close()") }

  /// Ends every exchange with `cancelled` and closes all connections. On the loop's thread.
  public func close() {
    if isClosed { return }
    isClosed = true
    for transfer in Array(transfers.values) { remove(transfer, .cancelled) }
    ccurl_multi_cleanup(multi)
    timer.close()
    for poll in polls.values { poll.close() }
    polls = [:]
  }

  // MARK: Exchanges

  /// Sends `request` and gathers the response. Cancelling the task ends the exchange.
  ///
  /// - Throws: `HTTPClientError`. A response of any status is no error.
  public func send(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
    let stream = try await open(request)
    var body: [UInt8] = []
    while let part = try await stream.next() {
      if body.count + part.count > request.bodyBytesMaximum {
        stream.cancel()
        throw HTTPClientError(
          .bodyTooLarge, "the body is larger than \(request.bodyBytesMaximum) bytes")
      }
      body += part
    }
    return HTTPClientResponse(head: stream.head, body: body)
  }

  /// Sends `request` and returns when the response's head is there.
  ///
  /// - Throws: `HTTPClientError`.
  public func open(_ request: HTTPClientRequest) async throws -> HTTPClientStream {
    let transfer = try HTTPTransfer(request)
    let head = try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        onLoop { client in
          client.add(transfer)
          transfer.awaitHead(continuation)
        }
      }
    } onCancel: {
      cancel(transfer)
    }
    return HTTPClientStream(client: self, transfer: transfer, head: head)
  }

  func nextPart(of transfer: HTTPTransfer) async throws -> [UInt8]? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        onLoop { client in
          guard transfer.awaitPart(continuation) else { return }
          ccurl_easy_pause(transfer.easy, CURLPAUSE_CONT)
          client.act(Int32(CURL_SOCKET_TIMEOUT), 0)
        }
      }
    } onCancel: {
      cancel(transfer)
    }
  }

  func cancel(_ transfer: HTTPTransfer) {
    if transfer.isFinished.load(ordering: .relaxed) { return }
    onLoop { $0.remove(transfer, .cancelled) }
  }

  private func onLoop(_ body: @escaping @Sendable (HTTPClient) -> Void) {
    loop.execute { [self] in body(self) }
  }

  private func add(_ transfer: HTTPTransfer) {
    // Cancelled before it began, perhaps.
    if transfer.isFinished.load(ordering: .relaxed) { return }
    if isClosed { return transfer.finish(.cancelled) }
    transfers[transfer.easy] = transfer
    if ccurl_multi_add_handle(multi, transfer.easy) != CURLM_OK {
      remove(transfer, HTTPClientError(.exchangeFailed, "curl takes no more transfers"))
    }
  }

  private func remove(_ transfer: HTTPTransfer, _ error: HTTPClientError?) {
    if transfers.removeValue(forKey: transfer.easy) != nil {
      ccurl_multi_remove_handle(multi, transfer.easy)
    }
    transfer.finish(error)
  }

  // MARK: curl's wishes

  /// Tells curl what happened, then hands finished transfers over.
  private func act(_ descriptor: Int32, _ events: Int32) {
    var running: Int32 = 0
    ccurl_multi_socket_action(multi, descriptor, events, &running)
    var code = CURLE_OK
    while let easy = ccurl_multi_next_done(multi, &code) {
      guard let transfer = transfers[easy] else { continue }
      remove(transfer, code == CURLE_OK ? nil : HTTPClientError(code))
    }
  }

  fileprivate func timerChanged(_ delayMilliseconds: Int) {
    if isClosed { return }
    if delayMilliseconds < 0 { return timer.stop() }
    timer.start(delayMilliseconds: UInt64(delayMilliseconds)) { [unowned self] in
      act(Int32(CURL_SOCKET_TIMEOUT), 0)
    }
  }

  fileprivate func socketChanged(_ descriptor: Int32, _ what: Int32) {
    if what == CURL_POLL_REMOVE {
      polls.removeValue(forKey: descriptor)?.close()
      return
    }
    if isClosed { return }
    if polls[descriptor] == nil {
      polls[descriptor] = try? Poll(on: loop, descriptor: descriptor) {
        [unowned self] events, error in
        var bits: Int32 = error == nil ? 0 : Int32(CURL_CSELECT_ERR)
        if events.contains(.readable) { bits |= Int32(CURL_CSELECT_IN) }
        if events.contains(.writable) { bits |= Int32(CURL_CSELECT_OUT) }
        act(descriptor, bits)
      }
    }
    var events: Poll.Events = []
    if what == CURL_POLL_IN || what == CURL_POLL_INOUT { events.insert(.readable) }
    if what == CURL_POLL_OUT || what == CURL_POLL_INOUT { events.insert(.writable) }
    polls[descriptor]?.watch(events)
  }
}

private func clientSocketChanged(
  _ easy: UnsafeMutableRawPointer?, _ descriptor: curl_socket_t, _ what: Int32,
  _ argument: UnsafeMutableRawPointer?, _ socketArgument: UnsafeMutableRawPointer?
) -> Int32 {
  guard let argument else { return 0 }
  Unmanaged<HTTPClient>.fromOpaque(argument).takeUnretainedValue().socketChanged(descriptor, what)
  return 0
}

private func clientTimerChanged(
  _ multi: UnsafeMutableRawPointer?, _ delayMilliseconds: Int, _ argument: UnsafeMutableRawPointer?
) -> Int32 {
  guard let argument else { return 0 }
  Unmanaged<HTTPClient>.fromOpaque(argument).takeUnretainedValue().timerChanged(delayMilliseconds)
  return 0
}
