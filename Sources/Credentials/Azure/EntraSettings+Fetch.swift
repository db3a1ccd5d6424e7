// SPDX-License-Identifier: MIT

internal import Clocks
public import ModelCatalog

extension EntraSettings {
  /// A client secret, else a workload identity, else a managed identity; what is not given comes
  /// from the variables that Azure's libraries read.
  public func fetch(_ surroundings: Surroundings) -> FetchChain {
    FetchChain(
      [
        EntraTokenFetch(self, surroundings, usesSecret: true),
        EntraTokenFetch(self, surroundings, usesSecret: false),
        EntraManagedIdentityFetch(self, surroundings),
      ], nothingFound: "no Microsoft Entra credentials were found")
  }
}

/// Entra's token endpoint: client credentials with a secret, or with a federated token (RFC 7523).
struct EntraTokenFetch: CredentialFetch {
  private enum State {
    /// → `readsToken`, `asks`
    case begin
    /// → `asks`
    case readsToken
    case asks
  }

  private var state = State.begin
  private let usesSecret: Bool
  private let tenant: String?
  private let client: String?
  private let secret: Secret?
  private let tokenFile: String?
  private let scope: String
  private let authority: String

  static let server = "Microsoft Entra"
  static let assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

  init(_ settings: EntraSettings, _ surroundings: Surroundings, usesSecret: Bool) {
    self.usesSecret = usesSecret
    tenant = settings.tenantID ?? surroundings["AZURE_TENANT_ID"]
    client = settings.clientID ?? surroundings["AZURE_CLIENT_ID"]
    // A file that the configuration names is meant, whatever the environment holds.
    let inherited =
      settings.federatedTokenFile == nil ? surroundings["AZURE_CLIENT_SECRET"] : nil
    secret = settings.clientSecret ?? inherited.map { Secret($0) }
    tokenFile = settings.federatedTokenFile ?? surroundings["AZURE_FEDERATED_TOKEN_FILE"]
    scope = settings.scope
    authority =
      (settings.authorityURL ?? surroundings["AZURE_AUTHORITY_HOST"]
      ?? "https://login.microsoftonline.com").withoutEndSlash
  }

  mutating func next(_ event: FetchEvent, now: Timestamp) -> FetchStep {
    switch (state, event) {
    case (.begin, .begin): return begin()
    case (.readsToken, .contents(let bytes)):
      state = .asks
      let token = String(contents: bytes)?.withoutOuterSpace ?? ""
      return .send(
        request([("client_assertion_type", Self.assertionType), ("client_assertion", token)]))
    case (.readsToken, .unreadable(let reason)):
      return .failed(
        FetchFailure("the federated token `\(tokenFile ?? "")` cannot be read: \(reason)"))
    case (.asks, .answered(let status, let body)):
      return TokenAnswer.token(
        status: status, body: body, server: Self.server,
        origin: usesSecret ? "the client's secret" : "the workload identity", now: now)
    case (.asks, .unreachable(let reason)):
      return .failed(FetchFailure("\(Self.server) cannot be reached: \(reason)"))
    default: return .failed(.outOfTurn)
    }
  }

  private mutating func begin() -> FetchStep {
    guard tenant != nil, client != nil else {
      return .absent("AZURE_TENANT_ID and AZURE_CLIENT_ID are not both set")
    }
    if usesSecret {
      guard let secret else { return .absent("AZURE_CLIENT_SECRET is not set") }
      state = .asks
      return .send(request([("client_secret", secret.text)]))
    }
    guard let tokenFile else { return .absent("AZURE_FEDERATED_TOKEN_FILE is not set") }
    state = .readsToken
    return .read(path: tokenFile)
  }

  private func request(_ proof: [(name: String, value: String)]) -> TokenRequest {
    let tenant = TextCoding.percentEncoded(tenant ?? "")
    return .form(
      "\(authority)/\(tenant)/oauth2/v2.0/token",
      [("grant_type", "client_credentials"), ("client_id", client ?? ""), ("scope", scope)]
        + proof)
  }
}

/// The identity of a machine, or of an App Service: tokens without a secret.
struct EntraManagedIdentityFetch: CredentialFetch {
  private let request: TokenRequest

  static let server = "Azure's managed identity endpoint"

  init(_ settings: EntraSettings, _ surroundings: Surroundings) {
    let suffix = "/.default"
    let scope = settings.scope
    let resource = scope.hasSuffix(suffix) ? String(scope.dropLast(suffix.count)) : scope
    let client = settings.clientID ?? surroundings["AZURE_CLIENT_ID"]
    var query = [(name: "resource", value: resource)]
    if let client { query.append(("client_id", client)) }
    // An address in the configuration is meant, whatever the environment holds.
    if settings.metadataURL == nil, let endpoint = surroundings["IDENTITY_ENDPOINT"],
      let header = surroundings["IDENTITY_HEADER"]
    {
      request = TokenRequest(
        "GET", "\(endpoint)?api-version=2019-08-01&\(TextCoding.form(query))",
        headers: [("x-identity-header", header)], isLocal: true)
      return
    }
    let base = settings.metadataURL?.withoutEndSlash ?? "http://169.254.169.254"
    request = TokenRequest(
      "GET",
      "\(base)/metadata/identity/oauth2/token?api-version=2018-02-01&\(TextCoding.form(query))",
      headers: [("metadata", "true")], isLocal: true)
  }

  mutating func next(_ event: FetchEvent, now: Timestamp) -> FetchStep {
    switch event {
    case .begin: return .send(request)
    case .answered(let status, let body):
      return TokenAnswer.token(
        status: status, body: body, server: Self.server, origin: "the managed identity", now: now)
    case .unreachable(let reason):
      return .absent("\(Self.server) cannot be reached: \(reason)")
    case .contents, .unreadable: return .failed(.outOfTurn)
    }
  }
}
