// SPDX-License-Identifier: MIT

import Configuration
import ModelCatalog
import Testing

@Suite("Gateways' credentials")
struct AuthenticationTests {
  /// The gateway that `lines` describe, with a model to serve.
  func gateway(
    _ lines: String, _ environment: [String: String] = [:]
  ) -> (gateway: GatewayDescription?, errors: [String]) {
    let text = "models: [{name: m, provider: p}]\ngateways:\n  - {name: g, \(lines)}\n"
    let loaded = load(text, environment)
    return (loaded.configuration?.catalog.gateways.first, loaded.errors.map(\.description))
  }

  static let bedrock =
    "type: bedrock, base_url: 'https://bedrock-runtime.eu-west-1.amazonaws.com/x'"
  static let vertex = "type: vertex, base_url: 'https://aiplatform.googleapis.com/v1/x'"
  static let azure = "type: azure, base_url: 'https://r.openai.azure.com/openai/v1'"

  @Test("a key is a key, whatever the type")
  func keys() throws {
    for type in [Self.bedrock, Self.vertex, Self.azure] {
      let found = try #require(gateway("\(type), api_key: sk-1").gateway)
      #expect(found.credentialSource == nil)
      #expect(found.authentication == (type == Self.azure ? .apiKey : .bearer))
    }
  }

  @Test("clouds without a key use their own credentials")
  func defaults() throws {
    #expect(
      gateway(Self.bedrock).gateway?.credentialSource == .aws(AWSSettings(region: "eu-west-1")))
    #expect(gateway(Self.vertex).gateway?.credentialSource == .google(GoogleSettings()))
    #expect(gateway("\(Self.vertex), api_key: '${NONE:-}'").gateway?.credentialSource != nil)
    let errors = gateway(Self.azure).errors
    #expect(errors.first?.contains("help: give `api_key`, `auth: entra`, or `auth: none`") == true)
    #expect(
      gateway("\(Self.azure), auth: entra").gateway?.credentialSource == .entra(EntraSettings()))
  }

  @Test("the region is that of auth, the gateway, the environment or the address")
  func regions() {
    func region(_ lines: String, _ environment: [String: String] = [:]) -> String? {
      guard case .aws(let settings)? = gateway(lines, environment).gateway?.credentialSource
      else { return nil }
      return settings.region
    }
    let environment = ["AWS_DEFAULT_REGION": "ap-south-1"]
    #expect(region("\(Self.bedrock), auth: {type: aws, region: us-east-1}") == "us-east-1")
    #expect(region("\(Self.bedrock), region: us-east-2", environment) == "us-east-2")
    #expect(region(Self.bedrock, environment) == "ap-south-1")
    #expect(region(Self.bedrock) == "eu-west-1")
    let errors = gateway("type: bedrock, base_url: 'http://127.0.0.1:1/x'").errors
    #expect(errors.first?.contains("`region` is missing") == true)
  }

  @Test("settings are read")
  func settings() throws {
    let aws = gateway(
      "\(Self.bedrock), auth: {type: aws, access_key_id: A, secret_access_key: s, "
        + "session_token: t, sts_url: 'http://127.0.0.1:1', metadata_url: 'http://127.0.0.1:2'}")
    guard case .aws(let settings)? = aws.gateway?.credentialSource else {
      Issue.record("\(aws.errors)")
      return
    }
    #expect(settings.accessKeyID == "A")
    #expect(settings.secretAccessKey == Secret("s") && settings.sessionToken == Secret("t"))
    #expect(settings.stsURL == "http://127.0.0.1:1" && settings.metadataURL == "http://127.0.0.1:2")
    let google = gateway("\(Self.vertex), auth: {type: gcp, credentials_file: /k.json, scope: s}")
    guard case .google(let found)? = google.gateway?.credentialSource else {
      Issue.record("\(google.errors)")
      return
    }
    #expect(found.credentialsFile == "/k.json" && found.scope == "s")
    let file = gateway("\(Self.azure), auth: {type: api_key, file: /run/secrets/azure}").gateway
    #expect(file?.credentialSource == .keyFile(path: "/run/secrets/azure"))
    #expect(file?.authentication == .apiKey)
    let bearer = gateway("\(Self.azure), auth: {type: bearer, file: /token}").gateway
    #expect(bearer?.authentication == .bearer)
    #expect(
      gateway("\(Self.azure), auth: none").gateway?.authentication == AuthenticationStyle.none)
  }

  @Test(
    "mistakes are told",
    arguments: [
      ("auth: amazon", "`auth` is none of `api_key`"),
      ("auth: {type: gpc}", "did you mean `gcp`?"),
      ("auth: {profile: x}", "`type` is missing in `auth`"),
      ("auth: [aws]", "`auth` must be a name or a mapping, found a list"),
      ("auth: {type: aws, tenant_id: x}", "unknown key `tenant_id` in `auth`"),
      ("auth: {type: aws, profil: x}", "did you mean `profile`?"),
      ("auth: aws, api_key: sk-1", "`api_key` and `auth` of type `aws` exclude each other"),
      ("auth: gcp, authentication: api-key", "`authentication` and `auth` of type `gcp` exclude"),
      ("auth: {type: api_key, file: /k}, api_key: x", "`api_key` and `auth` of type `api_key`"),
      ("auth: {type: aws, access_key_id: A}", "`access_key_id` needs `secret_access_key`"),
      ("auth: {type: aws, secret_access_key: A}", "`secret_access_key` needs `access_key_id`"),
      (
        "auth: {type: aws, profile: p, access_key_id: A, secret_access_key: s}",
        "`profile` and `access_key_id` exclude each other"
      ),
      ("auth: {type: gcp, token_url: nowhere}", "the URL `nowhere` must begin with"),
      (
        "auth: {type: entra, client_secret: s, federated_token_file: /f}",
        "`client_secret` and `federated_token_file` exclude each other"
      ),
      ("auth: {type: entra, client_id: '${NOT_SET}'}", "variable `NOT_SET` is not set"),
    ])
  func mistakes(_ lines: String, _ message: String) {
    let errors = gateway("\(Self.bedrock), \(lines)").errors
    #expect(errors.count == 1, "\(errors)")
    #expect(errors.first?.contains(message) == true, "\(errors)")
    #expect(errors.first?.hasPrefix("main.yaml:3:") == true, "\(errors)")
  }

  @Test("an optional gateway whose credential has no variable is skipped")
  func optional() {
    let lines = "\(Self.azure), auth: {type: entra, client_secret: '${NOT_SET}'}, optional: true"
    let found = gateway(lines)
    #expect(found.errors.isEmpty && found.gateway?.name == "scripted", "\(found)")
  }

  @Test("secrets do not stand in messages")
  func secrets() {
    for name in ["client_secret", "secret_access_key", "session_token", "access_key_id"] {
      let errors = gateway("\(Self.bedrock), auth: {type: gcp, \(name): hush-hush}").errors
      #expect(!errors.isEmpty)
      #expect(errors.allSatisfy { !$0.contains("hush") && $0.contains("*****") }, "\(errors)")
    }
  }
}
