// SPDX-License-Identifier: MIT

internal import ModelCatalog

/// How a gateway shows itself to its provider: `auth`, or what its type does without.
struct GatewayAuthentication {
  enum Kind: String, CaseIterable {
    /// The gateway's key, in the way of its type.
    case apiKey = "api_key"
    /// The gateway's key as `Authorization: Bearer`.
    case bearer
    case aws
    case gcp
    case entra
    /// No credential at all.
    case none
  }

  var style: AuthenticationStyle
  /// Nil where the credential is a key of the configuration, or none.
  var source: CredentialSource?
}

extension GatewaysDocument {
  /// Reads `auth`: a name, or a mapping with `type` and what belongs to it. Without it a gateway of
  /// type `bedrock` or `vertex` that has no key uses its cloud's credentials.
  func readAuthentication(_ section: Section, type: GatewayType) -> GatewayAuthentication {
    let style = readStyle(section, type)
    guard let field = section["auth"] else {
      guard section["authentication"] == nil, !hasKeys(section),
        let kind = type.keylessAuthentication
      else { return GatewayAuthentication(style: style) }
      return read(kind, section, nil, style)
    }
    if field.isText {
      guard let kind = readKind(field) else { return GatewayAuthentication(style: style) }
      return read(kind, section, nil, style)
    }
    // The kind first: it says which keys are known.
    guard let kind = field.member("type", of: "auth").flatMap(readKind),
      let auth = Section(field, keys: ["type"] + Self.keys(of: kind))
    else { return GatewayAuthentication(style: style) }
    return read(kind, section, auth, style)
  }

  private func readKind(_ field: Field) -> GatewayAuthentication.Kind? {
    field.choice(GatewayAuthentication.Kind.allCases.map(\.rawValue))
      .flatMap { GatewayAuthentication.Kind(rawValue: $0) }
  }

  private func readStyle(_ section: Section, _ type: GatewayType) -> AuthenticationStyle {
    guard let field = section["authentication"],
      let style = field.choice(AuthenticationStyle.allCases.map(\.name))
    else { return type.authentication }
    return AuthenticationStyle(name: style) ?? type.authentication
  }

  private static func keys(of kind: GatewayAuthentication.Kind) -> [String] {
    switch kind {
    case .apiKey, .bearer: ["file"]
    case .aws:
      [
        "region", "profile", "access_key_id", "secret_access_key", "session_token", "sts_url",
        "metadata_url",
      ]
    case .gcp:
      [
        "credentials_file", "scope", "audience", "token_url", "metadata_url", "service_account",
      ]
    case .entra:
      [
        "tenant_id", "client_id", "client_secret", "federated_token_file", "scope",
        "authority_url", "metadata_url",
      ]
    case .none: []
    }
  }

  /// Whether the gateway has keys that are not empty. One whose variable is missing counts: that is
  /// reported elsewhere.
  private func hasKeys(_ section: Section) -> Bool {
    if section["api_keys"] != nil { return true }
    guard let field = section["api_key"], field.isText else { return false }
    guard let expansion = field.expansion() else { return true }
    return !expansion.text.isEmpty || !expansion.missing.isEmpty
  }

  private func read(
    _ kind: GatewayAuthentication.Kind, _ section: Section, _ auth: Section?,
    _ style: AuthenticationStyle
  ) -> GatewayAuthentication {
    switch kind {
    case .none:
      refuseKeys(section, kind)
      return GatewayAuthentication(style: .none)
    case .apiKey, .bearer:
      let style = kind == .bearer ? .bearer : style
      guard let file = auth?["file"] else { return GatewayAuthentication(style: style) }
      refuseKeys(section, kind)
      let path = file.text().map { file.file.resolve($0) } ?? ""
      return GatewayAuthentication(style: style, source: .keyFile(path: path))
    case .aws: return GatewayAuthentication(style: .bearer, source: readAWS(section, auth))
    case .gcp: return GatewayAuthentication(style: .bearer, source: readGoogle(section, auth))
    case .entra: return GatewayAuthentication(style: .bearer, source: readEntra(section, auth))
    }
  }

