// SPDX-License-Identifier: MIT

public import Bytes

/// How a provider wants to be shown its key.
public enum CredentialForm: UInt8, Sendable {
  /// Nothing is sent (Ollama, vLLM without a key).
  case none
  /// `Authorization: Bearer KEY`
  case bearer
  /// `api-key: KEY` (Azure OpenAI)
  case apiKey
  /// `x-api-key: KEY`
  case xAPIKey
  /// `x-goog-api-key: KEY` (Gemini)
  case xGoogAPIKey
}

/// How a provider's paths are made.
public enum PathStyle: UInt8, Sendable {
  /// Base path and operation, the model in the body.
  case openAI
  /// `BASE/openai/deployments/MODEL/chat/completions` (Azure OpenAI with `api-version`).
  case azureDeployments
}

/// Where requests of one deployment go. Views into text that the owner keeps alive as long as the
/// endpoint is in use (the catalog snapshot).
@frozen
public struct UpstreamEndpoint: Sendable {
  /// The value of the Host field: host, and port unless it is the scheme's own.
  public var authority: ByteView
  /// Such as `/v1`; empty or starting with a slash, without one at the end.
  public var basePath: ByteView
  /// After the `?`, such as `api-version=2024-10-21`; empty for none.
  public var query: ByteView
  public var credential: ByteView
  public var credentialForm: CredentialForm
  public var pathStyle: PathStyle
  /// The model's name at this provider; goes into the path where the style says so.
  public var model: ByteView

  @inlinable
  public init(
    authority: ByteView, basePath: ByteView, query: ByteView = .empty,
    credential: ByteView = .empty, credentialForm: CredentialForm = .bearer,
    pathStyle: PathStyle = .openAI, model: ByteView = .empty
  ) {
    self.authority = authority
    self.basePath = basePath
    self.query = query
    self.credential = credential
    self.credentialForm = credentialForm
    self.pathStyle = pathStyle
    self.model = model
  }
}
