// SPDX-License-Identifier: MIT

public import EventLoop
internal import Glibc

extension LoopError {
  static let outOfMemory = LoopError(code: -ENOMEM)
  /// TLS failed; the transport's `tlsError` says how.
  static let protocolError = LoopError(code: -EPROTO)
  static let notConnected = LoopError(code: -ENOTCONN)
  /// An HTTP/2 peer says that it has not looked at the request: it may be sent again.
  public static let notProcessed = LoopError(code: -ECONNABORTED)
}
