// SPDX-License-Identifier: MIT

/// Why a field section makes a malformed message (RFC 9113 section 8.1.1): the stream is reset
/// with PROTOCOL_ERROR, and nothing of it reaches the request path.
public enum HTTP2FieldError: UInt8, Error, Equatable, Sendable {
  /// Empty, or with a byte that is no lower-case tchar.
  case nameInvalid
  /// NUL, CR, LF, another control character, or white space at either end.
  case valueInvalid
  /// A field that speaks of the connection (section 8.2.2): `connection`, `transfer-encoding`, …
  case connectionSpecific
  /// A pseudo-header field that is unknown, repeated, or behind an ordinary field.
  case pseudoInvalid
  /// `:method`, `:scheme` or `:path` is not there; `:status` in an answer.
  case pseudoMissing
  case methodInvalid
  case schemeInvalid
  case pathInvalid
  case authorityInvalid
  /// `:authority` and `host` name different servers.
  case hostMismatch
  case contentLengthInvalid
  /// A length was announced, and there is no body, or another length.
  case contentLengthMismatch
  case statusInvalid
  /// The text does not fit the memory given.
  case tooLarge
}
