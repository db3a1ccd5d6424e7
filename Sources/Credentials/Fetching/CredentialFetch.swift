// SPDX-License-Identifier: MIT

public import Clocks
public import ModelCatalog

/// A credential that was had, with the time until which it is good.
public struct IssuedCredential: Sendable {
  public enum Content: Sendable {
    /// A key or token, sent in the gateway's form (`Authorization: Bearer` and the like).
    case token(Secret)
    /// Keys that requests are signed with.
    case aws(AWSKeys)
  }

  public var content: Content
  /// Nil for one that does not expire.
  public var expiresAt: Timestamp?
  /// Where it came from, for the log.
  public var origin: String
  /// The project that pays, where a token does not say it: `x-goog-user-project`.
  public var quotaProject: String?

  public init(_ content: Content, expiresAt: Timestamp? = nil, origin: String) {
    self.content = content
    self.expiresAt = expiresAt
    self.origin = origin
  }
}

/// An HTTP request for a token or a part of one.
public struct TokenRequest: Sendable {
  public var method: String
  public var url: String
  /// Values may be secrets.
  public var headers: [(name: String, value: String)]
  /// May hold secrets.
  public var body: [UInt8]
  /// A service of the machine itself, never behind a proxy and quick to answer.
  public var isLocal: Bool

  public init(
    _ method: String, _ url: String, headers: [(name: String, value: String)] = [],
    body: String = "", isLocal: Bool = false
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = Array(body.utf8)
    self.isLocal = isLocal
  }

  static func form(_ url: String, _ pairs: [(name: String, value: String)]) -> TokenRequest {
    TokenRequest(
      "POST", url, headers: [("content-type", "application/x-www-form-urlencoded")],
      body: TextCoding.form(pairs))
  }
}

/// What came of the step before.
public enum FetchEvent: Sendable {
  /// The first event, and no other.
  case begin
  case answered(status: Int, body: [UInt8])
  /// No answer came; in words without secrets.
  case unreachable(String)
  case contents([UInt8])
  /// In words: no such file, no permission.
  case unreadable(String)
}

/// What a fetch wants next.
public enum FetchStep: Sendable {
  case send(TokenRequest)
  case read(path: String)
  case issued(IssuedCredential)
  /// This way of getting one is not configured here; the words say what is missing. A chain goes on
  /// to its next member.
  case absent(String)
  case failed(FetchFailure)
}

/// One way to get a credential, as a state machine without I/O: events in, steps out. A fetch is
/// used once; `issued`, `absent` and `failed` are its last step.
public protocol CredentialFetch: Sendable {
  mutating func next(_ event: FetchEvent, now: Timestamp) -> FetchStep
}
