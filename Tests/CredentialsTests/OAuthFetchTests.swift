// SPDX-License-Identifier: MIT

import Bytes
import Credentials
import ModelCatalog
import Testing

@Suite struct OAuthFetchTests {
  static let token = #"{"access_token":"ya29.abc","expires_in":3599,"token_type":"Bearer"}"#
  static let google = "https://oauth2.googleapis.com/token"

  // MARK: Google

  func fetch(
    _ environment: [String: String], _ change: (inout GoogleSettings) -> Void = { _ in }
  ) -> FetchChain {
    var settings = GoogleSettings()
    change(&settings)
    return settings.fetch(Surroundings(environment: environment))
  }

  func keyFile() -> String {
    let pem = Fixture.text("service-account-key.pem")
    let escaped = pem.replacing("\n", with: "\\n")
    return """
      {"type":"service_account","project_id":"p","private_key_id":"abc123",
      "private_key":"\(escaped)",
      "client_email":"robot@project.iam.gserviceaccount.com","token_uri":"\(Self.google)"}
      """
  }

  @Test func aServiceAccountExchangesItsAssertion() {
    var driver = FetchDriver(
      files: ["/key.json": keyFile()], answers: ["POST \(Self.google)": (200, Self.token)])
    let step = driver.run(fetch(["GOOGLE_APPLICATION_CREDENTIALS": "/key.json"]))
    #expect(step.token == "ya29.abc")
    #expect(step.lifeSeconds == 3_599)
    let assertion = Fixture.text("service-account-assertion.jwt").trimmed
    #expect(
      driver.lastBody
        == "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"
        + "&assertion=\(assertion)")
    #expect(
      driver.header("content-type", of: 0) == "application/x-www-form-urlencoded")
  }

  @Test func aUserOfGcloudRefreshesItsToken() {
    let file = #"""
      {"type":"authorized_user","client_id":"id","client_secret":"se/cret","refresh_token":"1//r",
      "quota_project_id":"payer"}
      """#
    var driver = FetchDriver(
      files: ["/h/.config/gcloud/application_default_credentials.json": file],
      answers: ["POST \(Self.google)": (200, Self.token)])
    let step = driver.run(fetch(["HOME": "/h"]))
    #expect(step.token == "ya29.abc")
    guard case .issued(let issued) = step else { return }
    let published = PublishedCredential(
      issued, fieldStart: "authorization: Bearer ", issuedAt: FetchDriver.now)
    #expect(
      published?.field.string
        == "authorization: Bearer ya29.abc\r\nx-goog-user-project: payer\r\n")
    #expect(
      driver.lastBody
        == "grant_type=refresh_token&client_id=id&client_secret=se%2Fcret&refresh_token=1%2F%2Fr")
  }

  @Test func withoutAFileTheMetadataServerIsAsked() {
    let path =
      "/computeMetadata/v1/instance/service-accounts/default/token"
      + "?scopes=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform"
    var driver = FetchDriver(answers: [
      "GET http://metadata.google.internal\(path)": (200, Self.token),
      "GET http://127.0.0.1:9\(path)": (200, Self.token),
    ])
    #expect(driver.run(fetch([:])).token == "ya29.abc")
    #expect(driver.header("metadata-flavor", of: 0) == "Google")
    #expect(driver.requests[0].isLocal)
    #expect(driver.run(fetch(["GCE_METADATA_HOST": "127.0.0.1:9"])).token == "ya29.abc")
  }

  @Test func filesThatAreNotForUsAreNamed() {
    for (text, words) in [
      (#"{"type":"external_account"}"#, "is of `external_account`"), ("{}", "is of no type"),
      ("nonsense", "is no JSON object"), (#"{"type":"service_account"}"#, "lacks `client_email`"),
      (#"{"type":"authorized_user","client_id":"a"}"#, "lacks `client_id`"),
    ] {
      var driver = FetchDriver(files: ["/key.json": text])
      let summary = driver.run(fetch([:]) { $0.credentialsFile = "/key.json" }).failure?.summary
      #expect(summary?.contains(words) == true, "\(summary ?? "none")")
    }
    var driver = FetchDriver()
    #expect(
      driver.run(fetch([:]) { $0.credentialsFile = "/key.json" }).failure?.summary
        == "the key file `/key.json` cannot be read: no such file or directory")
  }

  /// The code is for the client, the server's prose for the log.
  @Test func aRefusalIsToldByItsCode() throws {
    let body = #"{"error":"invalid_grant","error_description":"Invalid JWT\u000aSignature."}"#
    var driver = FetchDriver(
      files: ["/key.json": keyFile()], answers: ["POST \(Self.google)": (400, body)])
    let step = driver.run(fetch(["GOOGLE_APPLICATION_CREDENTIALS": "/key.json"]))
    let failure = try #require(step.failure)
    #expect(failure.summary == "Google's token server answered 400 (invalid_grant)")
    #expect(failure.detail == "Invalid JWT Signature.")
  }

  @Test(arguments: [
    "{}", #"{"access_token":"a b","expires_in":1}"#, #"{"access_token":"a"}"#,
    #"{"access_token":"a","expires_in":0}"#, #"{"access_token":"","expires_in":10}"#,
    #"{"access_token":"a\r\nx: y","expires_in":10}"#,
  ])
  func aTokenThatCannotBeUsedIsAFailure(_ body: String) {
    var driver = FetchDriver(
      files: ["/key.json": keyFile()], answers: ["POST \(Self.google)": (200, body)])
    let step = driver.run(fetch(["GOOGLE_APPLICATION_CREDENTIALS": "/key.json"]))
    #expect(step.failure?.summary.contains("Google's token server answered with") == true)
  }

  // MARK: Entra

  func entra(
    _ environment: [String: String], _ change: (inout EntraSettings) -> Void = { _ in }
  ) -> FetchChain {
    var settings = EntraSettings()
    change(&settings)
    return settings.fetch(Surroundings(environment: environment))
  }

  @Test func aClientShowsItsSecret() {
    let url = "https://login.microsoftonline.com/ten%2Fant/oauth2/v2.0/token"
    var driver = FetchDriver(answers: ["POST \(url)": (200, Self.token)])
    let step = driver.run(
      entra([:]) {
        ($0.tenantID, $0.clientID, $0.clientSecret) = ("ten/ant", "id", Secret("s~e"))
      })
    #expect(step.token == "ya29.abc")
    #expect(
      driver.lastBody
        == "grant_type=client_credentials&client_id=id"
        + "&scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default&client_secret=s~e")
  }

  @Test func aWorkloadIdentityShowsItsToken() {
    let environment = [
      "AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_FEDERATED_TOKEN_FILE": "/token",
      "AZURE_AUTHORITY_HOST": "https://login.example/",
    ]
    var driver = FetchDriver(
      files: ["/token": "fed.era.ted\n"],
      answers: ["POST https://login.example/t/oauth2/v2.0/token": (200, Self.token)])
    #expect(driver.run(entra(environment)).token == "ya29.abc")
    #expect(
      driver.lastBody.hasSuffix(
        "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
          + "&client_assertion=fed.era.ted"))
  }

  /// The metadata service writes the life time as a text.
  @Test func aMachineAsksItsMetadataService() {
    let url =
      "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01"
      + "&resource=https%3A%2F%2Fcognitiveservices.azure.com"
    let body = #"{"access_token":"msi","expires_in":"86399","expires_on":"1586984735"}"#
    var driver = FetchDriver(answers: [
      "GET \(url)": (200, body), "GET \(url)&client_id=c": (200, body),
      "GET http://localhost:42/msi?api-version=2019-08-01"
        + "&resource=https%3A%2F%2Fcognitiveservices.azure.com": (200, body),
    ])
    let step = driver.run(entra([:]))
    #expect(step.token == "msi")
    #expect(step.lifeSeconds == 86_399)
    #expect(driver.header("metadata", of: 0) == "true")
    #expect(driver.run(entra([:]) { $0.clientID = "c" }).token == "msi")
    let service = [
      "IDENTITY_ENDPOINT": "http://localhost:42/msi", "IDENTITY_HEADER": "of the service",
    ]
    #expect(driver.run(entra(service)).token == "msi")
    #expect(driver.header("x-identity-header", of: 2) == "of the service")
  }

  @Test func withoutAnythingTheReasonsAreTold() {
    var driver = FetchDriver()
    let failure = driver.run(entra([:])).failure
    #expect(failure?.summary == "no Microsoft Entra credentials were found")
    #expect(failure?.detail.contains("AZURE_TENANT_ID and AZURE_CLIENT_ID") == true)
    #expect(failure?.detail.contains("cannot be reached: connection refused") == true)
  }

  // MARK: Files

  @Test func aKeyFileHoldsOneKey() {
    var driver = FetchDriver(files: ["/key": " sk-file\n", "/two": "a b", "/none": "\n"])
    #expect(driver.run(KeyFileFetch(path: "/key")).token == "sk-file")
    for path in ["/two", "/none", "/gone"] {
      #expect(driver.run(KeyFileFetch(path: path)).failure?.summary.contains(path) == true)
    }
  }
}
