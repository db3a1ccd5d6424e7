// SPDX-License-Identifier: MIT

public import Bytes

/// A response head of an upstream that passed every check. Ranges are relative to the first byte
/// given to the parser.
@frozen
public struct ResponseHead: Sendable {
  /// 100...999 (RFC 9110 section 15; what is above 599 is to be treated as 5xx).
  public var status: UInt16
  /// 0 or 1: HTTP/1.0 or HTTP/1.1.
  public var minorVersion: UInt8
  /// Whether the connection may serve another request once the body has been read.
  public var keepAlive: Bool
  /// Whether the Connection field names anything besides `close` and `keep-alive`.
  public var namesConnectionOptions: Bool
  public var framing: BodyFraming
  public var reason: ByteRange
  public var fieldCount: UInt16
  /// Bytes to the end of the empty line.
  public var length: UInt32

  /// 1xx: another head follows this one on the same connection (except after 101).
  @inlinable
  public var isInterim: Bool { status < 200 }

  public init() {
    status = 0
    minorVersion = 1
    keepAlive = true
    namesConnectionOptions = false
    framing = .none
    reason = .empty
    fieldCount = 0
    length = 0
  }
}

/// What came of the bytes so far.
@frozen
public enum ResponseHeadResult: Sendable {
  /// No error yet, but the empty line has not arrived: call again with more bytes.
  case needMore
  case complete(ResponseHead)
  /// For the client this is a 502; the upstream connection is closed.
  case failure(WireError)
}
