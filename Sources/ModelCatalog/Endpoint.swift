// SPDX-License-Identifier: MIT

public import Bytes

/// How a provider wants its credential.
@frozen
public enum AuthenticationStyle: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// `Authorization: Bearer KEY`
  case bearer
  /// `x-api-key: KEY` (Anthropic)
  case xAPIKey
  /// `api-key: KEY` (Azure OpenAI)
  case apiKey
  /// `x-goog-api-key: KEY` (Gemini)
  case googleAPIKey
  /// No credential is sent.
  case none

  public var name: String {
    switch self {
    case .bearer: "bearer"
    case .xAPIKey: "x-api-key"
    case .apiKey: "api-key"
    case .googleAPIKey: "x-goog-api-key"
    case .none: "none"
    }
  }

  public init?(name: String) {
    guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }
}

/// The API of a gateway's upstream. Only deployments whose API the data plane speaks for what a
/// request wants are candidates for it.
@frozen
public enum WireProtocol: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// Any server with OpenAI's API.
  case openAICompatible
  case openAI
  case azure
  case vLLM
  case deepSeek
  case xAI
  case anthropic
  case gemini
  case vertex
  case bedrock
  /// Ollama's own API, `/api/chat`.
  case ollama
  /// OpenAI's Responses API, for every request.
  case openAIResponses

  /// A server with OpenAI's API, or nearly: requests of OpenAI's clients go there as they are, but
  /// for chats where `passesChats` says otherwise.
  @inlinable @inline(__always)
  public var isOpenAI: Bool { rawValue <= WireProtocol.xAI.rawValue }

  /// Chats of OpenAI's clients go there as they are. DeepSeek and xAI refuse some of what such
  /// clients ask for, and answer in ways that those do not expect.
  @inlinable @inline(__always)
  public var passesChats: Bool { rawValue <= WireProtocol.vLLM.rawValue }

  /// What the data plane can ask of such an upstream: chats, completions, embeddings and media.
  @inlinable public var spoken: Capabilities {
    switch self {
    // Completions are asked for as chats.
    case .anthropic, .bedrock, .openAIResponses: [.chat, .completion]
    case .gemini, .vertex, .ollama: [.chat, .completion, .embeddings]
    default: Capabilities([.chat, .completion, .embeddings]).union(.media)
    }
  }

  public var name: String {
    switch self {
    case .openAICompatible: "openai-compatible"
    case .openAI: "openai"
    case .azure: "azure"
    case .deepSeek: "deepseek"
    case .xAI: "xai"
    case .vLLM: "vllm"
    case .anthropic: "anthropic"
    case .gemini: "gemini"
    case .vertex: "vertex"
    case .bedrock: "bedrock"
    case .ollama: "ollama"
    case .openAIResponses: "openai-responses"
    }
  }

  public init?(name: String) {
    guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }
}

/// Whether an upstream is spoken to in HTTP/2.
@frozen
public enum HTTP2Use: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// HTTP/1.1.
  case off
  /// Where TLS agrees on it (ALPN); else HTTP/1.1.
  case auto
  /// On connections without TLS, unasked (RFC 9113 section 3.3).
  case priorKnowledge

  public var name: String {
    switch self {
    case .off: "off"
    case .auto: "auto"
    case .priorKnowledge: "prior_knowledge"
    }
  }

  public init?(name: String) {
    guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }
}

/// A base URL taken apart: `https://host:port/prefix`.
public struct BaseURL: Hashable, Sendable {
  public var isTLS: Bool
  /// Without brackets for IPv6 literals.
  public var host: String
  public var port: UInt16
  /// Empty, or begins with `/` and does not end with one.
  public var pathPrefix: String
  public var http2 = HTTP2Use.off

  public init(isTLS: Bool, host: String, port: UInt16, pathPrefix: String) {
    self.isTLS = isTLS
    self.host = host
    self.port = port
    self.pathPrefix = pathPrefix
  }

  /// Parses `text`; the error says in words what is wrong with it.
  public static func parse(_ text: String) -> Result<BaseURL, BaseURLError> {
    let isTLS: Bool
    let rest: Substring
    if text.hasPrefix("https://") {
      (isTLS, rest) = (true, text.dropFirst(8))
    } else if text.hasPrefix("http://") {
      (isTLS, rest) = (false, text.dropFirst(7))
    } else {
      return .failure(BaseURLError("must begin with `http://` or `https://`"))
    }
    if let bad = rest.unicodeScalars.first(where: { $0.value <= 0x20 || $0.value >= 0x7f }) {
      return .failure(BaseURLError("has a character U+\(String(bad.value, radix: 16)) in it"))
    }
    if rest.contains("?") || rest.contains("#") {
      return .failure(BaseURLError("must not have a query or a fragment"))
    }
    let authority = rest.prefix { $0 != "/" }
    if authority.contains("@") {
      return .failure(BaseURLError("must not carry a user name or password"))
    }
    // `${ENDPOINT}/openai/v1` with an endpoint that ends in `/` must not double the slash.
    let segments = rest.dropFirst(authority.count).split(separator: "/")
    let path = segments.map { "/" + $0 }.joined()
    return parseAuthority(authority, defaultPort: isTLS ? 443 : 80).map {
      BaseURL(isTLS: isTLS, host: $0.host, port: $0.port, pathPrefix: path)
    }
  }

  private static func parseAuthority(
    _ authority: Substring, defaultPort: UInt16
  ) -> Result<(host: String, port: UInt16), BaseURLError> {
    let host: Substring
    var portText: Substring?
    if authority.hasPrefix("[") {
      guard let close = authority.firstIndex(of: "]") else {
        return .failure(BaseURLError("has an IPv6 address without its closing bracket"))
      }
      host = authority[authority.index(after: authority.startIndex)..<close]
      let after = authority[authority.index(after: close)...]
      guard after.isEmpty || after.hasPrefix(":") else {
        return .failure(BaseURLError("has text after the IPv6 address"))
      }
      portText = after.isEmpty ? nil : after.dropFirst()
    } else {
      let parts = authority.split(
        separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      host = parts[0]
      portText = parts.count == 2 ? parts[1] : nil
    }
    guard !host.isEmpty else { return .failure(BaseURLError("has no host")) }
    guard let portText else { return .success((String(host), defaultPort)) }
    guard let port = UInt16(portText), port > 0 else {
      return .failure(BaseURLError("has a port that is not a number from 1 to 65535"))
    }
    return .success((String(host), port))
  }
}

/// Why a text is not a base URL; `message` completes the sentence "the URL …".
public struct BaseURLError: Error, Hashable, Sendable {
  public let message: String
  init(_ message: String) { self.message = message }
}

/// Where a deployment is reached. The views live as long as the catalogue.
@frozen
public struct Endpoint: BitwiseCopyable, Sendable {
  public let host: ByteView
  /// Value of the `Host` header: the host, bracketed if IPv6, with the port unless it is the
  /// scheme's own.
  public let hostHeader: ByteView
  /// Empty, or begins with `/` and does not end with one; `/chat/completions` is appended to it.
  public let pathPrefix: ByteView
  public let port: UInt16
  public let isTLS: Bool
  public let http2: HTTP2Use
}
