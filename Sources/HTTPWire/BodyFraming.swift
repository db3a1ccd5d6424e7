// SPDX-License-Identifier: MIT

/// How the length of a message body is told (RFC 9112 section 6.3).
@frozen
public enum BodyFraming: Equatable, Sendable {
  /// There is no body.
  case none
  /// So many bytes follow the head; may be 0.
  case length(UInt64)
  /// The chunked transfer coding; see `ChunkedDecoder`.
  case chunked
  /// The body ends when the connection does. Responses only.
  case untilClose
}
