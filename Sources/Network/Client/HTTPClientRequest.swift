// SPDX-License-Identifier: MIT

/// A request for `HTTPClient`: control-plane traffic (webhooks, probes, exports), where libcurl's
/// breadth counts more than its cost.
public struct HTTPClientRequest: Sendable {
  public enum Proxy: Sendable, Equatable {
    /// `https_proxy` and its like decide.
    case environment
    case none
    /// `http://host:port`, `https://…`, `socks5h://…`
    case url(String)
  }

  public enum Version: Sendable {
    /// HTTP/2 if TLS agrees on it, else HTTP/1.1.
    case automatic
    case http11
    /// HTTP/2 without asking, also in plain text.
    case http2
  }

  public var method: String
  /// `http` or `https`; nothing else is spoken.
  public var url: String
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]
  public var version = Version.automatic
  public var proxy = Proxy.environment
  public var trust = TLSTrust.system
  /// How many redirects are followed; 0 hands the redirect itself back.
  public var redirectsMaximum = 0
  public var connectTimeoutMilliseconds = 10_000
  /// For the whole exchange; 0 for none (streams).
  public var totalTimeoutMilliseconds = 30_000
  /// An answer that stands still for this long has failed; 0 for never. Whole seconds.
  public var stallTimeoutMilliseconds = 30_000
  /// The largest body `send` gathers.
  public var bodyBytesMaximum = 16 << 20

  public init(
    _ method: String = "GET", _ url: String, headers: [(name: String, value: String)] = [],
    body: [UInt8] = []
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
  }
}

/// The head of a response.
public struct HTTPClientHead: Sendable {
  public var status = 0
  /// 10, 11, 20.
  public var version = 0
  /// Names as received (lower case in HTTP/2).
  public var headers: [(name: String, value: String)] = []

  public init() {}

  /// The first value under `name`, in any case.
  public func header(_ name: String) -> String? {
    let wanted = name.lowercased()
    return headers.first { $0.name.lowercased() == wanted }?.value
  }
}

public struct HTTPClientResponse: Sendable {
  public var head: HTTPClientHead
  public var body: [UInt8]
  public var status: Int { head.status }
}
