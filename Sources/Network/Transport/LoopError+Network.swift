// SPDX-License-Identifier: MIT

internal import EventLoop
internal import Glibc

extension LoopError {
  static let outOfMemory = LoopError(code: -ENOMEM)
  /// TLS failed; the transport's `tlsError` says how.
  static let protocolError = LoopError(code: -EPROTO)
  static let notConnected = LoopError(code: -ENOTCONN)
}
