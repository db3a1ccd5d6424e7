// SPDX-License-Identifier: MIT

import EventLoop

/// A response whose head is there and whose body is on its way.
///
/// A consumer that does not ask holds the sender back: a bounded number of bytes is kept. Dropping
/// the stream ends the exchange.
public final class HTTPClientStream: Sendable {
  private let client: HTTPClient
  private let transfer: HTTPTransfer
  public let head: HTTPClientHead

  init(client: HTTPClient, transfer: HTTPTransfer, head: HTTPClientHead) {
    self.client = client
    self.transfer = transfer
    self.head = head
  }

  deinit { client.cancel(transfer) }

  /// The next bytes of the body, as they came; nil at its end. One caller at a time.
  ///
  /// - Throws: `HTTPClientError` if the rest will not come.
  public func next() async throws -> [UInt8]? { try await client.nextPart(of: transfer) }

  public func cancel() { client.cancel(transfer) }
}
