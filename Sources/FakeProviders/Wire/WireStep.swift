// SPDX-License-Identifier: MIT

/// One thing to do on a connection; a response is a list of them.
public enum WireStep: Sendable, Equatable {
  case wait(milliseconds: Int)
  case send([UInt8])
  /// The response is complete and the connection serves the next request.
  case keepOpen
  /// Close in order (FIN).
  case close
  /// Close with a reset (RST).
  case reset
  /// Send nothing more and leave the connection open until the peer closes it.
  case stall
}