  /// A key beside another way would never be used.
  private func refuseKeys(_ section: Section, _ kind: GatewayAuthentication.Kind) {
    for name in ["api_key", "api_keys", "authentication"] {
      guard let field = section[name], name == "authentication" || hasKeys(section) else {
        continue
      }
      if name == "authentication", kind == .apiKey { continue }
      field.report(
        "`\(name)` and `auth` of type `\(kind.rawValue)` exclude each other",
        help: "remove one of them")
    }
  }

  // MARK: Clouds

  private func readAWS(_ section: Section, _ auth: Section?) -> CredentialSource {
    refuseKeys(section, .aws)
    var settings = AWSSettings(region: readRegion(section, auth))
    settings.profile = auth?["profile"]?.text()
    settings.accessKeyID = auth?["access_key_id"]?.text()
    settings.secretAccessKey = Secret(auth?["secret_access_key"]?.text() ?? "")
    settings.sessionToken = Secret(optionalText(auth?["session_token"]) ?? "")
    settings.stsURL = readURL(auth?["sts_url"])
    settings.metadataURL = readURL(auth?["metadata_url"])
    if let field = auth?["access_key_id"], auth?["secret_access_key"] == nil {
      field.report("`access_key_id` needs `secret_access_key` beside it")
    }
    if let field = auth?["secret_access_key"], auth?["access_key_id"] == nil {
      field.report("`secret_access_key` needs `access_key_id` beside it")
    }
    if let field = auth?["profile"], auth?["access_key_id"] != nil {
      field.report("`profile` and `access_key_id` exclude each other")
    }
    return .aws(settings)
  }

  /// The region of the signature: where it is given, else of the environment, else of the address.
  private func readRegion(_ section: Section, _ auth: Section?) -> String {
    if let field = auth?["region"] ?? section["region"] { return field.text() ?? "" }
    let environment = section.field.reading.environment
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
      if let region = environment[name], !region.isEmpty { return region }
    }
    let host = section["base_url"]?.expansion()?.text.split(separator: "/").dropFirst().first ?? ""
    let labels = host.split(separator: ".")
    if labels.count > 3, labels[0].hasPrefix("bedrock"), labels[2] == "amazonaws" {
      return String(labels[1])
    }
    section.field.report(
      "`region` is missing: requests to AWS are signed for one",
      help: "give `region`, set AWS_REGION, or give `api_key`")
    return ""
  }

  private func readGoogle(_ section: Section, _ auth: Section?) -> CredentialSource {
    refuseKeys(section, .gcp)
    var settings = GoogleSettings()
    settings.credentialsFile = readPath(auth?["credentials_file"])
    if let scope = auth?["scope"]?.text() { settings.scope = scope }
    if let audience = auth?["audience"]?.text() { settings.audience = audience }
    if let account = auth?["service_account"]?.text() { settings.account = account }
    settings.tokenURL = readURL(auth?["token_url"])
    settings.metadataURL = readURL(auth?["metadata_url"])
    return .google(settings)
  }

  private func readEntra(_ section: Section, _ auth: Section?) -> CredentialSource {
    refuseKeys(section, .entra)
    var settings = EntraSettings()
    settings.tenantID = auth?["tenant_id"]?.text()
    settings.clientID = auth?["client_id"]?.text()
    settings.clientSecret = auth?["client_secret"]?.text().map { Secret($0) }
    settings.federatedTokenFile = readPath(auth?["federated_token_file"])
    if let scope = auth?["scope"]?.text() { settings.scope = scope }
    settings.authorityURL = readURL(auth?["authority_url"])
    settings.metadataURL = readURL(auth?["metadata_url"])
    if let field = auth?["client_secret"], auth?["federated_token_file"] != nil {
      field.report("`client_secret` and `federated_token_file` exclude each other")
    }
    return .entra(settings)
  }

  /// A default may be empty: `${AWS_SESSION_TOKEN:-}` is none.
  private func optionalText(_ field: Field?) -> String? {
    guard let field, !field.isNull else { return nil }
    return field.text()
  }

  private func readPath(_ field: Field?) -> String? {
    field.flatMap { field in field.text().map { field.file.resolve($0) } }
  }

  /// An address that is used as it is written.
  private func readURL(_ field: Field?) -> String? {
    guard let field, let text = field.text() else { return nil }
    if case .failure(let error) = BaseURL.parse(text) {
      field.report("the URL `\(field.written())` \(error.message)")
    }
    return text
  }
}
