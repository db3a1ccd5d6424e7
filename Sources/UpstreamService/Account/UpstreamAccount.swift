// SPDX-License-Identifier: MIT

public import Credentials
public import ModelCatalog

/// One way into an upstream: a gateway with one of its keys.
public struct UpstreamAccount: Sendable {
  public var gateway: String
  /// The gateway's name, with `#2` and so on behind it for its further keys.
  public var label: String
  public var wireProtocol: WireProtocol
  public var baseURL: BaseURL
  public var style: AuthenticationStyle
  /// Empty where there is none, or where it is fetched.
  public var apiKey: Secret
  /// Where a credential that is fetched is published.
  public var credential: CredentialSlot?
  /// Where requests may have to be signed: the region to sign for.
  public var signingRegion: String?
  /// Azure's, where paths name the deployment; nil elsewhere.
  public var apiVersion: String?

  public init(
    gateway: String, label: String? = nil, wireProtocol: WireProtocol, baseURL: BaseURL,
    style: AuthenticationStyle, apiKey: Secret = Secret(""), credential: CredentialSlot? = nil,
    signingRegion: String? = nil
  ) {
    self.gateway = gateway
    self.label = label ?? gateway
    self.wireProtocol = wireProtocol
    self.baseURL = baseURL
    self.style = style
    self.apiKey = apiKey
    self.credential = credential
    self.signingRegion = signingRegion
  }
}

extension UpstreamAccount {
  /// Its credential is being fetched for the first time.
  var isWaitingForCredential: Bool {
    guard case .pending? = credential?.standing else { return false }
    return true
  }

  /// A path below the base URL that the configuration names; none of Azure's older ones is without
  /// a version.
  func target(ofProbe path: String) -> String {
    let target = baseURL.pathPrefix + path
    guard let apiVersion, !path.contains("api-version=") else { return target }
    return target + (path.contains("?") ? "&" : "?") + "api-version=\(apiVersion)"
  }
}

/// A request to an account's upstream.
public struct UpstreamRequest: Sendable {
  public var method = "GET"
  /// Instead of the base URL's.
  public var host: String?
  /// Path and query, from the origin on.
  public var target: String
  public var headers: [(name: String, value: String)] = []
  public var body: [UInt8] = []
  public var timeoutMilliseconds = 30_000
  public var answerBytesMaximum = 16 << 20

  public init(_ method: String = "GET", target: String) {
    self.method = method
    self.target = target
  }
}

/// What an upstream answered.
public struct UpstreamAnswer: Sendable {
  public var status: Int
  public var body: [UInt8]
  /// By `retry-after`, where it is a number of seconds.
  public var retryAfterMilliseconds: Int64?

  public init(status: Int, body: [UInt8], retryAfterMilliseconds: Int64? = nil) {
    self.status = status
    self.body = body
    self.retryAfterMilliseconds = retryAfterMilliseconds
  }
}

/// Why there is no answer.
public struct UpstreamProblem: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Kind: Sendable {
    /// Nothing was asked: the gateway has no credential, or is ending.
    case notAsked
    case unreachable
    case timedOut
  }

  public let kind: Kind
  /// In words, lower case.
  public let description: String

  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
