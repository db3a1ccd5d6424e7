// SPDX-License-Identifier: MIT

/// A request, its body read to the end and within the server's limits.
public struct HTTPRequest: Sendable {
  /// As sent; methods are case-sensitive.
  public var method: String
  /// Path and query as sent.
  public var target: String
  /// Starts with `/` (or is `*`); percent-escapes are left as sent.
  public var path: String
  /// After the `?`, without it; empty if there is none.
  public var query: String
  public var fields: HTTPFields
  public var body: [UInt8]
  /// 0 or 1: HTTP/1.0 or HTTP/1.1.
  public var minorVersion: UInt8
  /// The numeric address of the other end; empty if it is gone.
  public var clientHost: String
  /// The other end is this machine.
  public var isFromLoopback: Bool
  /// The connection will be kept for another request, if the response allows it.
  public var keepsAlive: Bool
  /// Set by the router: what the `{…}` of the route's path stand for.
  public var parameters: [String: String] = [:]
  /// Set by the router: the client's `x-request-id` if it is sane, else a fresh one.
  public var identifier = ""

  public init(
    method: String, target: String, fields: HTTPFields = HTTPFields(), body: [UInt8] = []
  ) {
    self.method = method
    self.target = target
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = parts.first.map(String.init) ?? ""
    query = parts.count > 1 ? String(parts[1]) : ""
    self.fields = fields
    self.body = body
    minorVersion = 1
    clientHost = ""
    isFromLoopback = false
    keepsAlive = true
  }

  /// The value of the first query parameter called `name`, decoded; nil if there is none or if its
  /// escapes are malformed.
  public func queryValue(_ name: String) -> String? {
    for pair in query.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard PercentEncoding.decode(parts[0], plusIsSpace: true) == name else { continue }
      return parts.count > 1 ? PercentEncoding.decode(parts[1], plusIsSpace: true) : ""
    }
    return nil
  }
}

/// Percent-encoding (RFC 3986 §2.1).
enum PercentEncoding {
  /// Nil if an escape is malformed or the result is no UTF-8.
  static func decode(_ text: Substring, plusIsSpace: Bool = false) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit)
        else { return nil }
        bytes.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsSpace: bytes.append(0x20)
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }
}
