// SPDX-License-Identifier: MIT

public import Bytes

/// The form of a request target (RFC 9112 section 3.2).
public enum TargetForm: UInt8, Sendable {
  /// `/path?query`
  case origin
  /// `http://host/path?query`
  case absolute
  /// `host:port`, with CONNECT only
  case authority
  /// `*`, with OPTIONS only
  case asterisk
}

/// A request head that passed every check. All ranges are relative to the first byte given to the
/// parser (empty lines before the request line included).
@frozen
public struct RequestHead: Sendable {
  public var method: HTTPMethod
  public var targetForm: TargetForm
  /// 0 or 1: HTTP/1.0 or HTTP/1.1.
  public var minorVersion: UInt8
  /// Whether the client lets the connection serve another request.
  public var keepAlive: Bool
  /// Whether the client waits for `100 Continue` before it sends the body.
  public var expectContinue: Bool
  /// Whether the Connection field names anything besides `close` and `keep-alive`: then those
  /// fields are hop-by-hop too (`ConnectionOptions`).
  public var namesConnectionOptions: Bool
  public var framing: BodyFraming
  public var methodRange: ByteRange
  public var target: ByteRange
  /// Without the query; starts with `/`, except for `authority` (empty) and `asterisk` (`*`).
  /// An absolute form without a path has an empty range here, which means `/`.
  public var path: ByteRange
  /// After the `?`, empty if there is none.
  public var query: ByteRange
  /// Host and port: of the target in absolute or authority form, else the value of Host.
  public var authority: ByteRange
  public var fieldCount: UInt16
  /// Bytes from the first one given to the parser to the end of the empty line.
  public var length: UInt32

  public init() {
    method = .other
    targetForm = .origin
    minorVersion = 1
    keepAlive = true
    expectContinue = false
    namesConnectionOptions = false
    framing = .none
    methodRange = .empty
    target = .empty
    path = .empty
    query = .empty
    authority = .empty
    fieldCount = 0
    length = 0
  }
}

/// What came of the bytes so far.
@frozen
public enum RequestHeadResult: Sendable {
  /// No error yet, but the empty line has not arrived: call again with more bytes.
  case needMore
  case complete(RequestHead)
  /// The caller answers `error.status` and closes.
  case failure(WireError)
}
